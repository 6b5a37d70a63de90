# SQLite by python's module: 20000 inserts, an index, range and point queries, updates; each step timed inside.
needs="python3"

bench()
{
	"${prefix[@]}" python3 "$here/apps/sqlite.py" "/tmp/appbench-$$.db" </dev/null >"$dir/times"
	while read -r name ms; do sample "$name" latency "$ms" ms; done <"$dir/times"
}
