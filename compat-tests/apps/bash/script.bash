# Everything it prints is the same in every run.
set -u

section() { echo "== $1"; }

section arguments
echo "$# [$*]"
for a in "$@"; do echo "<$a>"; done
shift 2
echo "$1"

section arrays
list=(pear apple fig "dried plum")
list+=(kiwi)
echo "${#list[@]} ${list[3]} ${list[@]:1:2} ${list[-1]}"
declare -A price=([pear]=3 [fig]=12 [kiwi]=7)
for k in $(printf '%s\n' "${!price[@]}" | sort); do echo "$k=${price[$k]}"; done
mapfile -t lines < <(printf 'line %d\n' 1 2 3)
echo "${lines[2]} of ${#lines[@]}"
readarray -t sorted < <(printf '%s\n' "${list[@]}" | sort)
echo "${sorted[*]}"

section expansion
path=/usr/share/doc/thing.tar.gz
echo "${path##*/} ${path%.*} ${path%%.*} ${path/doc/info} ${path^^} ${#path} ${path:5:5}"
echo {a..e}{1,2} $((0x1f * 3 - (7 % 4) ** 2)) $((1 << 40))
unset nothing
echo "${nothing:-default}" "${nothing:=assigned}" "$nothing"
printf '%05d|%-8s|%x|%q\n' 42 left 255 "it's quoted"

section functions
factorial() { (($1 < 2)) && echo 1 || echo $(($1 * $(factorial $(($1 - 1))))); }
factorial 12
swap() { local -n x=$1 y=$2; local t=$x; x=$y; y=$t; }
p=1 q=2; swap p q; echo "$p $q"

section pipelines
seq 1 1000 | awk '{ s += $1 } END { print s }'
printf '%s\n' c b a d | sort | tee >(cat >/dev/null) | tr a-z A-Z | paste -sd,
false | true | (exit 3); echo "${PIPESTATUS[*]}"
set -o pipefail; false | true; echo "pipefail $?"; set +o pipefail
yes | head -n 100000 | wc -l
for i in 1 2 3 4 5; do echo "$i"; done | while read -r n; do echo -n "$((n * n)) "; done; echo

section here-documents
cat <<-END
	indented $((2 + 2)) $(echo substituted)
	END
cat <<'END'
not $expanded `here`
END
tr a-z A-Z <<<"a here-string"

section subshells
v=outer; (v=inner; cd /; echo "$v $PWD"); echo "$v"
echo "depth $BASH_SUBSHELL $(echo $BASH_SUBSHELL $(echo $BASH_SUBSHELL))"
(exit 7); echo "status $?"
{ echo out; echo err >&2; } 2>&1 | sort
exec 5>descriptor.txt; echo "to five" >&5; exec 5>&-; cat descriptor.txt
coproc UP { while read -r l; do echo "${l^^}"; done; }
echo "spoken to" >&"${UP[1]}"; read -r answer <&"${UP[0]}"; echo "$answer"
exec {UP[1]}>&-; wait "$UP_PID"; echo "coproc $?"

section traps
trap 'echo "usr1"' USR1
kill -USR1 $$
trap 'echo "term in $1"' TERM; kill -TERM $$; trap - TERM
(trap 'echo "leaving subshell"' EXIT; echo "in it")
bash -c 'trap "echo got int; exit 5" INT; kill -INT $$; echo not reached'; echo "status $?"
bash -c 'kill -KILL $$'; echo "status $?"
trap 'echo "error at line"' ERR; false; trap - ERR

section jobs
sleep 0.1 & wait $!; echo "waited $?"
for i in 1 2 3 4; do (sleep 0.0$i; exit "$i") & pids[i]=$!; done
for i in 4 3 2 1; do wait "${pids[i]}"; echo "job $i: $?"; done
sleep 30 & kill %1; wait %1 2>/dev/null; echo "killed $?"
set -m
sleep 30 & kill -STOP %1; sleep 0.1; jobs %1 | sed 's/  */ /g'
bg %1 >/dev/null; sleep 0.05; jobs -r %1 | sed 's/  */ /g'; kill %1; wait %1 2>/dev/null; echo "ended $?"
set +m
mkfifo channel; (echo "through the fifo" >channel) & cat channel; wait
bash -c 'wait -n 2>/dev/null; echo "nothing to wait for $?"' # bash itself may or may not have forgotten jobs that ended

section files
mkdir -p a/b/c; for i in 1 2 3; do echo "$i" >a/b/f$i; done
shopt -s globstar nullglob extglob
echo a/** none* a/b/!(f2)
[[ -d a/b && -f a/b/f1 && ! -e nowhere && a/b/f1 -ot a/b/f3 || -s a/b/f3 ]] && echo tests
[[ "file-2026.txt" =~ ^([a-z]+)-([0-9]+)\.txt$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
while IFS=: read -r user _ uid _; do [[ $user == root ]] && echo "$user is $uid"; done </etc/passwd
test -t 0 || echo "no terminal"
case $(uname -s) in Linux) echo linux;; *) echo other;; esac
declare -f swap | head -n 3
getopt_demo() { local OPTIND o; while getopts "ab:" o; do echo "opt $o ${OPTARG-}"; done; }
getopt_demo -a -b value
eval 'echo "evaluated $((6 * 7))"'
printf -v made '%s-%s' x y; echo "$made"
time_out=$( { TIMEFORMAT=%R; time sleep 0.2; } 2>&1 ); [[ $time_out == 0.2* || $time_out == 0.3* ]] && echo "timed"
echo "end"
