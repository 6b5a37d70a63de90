# SQLite by python's module: 20000 inserts, an index, range and point queries, updates (mix.py); each step timed inside.
needs="/usr/bin/python3"

bench()
{
	database=/tmp/appbench-$$.db
	"${prefix[@]}" /usr/bin/python3 -I "$here/mix.py" "$database" </dev/null 2>"$dir/log" >"$dir/times" || {
		tail -n 1 "$dir/log" >&2
		return 1
	}
	while read -r name ms; do sample "$name" latency "$ms" ms; done <"$dir/times"
}
