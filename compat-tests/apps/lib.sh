# lib.sh: what the applications' scripts may use; sourced by run.sh --worker before app.sh.
# Variables: SYSTEM (empty, or the command that runs a program in the enclave), HERE (the application's directory),
# DATA (what setup made, read only for the workload), RUN (current directory of the workload, empty at its start).

# A line for the table's last column: a number worth seeing, not compared.
note() {
	echo "$*" >>"$NOTES"
}

# A TCP port of 127.0.0.1 that nobody uses now.
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_port PORT [SECONDS]: until somebody listens there.
wait_port() {
	local end=$((SECONDS + ${2:-20}))
	until (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
		((SECONDS < end)) || { echo "nobody listens on port $1" >&2; return 1; }
		sleep 0.1
	done
}

# wait_idle PORT [SECONDS]: until the server there has closed what clients left behind: no socket of it but those that
# listen (0A), and what only the kernel still knows of (06, TIME_WAIT).
wait_idle() {
	local end=$((SECONDS + ${2:-20}))
	while awk -v port=":$(printf %04X "$1")\$" '$2 ~ port && $4 != "0A" && $4 != "06" { open = 1 } END { exit !open }' /proc/net/tcp; do
		((SECONDS < end)) || { echo "the server on port $1 does not let its clients go" >&2; return 1; }
		sleep 0.1
	done
}

# stop_server PID SIGNAL: asks it to end; prints how it ended (143 and the like count as the signal's work).
stop_server() {
	local status=0
	kill -s "$2" "$1"
	wait "$1" || status=$?
	echo "server ended: $status"
}

# words N SEED: N reproducible lines "number word word".
words() {
	awk -v n="$1" -v seed="$2" 'BEGIN {
		srand(seed)
		for (i = 1; i <= n; i++)
			printf "%d %c%c%c%c %d\n", i, 97 + int(rand() * 26), 97 + int(rand() * 26),
			       97 + int(rand() * 26), 97 + int(rand() * 26), int(rand() * 1000)
	}'
}
