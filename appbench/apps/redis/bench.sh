# redis-server without persistence; redis-benchmark outside. rtt: one client; get, set: 50; pipe: 50 clients, 16 requests under way.
needs="redis-server redis-benchmark redis-cli"

load()
{
	local case=$1

	shift
	sample "$case" throughput "$(redis-benchmark -p "$port" --csv "$@" 2>/dev/null |
		awk -F'"' 'END { print $4 / 1000 }')" k/s
}

bench()
{
	port=$(free_port)
	start redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly no --dir /tmp
	wait_port "$port"
	load rtt -c 1 -t get -n $((SECONDS_EACH * 8000))
	load get -c 50 -t get -n $((SECONDS_EACH * 40000))
	load set -c 50 -t set -n $((SECONDS_EACH * 40000))
	load pipe -c 50 -P 16 -t get -n $((SECONDS_EACH * 250000))
	redis-cli -p "$port" shutdown nosave >/dev/null 2>&1 || true
	wait "$server" || true
}
