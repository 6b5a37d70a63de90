#!/bin/bash
# Runs one application once on one system: run.sh SYSTEM APP DIR [WORDS THAT START A PROGRAM ON IT...]
#
# apps/APP/bench.sh has a function bench(), which starts the program by "${prefix[@]}" and says `sample CASE METRIC
# VALUE UNIT`. Samples go to stdout as those of a microbenchmark, so microbench/run.sh treats both alike. Clients run
# outside, natively, for all systems. `needs` names programs that must be there: without them the status is 77.
#
# SECONDS_EACH: how long a load lasts (1, with FULL 2). Files of a run lie in DIR/APP-SYSTEM/.
set -u
set -o pipefail
export LC_ALL=C

cd "$(dirname "$0")/.." || exit 1
system=$1 app=$2 dir=$3/$2-$1
shift 3
prefix=("$@")
here=$PWD/appbench/apps/$app
FULL=${FULL:-}
SECONDS_EACH=${SECONDS_EACH:-$([ -n "$FULL" ] && echo 2 || echo 1)}
server=

sample()
{
	[ -n "$3" ] || { echo "$app: no value for $1" >&2; return 1; }
	echo "$app,$1,$2,$3,$4"
}

free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_port()
{
	local i

	for ((i = 0; i < 300; i++)); do
		(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
		sleep 0.05
	done
	echo "nobody listens on port $1: $(tail -n 1 "$dir/log")" >&2
	return 1
}

# start COMMAND...: in the background; its process is $server and leads a group, as some servers signal theirs.
start()
{
	setsid "${prefix[@]}" "$@" </dev/null >>"$dir/log" 2>&1 &
	server=$!
}

stop()
{
	kill "-$1" "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	server=
}

# http_load CASE CONNECTIONS URL: by wrk, or ab where there is none; connections stay open. `needs="$http_client"`.
http_client=$(command -v wrk >/dev/null || ! command -v ab >/dev/null && echo wrk || echo ab)

http_load()
{
	"load_by_$http_client" "$@" || return
	sample "$1" throughput "$(awk '/^Requests.sec|^Requests per second/ { print $(NF > 2 ? 4 : 2) / 1000 }' "$dir/load")" k/s
}

load_by_wrk()
{
	wrk -t 1 -c "$2" -d "$SECONDS_EACH" --latency "$3" >"$dir/load" || return
	grep 'Non-2xx' "$dir/load" >&2 && return 1
	sample "$1" latency "$(awk '$1 == "50%" { print $2 * ($2 ~ /us$/ ? 1 : $2 ~ /ms$/ ? 1000 : 1000000) }' "$dir/load")" us
}

load_by_ab()
{
	ab -q -k -t "$SECONDS_EACH" -n 100000000 -c "$2" "$3" >"$dir/load" || return
	grep 'Non-2xx' "$dir/load" >&2 && return 1
	sample "$1" latency "$(awk '/^Time per request/ { print $4 * 1000; exit }' "$dir/load")" us
}

# A directory that the program may write and its children see: its own RAM or, where each process has an enclave
# of its own, one that the host shares.
shared_dir()
{
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/appbench-XXXXXX")
	[[ $system != eip* ]] || prefix+=(--rw "$scratch")
}

# repeat CASE COMMAND...: COMMAND prints a line each time it has done its work once. The time from line to line
# is a sample; the first line ends the warm-up. Thus the start of the system is not in the number.
repeat()
{
	local case=$1

	shift
	"${prefix[@]}" "$@" </dev/null 2>"$dir/log" | stamp >"$dir/stamps" || {
		echo "$app $case: $(tail -n 2 "$dir/log" | tr '\n' ' ')" >&2
		return 1
	}
	awk -v name="$app,$case,latency" 'NR > 1 { printf "%s,%.6g,ms\n", name, ($1 - last) * 1000 } { last = $1 }' \
		"$dir/stamps"
	[ "$(wc -l <"$dir/stamps")" -ge 2 ] || { echo "$app $case: fewer than two rounds were done" >&2; return 1; }
}

stamp()
{
	local line

	while read -r line; do echo "$EPOCHREALTIME"; done
}

clean_up()
{
	[ -z "$server" ] || kill -- "-$server" 2>/dev/null || true
	[ -z "${scratch:-}" ] || rm -rf "$scratch"
	[ -z "${database:-}" ] || rm -f "$database" "$database-journal"
}

main()
{
	[ -f "$here/bench.sh" ] || { echo "unknown application '$app'" >&2; exit 2; }
	mkdir -p "$dir" || exit 2
	needs=
	. "$here/bench.sh"
	for program in $needs; do
		command -v "$program" >/dev/null || { echo "there is no $program on this machine" >&2; exit 77; }
	done
	trap clean_up EXIT
	trap 'exit 143' TERM
	set -e
	bench
	exit 0
}

main
