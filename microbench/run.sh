#!/bin/bash
# Runs the benchmarks on every system and writes results/<run>/: make bench. The parts lie in harness/.
#
# The exit status is 0; 1 if a job failed on some system or the time did not suffice for one round; 2 for a wrong argument; 130 after Ctrl-C.
#
# From the environment:
#   BENCH       comma list of benches and applications      (micro,apps)
#   SYSTEMS     systems, the baseline first                 (linux sip eip sip+icx eip+icx)
#   FULL        not empty: more rounds, more cases, no time limit
#   ROUNDS      rounds of every job at most                 (3; FULL 5)
#   LOAD_TRIES  how often a disturbed job is run again      (2)
#   TIME_LIMIT  seconds of measuring, 0: none               (640; FULL 0)
#   COUNTERS    off: do not count cache misses and the like
#   OCCLUM      the occlum command                          ($BUILD/occlum)
#   EIP_SIZE    size of a process's own enclave             (256M)
#   SYSTEM_x    the command that runs a program on a system "x" which is not known here
#   BUILD, RESULTS, FIGURES   build directory, where runs and figures are written (build, results, plots/out)
set -u
set -o pipefail
export LC_ALL=C

cd "$(dirname "$0")/.." || exit 1
here=$PWD/microbench
for part in systems jobs load counters rounds env preflight; do . "$here/harness/$part.sh"; done

die()
{
	echo "make bench: $*" >&2
	exit 2
}

FULL=${FULL:-}
BUILD=$(realpath -m "${BUILD:-build}")
BENCH=${BENCH:-micro,apps}
ROUNDS=${ROUNDS:-$([ -n "$FULL" ] && echo 5 || echo 3)}
TIME_LIMIT=${TIME_LIMIT:-$([ -n "$FULL" ] && echo 0 || echo 640)}
OCCLUM=$(realpath -ms "${OCCLUM:-$BUILD/occlum}")
RESULTS=${RESULTS:-results}
FIGURES=${FIGURES:-plots/out}
CC=${CC:-cc}
read -ra asked <<<"${SYSTEMS:-$(systems_default)}"
systems=("${asked[@]}")
export FULL

readonly bin=$BUILD/microbench
started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
began=$SECONDS
rev=$(git rev-parse --short HEAD 2>/dev/null || echo norev)
run=$(date -u +%Y%m%d-%H%M%S)-$rev
while [ -e "$bin/runs/$run" ]; do	# another one of this second
	sleep 0.1
	run=$(date -u +%Y%m%d-%H%M%S)-$rev
done
work=$bin/runs/$run
out=$RESULTS/$run
export OCCLUM_EIP_STATS=$work/eip-stats
partial=false partial_why= interrupted=false
child=
rounds_done=0
declare -A failed=()		# "system job" -> reason
declare -A skipped=()		# job -> reason
declare -a warnings=()

# Statistics of one kind of samples, if there are any: write_csv micro
write_csv()
{
	[ -s "$work/raw-$1.csv" ] || return 0
	"$bin/stats" csv <"$work/raw-$1.csv" >"$out/$1.csv" || die "cannot write $out/$1.csv"
	echo
	grep -v ',breakdown,' "$work/raw-$1.csv" | "$bin/stats" table "${systems[@]}"
}

write_results()
{
	mkdir -p "$out" && write_env >"$out/env.json" || die "cannot write $out/env.json"
	ln -sfn "$run" "$RESULTS/latest"
	write_csv micro
	write_csv app
	write_counters
	echo
	echo "Medians; with \"x\": how many times better than ${systems[0]} [least .. most of one round]."
	echo "Not measured: the overhead of software fault isolation between processes; there is none yet."
	load_say
	$partial && echo "These results are partial: $partial_why."
	echo "Samples: $work"
	echo "Results: $out"
	plots/draw.sh "$out" "$FIGURES" && plots/report.sh "$out" "$FIGURES"
}

list_failures()
{
	local key

	for key in "${!failed[@]}"; do
		echo "FAILED on ${key%% *}: ${key#* }: ${failed[$key]}"
	done | sort
}

# A function, because bash reads a script while it runs it, and a run is long.
main()
{
	[[ $ROUNDS =~ ^[1-9][0-9]{0,2}$ ]] || die "ROUNDS=$ROUNDS is not a number from 1 to 999"
	[[ $TIME_LIMIT =~ ^[0-9]{1,6}$ ]] || die "TIME_LIMIT=$TIME_LIMIT is not a number of seconds"
	[[ $LOAD_TRIES =~ ^[0-9]{1,3}$ ]] || die "LOAD_TRIES=$LOAD_TRIES is not a number up to 999"
	for system in "${systems[@]}"; do system_prefix "$system"; done
	jobs=$(list_jobs) || exit 2
	check_tools
	check_room "$RESULTS" "$bin" "${TMPDIR:-/tmp}"
	check_load
	mkdir -p "$work/jobs" || exit 2
	load_before=$(cut -d ' ' -f 1-3 /proc/loadavg)
	trap on_interrupt INT TERM
	systems_probe
	counters_probe
	say_estimate
	run_rounds

	trap '' INT TERM
	[ -s "$work/raw-micro.csv" ] || [ -s "$work/raw-app.csv" ] || { list_failures; die "no sample was taken; see $work/log"; }
	write_results
	$interrupted && exit 130
	[ ${#failed[@]} -eq 0 ] || { echo; list_failures; exit 1; }
	$partial && exit 1
	exit 0
}

main
