# PostgreSQL as user postgres: initdb, the postmaster with its processes, psql and pgbench (outside, over TCP), restart, shutdown.
packages="postgresql postgresql-contrib"
limit=150
root_only=yes

# The cluster lies where both systems may write; in the enclave that is memory.
workload() {
	local port bin
	port=$(free_port)
	bin=$(echo /usr/lib/postgresql/*/bin)
	chmod 777 "$RUN"
	# shellcheck disable=SC2086
	BIN=$bin PORT=$port $SYSTEM bash "$HERE/server.bash" >server.log 2>&1 &
	server=$!
	if ! wait_port "$port" 90; then
		cat server.log >&2
		return 1
	fi
	export PGHOST=127.0.0.1 PGPORT=$port PGUSER=postgres PGDATABASE=postgres PSQLRC=/dev/null
	for _ in $(seq 300); do pg_isready -q && break; sleep 0.1; done
	psql -qAt <"$HERE/script.sql" 2>&1 | sed 's/PID [0-9]*/PID/'
	pgbench -q -i -s 1 2>&1 | grep -c 'done'
	pgbench -n -c 4 -j 2 -t 250 2>/dev/null | grep -E 'number of transactions actually|failed' | sed 's/:.*: */: /'
	note "$(pgbench -n -S -c 4 -j 2 -T 2 2>/dev/null | awk '/^tps/ { printf "select=%d/s", $3 }')"
	psql -qAt -c 'select count(*), sum(abalance) = (select sum(delta) from pgbench_history) from pgbench_accounts'
	psql -qAt -c 'vacuum analyze' -c 'checkpoint' -c "select count(*) > 4 from pg_stat_activity"
	stop_server "$server" TERM
	grep -v "^$" server.log | tail -n 1
}
