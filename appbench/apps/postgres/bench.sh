# PostgreSQL, initialised and served as user postgres; pgbench outside. Root only. select: reads alone; tpcb: pgbench's own mix.
needs="pgbench pg_isready setpriv"

pgbench_load()
{
	local case=$1

	shift
	sample "$case" throughput "$(pgbench -n -c 4 -j 1 -T "$SECONDS_EACH" "$@" 2>/dev/null |
		awk '/^tps/ { print $3 / 1000 }')" k/s
}

bench()
{
	[ "$(id -u)" = 0 ] && id postgres >/dev/null 2>&1 && ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || {
		echo "PostgreSQL's server must be installed and be started by root, as user postgres" >&2
		exit 77
	}
	port=$(free_port)
	start bash "$here/server.bash" "/tmp/appbench-pg-$$" "$port"
	export PGHOST=127.0.0.1 PGPORT=$port PGUSER=postgres PGDATABASE=postgres
	for _ in $(seq 900); do pg_isready -q && break; sleep 0.1; done
	pgbench -q -i -s 1 >/dev/null 2>&1
	pgbench_load select -S
	pgbench_load tpcb
	stop TERM
}
