# memcached with four threads: native clients outside, text protocol, many connections at once.
packages="memcached python3"

workload() {
	local port server
	port=$(free_port)
	$SYSTEM memcached -u root -l 127.0.0.1 -p "$port" -U 0 -t 4 -m 64 &
	server=$!
	wait_port "$port" || return
	python3 "$HERE/client.py" "$port"
	stop_server "$server" TERM
}
