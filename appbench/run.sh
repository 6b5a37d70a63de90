#!/bin/bash
# Runs the application benchmarks on every system, in turn (A B A B), and writes results/<run>/app.csv.
#
# An application is a file apps/NAME.sh with a function bench(), which starts the program by "${prefix[@]}"
# and says `sample CASE METRIC VALUE UNIT`. Clients run outside, natively, for all systems.
#
# From the environment:
#   BUILD    build directory                                  (build)
#   APPS     comma list of applications                       (redis,nginx,lighttpd,sqlite; FULL=1: all)
#   SYSTEMS  systems, the baseline first                      ("linux sip")
#   ROUNDS   rounds of every application                      (3)
#   SECONDS_EACH  how long a load lasts                       (2)
#   RESULTS  where runs are written                           (results)
set -u
set -o pipefail
export LC_ALL=C

cd "$(dirname "$0")/.." || exit 1
here=$PWD/appbench
BUILD=$(realpath -m "${BUILD:-build}")
RESULTS=$(realpath -m "${RESULTS:-results}")
APPS=${APPS:-redis,nginx,lighttpd,sqlite${FULL:+,postgres}}
ROUNDS=${ROUNDS:-3}
SECONDS_EACH=${SECONDS_EACH:-2}
read -ra systems <<<"${SYSTEMS:-linux sip}"

readonly stats=$BUILD/microbench/stats
run=$(date -u +%Y%m%d-%H%M%S)-$(git rev-parse --short HEAD 2>/dev/null || echo norev)
work=$BUILD/appbench/$run
out=$RESULTS/$run
failed=0

system_prefix()
{
	local var=SYSTEM_$1

	case $1 in
	linux) prefix=() ;;
	sip) prefix=("$BUILD/occlum" try) ;;
	*) read -ra prefix <<<"${!var:-}" ;;
	esac
}

# ---- for the applications ----

sample()
{
	echo "$system,$round,$app,$1,$2,$3,$4" >>"$work/raw.csv"
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
	echo "nobody listens on port $1" >&2
	return 1
}

# start COMMAND...: in the background; its process is $server.
start()
{
	"${prefix[@]}" "$@" </dev/null >>"$dir/log" 2>&1 &
	server=$!
}

stop()
{
	kill "-$1" "$server" 2>/dev/null
	wait "$server" 2>/dev/null
}

# wrk_load CASE CONNECTIONS URL
wrk_load()
{
	wrk -t 1 -c "$2" -d "$SECONDS_EACH" --latency "$3" >"$dir/wrk" || return
	sample "$1" throughput "$(awk '/^Requests.sec/ { print $2 / 1000 }' "$dir/wrk")" k/s
	sample "$1" latency "$(awk '$1 == "50%" { v = $2 + 0; if ($2 ~ /ms/) v *= 1000; print v }' "$dir/wrk")" us
}

# ---- the rounds ----

run_app()
{
	dir=$work/$app-$system-$round
	mkdir -p "$dir"
	system_prefix "$system"
	server=
	if ! (set -e; bench) 2>>"$dir/log"; then
		echo "FAILED on $system: $app (see $dir/log)"
		failed=1
	fi
}

for system in "${systems[@]}"; do
	system_prefix "$system"
	[ "$system" = linux ] || [ ${#prefix[@]} -gt 0 ] || { echo "unknown system '$system'" >&2; exit 2; }
done
mkdir -p "$work" "$out" || exit 2
: >"$work/raw.csv"
for app in ${APPS//,/ }; do
	[ -f "$here/apps/$app.sh" ] || { echo "unknown application '$app'" >&2; exit 2; }
	needs=
	. "$here/apps/$app.sh"
	for program in $needs; do
		command -v "$program" >/dev/null || { echo "$app: no $program on this machine, passed over"; continue 2; }
	done
	printf '%-12s ' "$app"
	begun=$EPOCHREALTIME
	for ((round = 0; round < ROUNDS; round++)); do
		for system in "${systems[@]}"; do run_app; done
	done
	awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s\n", b - a }'
done
[ -s "$work/raw.csv" ] || { echo "no sample was taken; see $work" >&2; exit 2; }
"$stats" csv <"$work/raw.csv" >"$out/app.csv"
echo
"$stats" table "${systems[@]}" <"$work/raw.csv"
echo
echo "The last column: how many times better than ${systems[0]} [least .. most of one round]."
echo "Results: $out/app.csv"
exit $failed
