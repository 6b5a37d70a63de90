# redis-server: native redis-cli and redis-benchmark outside; BGSAVE (fork), AOF rewrite, Lua, streams, restart from the dump.
packages="redis-server redis-tools"
limit=90

start() {
	$SYSTEM redis-server --port "$port" --bind 127.0.0.1 --dir "$RUN" --save "" --daemonize no --appendonly no \
		--enable-debug-command yes >"redis.log" 2>&1 &
	server=$!
	wait_port "$port"
}

cli() {
	redis-cli -p "$port" "$@"
}

workload() {
	port=$(free_port)
	start || return
	cli set k v
	cli get k
	cli eval 'for i = 1, 5000 do redis.call("set", "key:" .. i, string.rep("x", i % 100)) end return redis.call("dbsize")' 0
	cli rpush l a b c
	cli lrange l 0 -1
	cli zadd z 3 c 1 a 2 b
	cli zrange z 0 -1 withscores
	cli xadd s 1-1 f v
	cli xrange s - +
	cli set e x px 100
	sleep 0.3
	cli get e
	cli bgsave
	cli set after bgsave
	for _ in $(seq 50); do
		[[ $(cli info persistence) == *rdb_bgsave_in_progress:0* ]] && break
		sleep 0.1
	done
	cli info persistence | tr -d '\r' | grep -E 'rdb_last_bgsave_status|rdb_saves'
	cli config set appendonly yes
	sleep 1
	cli info persistence | tr -d '\r' | grep -E 'aof_last_bgrewrite_status|aof_last_write_status'
	cli debug digest
	note "$(redis-benchmark -p "$port" -q --csv -t set,get -n 20000 -c 16 | tail -n +2 | awk -F'"' '{ printf "%s=%d/s ", $2, $4 }')"
	cli debug reload
	cli dbsize >/dev/null
	cli shutdown nosave
	wait "$server"
	echo "server ended: $?"
}
