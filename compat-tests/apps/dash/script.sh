set -eu
count() { n=0; while [ "$n" -lt "$1" ]; do n=$((n + 1)); done; echo "$n"; }
count 20000
i=0
while [ $i -lt 60 ]; do
	v=$(echo "$i" | tr 0-9 a-j)
	i=$((i + 1))
done
echo "last $v"
x="a:b:c"; IFS=:; for p in $x; do printf '<%s>' "$p"; done; unset IFS; echo
( set +e; false; echo "false gives $?"; nosuchcommand 2>/dev/null; echo "missing gives $?" )
trap 'echo hup' HUP; kill -HUP $$
f=$(mktemp); cat >"$f" <<END
sum=$((40 + 2))
END
. "$f"; echo "$sum"; rm "$f"
seq 500 | sort -rn | head -n 3 | { read -r a; read -r b; echo "$a $b"; }
(sleep 0.05; echo background) & wait; echo done
sh -c 'exit 9' || echo "nested $?"
case abc in a*c) echo glob;; esac
set -- one two three; shift; echo "$# $1"
ls -d /usr/bin /nowhere 2>/dev/null || echo "ls $?"
command -v cat; type cd
trap 'echo bye' EXIT
