#!/bin/bash
# Runs the microbenchmarks on every system and writes results/<run>/.
#
# Of each job all rounds are run with the systems in turn (A B A B), so that a drift of
# the machine meets all of them. A job that fails on a system is noted and the others go
# on; the exit status is then 1. Ctrl-C ends the measuring, writes what there is and marks
# it "partial" in env.json; the exit status is then 130.
#
# From the environment:
#   BUILD     build directory                               (build)
#   BENCH     comma list, of the names in list_jobs()       (all)
#   SYSTEMS   systems, the baseline first                   ("linux sip")
#   ROUNDS    rounds of every job                           (3)
#   OCCLUM    the occlum command                            ($BUILD/occlum)
#   SYSTEM_x  the command that runs a program on a system "x" which is not known here
#   RESULTS   where runs are written                        (results)
set -u
set -o pipefail
export LC_ALL=C

cd "$(dirname "$0")/.." || exit 1
BUILD=$(realpath -m "${BUILD:-build}")
BENCH=${BENCH:-syscall,ctxswitch,thread,signal,ipc,spawn,fork,script,pipe,tcp,boot}
ROUNDS=${ROUNDS:-3}
OCCLUM=$(realpath -ms "${OCCLUM:-$BUILD/occlum}")
RESULTS=${RESULTS:-results}
read -ra systems <<<"${SYSTEMS:-linux sip}"

readonly bin=$BUILD/microbench
readonly job_timeout=30		# seconds; a run of a job takes 0.1 to 5
readonly cold_starts=4		# runs of a -cold job in a round
readonly spawn_cases="static-pie-14k busybox dynamic-glibc static-pie-14m"

started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
rev=$(git rev-parse --short HEAD 2>/dev/null || echo norev)
run=$(date -u +%Y%m%d-%H%M%S)-$rev
work=$bin/runs/$run
out=$RESULTS/$run
partial=false
child=
declare -A failed=()		# "system job" -> reason

# The words that stand before a program's path to run it on a system.
system_prefix()
{
	local var=SYSTEM_$1

	case $1 in
	linux) prefix=() ;;
	sip) prefix=("$OCCLUM" try) ;;
	*) read -ra prefix <<<"${!var:-}"
	   [ ${#prefix[@]} -gt 0 ] || die "unknown system '$1' (set $var to its command)" ;;
	esac
}

die()
{
	echo "run.sh: $*" >&2
	exit 2
}

# A job is what one start of a program measures, its words are the program and the case.
list_jobs()
{
	local bench c

	for bench in ${BENCH//,/ }; do
		case $bench in
		syscall) printf 'syscall %s\n' getpid trapped ;;
		ctxswitch) echo 'ctxswitch yield-2' ;;
		thread) printf 'thread %s\n' {create-join,futex-threads,futex-processes}{,-1cpu} ;;
		signal) printf 'signal %s\n' self process process-1cpu ;;
		ipc) printf 'ipc %s\n' {unix-stream,unix-dgram,unix-stream-fork,eventfd}{,-1cpu} unix-named mq msg ;;
		spawn) for c in $spawn_cases; do printf 'spawn %s\n' "$c-cold" "$c"; done ;;
		fork) printf 'fork %s\n' exit-{2m,64m,1g} touch-64m exec-{static-pie,busybox,dynamic} ;;
		script) printf 'script %s\n' busybox bash subshell ;;
		tcp) printf 'tcp %s\n' echo-{1,16,128} bulk-1 ;;
		pipe) printf 'pipe %s\n' rtt-1 rtt-1-1cpu tput-{16,64,256,1024,4096,16384,65536} ;;
		boot) printf 'boot %s\n' true busybox ;;
		*) die "unknown bench '$bench'" ;;
		esac
	done
}

job_command()
{
	local system=$1 job=$2

	system_prefix "$system"
	case $job in
	"boot true") cmd=("$bin/boot" true "${prefix[@]}" /bin/true) ;;
	"boot busybox") cmd=("$bin/boot" busybox "${prefix[@]}" "$bin/helpers/busybox" true) ;;
	tcp\ *) cmd=("$bin/tcp" "${job#* }" "${prefix[@]}") ;;
	*) cmd=("${prefix[@]}" "$bin/${job%% *}" "${job#* }") ;;
	esac
}

# Compares the program's clock with ours. It may have started late, as its system boots first.
clock_is_right()
{
	awk -v outer="$1" '
		/^# elapsed_s / { inner = $3; seen = 1 }
		END { exit !(seen && inner <= outer * 1.05 + 0.05 && inner >= outer * 0.8 - 2) }
	' "$work/stdout"
}

fail_job()
{
	failed["$1 $2"]=$3
	printf 'FAILED on %s: %s\n    ' "$1" "$3" >&2
}

save_samples()
{
	local system=$1 bench=$2 round=$3

	awk -F, -v OFS=, -v sys="$system" -v round="$round" -v bench="$bench" \
		'NF == 5 && $1 == bench { print sys, round, $0 }' "$work/stdout" >>"$work/raw.csv"
}

# Runs a job once. Its samples count only if it ends well.
run_job()
{
	local system=$1 job=$2 round=$3 start=$EPOCHREALTIME seconds status

	job_command "$system" "$job"
	timeout -k 5 $job_timeout "${cmd[@]}" </dev/null >"$work/stdout" 2>"$work/stderr" &
	child=$!
	wait $child
	status=$?
	child=
	$partial && return
	seconds=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
	cat "$work/stderr" >>"$work/log"
	if [ $status -eq 124 ]; then
		fail_job "$system" "$job" "no end after $job_timeout s"
	elif [ $status -ne 0 ]; then
		fail_job "$system" "$job" "status $status: $(tail -n 1 "$work/stderr" | cut -c -200)"
	elif ! clock_is_right "$seconds"; then
		fail_job "$system" "$job" "its clock disagrees with the host's"
	else
		save_samples "$system" "${job%% *}" "$round"
	fi
}

run_rounds()
{
	local job=$1 round system i starts=1

	[[ $job == *-cold ]] && starts=$cold_starts
	for ((round = 0; round < ROUNDS; round++)); do
		for system in "${systems[@]}"; do
			[ -n "${failed["$system $job"]:-}" ] && continue
			for ((i = 0; i < starts; i++)); do
				$partial || run_job "$system" "$job" $round
			done
		done
	done
}

json_string()
{
	local s=$1

	s=${s//\\/\\\\}
	s=${s//\"/\\\"}
	s=${s//[[:cntrl:]]/ }
	printf '"%s"' "$s"
}

json_list()
{
	local sep= s

	printf '['
	for s in "$@"; do
		printf '%s%s' "$sep" "$(json_string "$s")"
		sep=', '
	done
	printf ']'
}

write_failures()
{
	local key sep=

	printf '['
	for key in "${!failed[@]}"; do
		printf '%s\n    { "system": %s, "job": %s, "reason": %s }' "$sep" \
			"$(json_string "${key%% *}")" "$(json_string "${key#* }")" \
			"$(json_string "${failed[$key]}")"
		sep=,
	done
	printf ']'
}

write_env()
{
	local dirty=false occlum_version

	[ -n "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] && dirty=true
	occlum_version=$(timeout 5 "$OCCLUM" --version 2>/dev/null | head -n 1)
	cat <<EOF
{
  "run": $(json_string "$run"),
  "date": $(json_string "$started"),
  "git_rev": $(json_string "$rev"),
  "git_dirty": $dirty,
  "cpu_model": $(json_string "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"),
  "cpus": $(nproc),
  "hypervisor": $(json_string "$(systemd-detect-virt --vm 2>/dev/null || sed -n '/^flags.*hypervisor/{s/.*/yes/p;q}' /proc/cpuinfo)"),
  "memory_kib": $(awk '/^MemTotal/ { print $2 }' /proc/meminfo),
  "kernel": $(json_string "$(uname -srv)"),
  "distribution": $(json_string "$(. /etc/os-release && echo "$PRETTY_NAME")"),
  "libc": $(json_string "$(getconf GNU_LIBC_VERSION)"),
  "compiler": $(json_string "$("${CC:-cc}" --version | head -n 1)"),
  "load_before": $(json_string "$load_before"),
  "occlum": $(json_string "$occlum_version"),
  "cost_model": $(json_string "${OCCLUM_COST_MODEL:-off}"),
  "systems": $(json_list "${systems[@]}"),
  "benches": $(json_list ${BENCH//,/ }),
  "rounds": $ROUNDS,
  "partial": $partial,
  "failed": $(write_failures)
}
EOF
}

on_interrupt()
{
	partial=true
	[ -n "$child" ] && kill "$child" 2>/dev/null
}

write_results()
{
	mkdir -p "$out"
	write_env >"$out/env.json"
	"$bin/stats" csv <"$work/raw.csv" >"$out/micro.csv" || die "cannot make statistics"
	ln -sfn "$run" "$RESULTS/latest"
	echo
	$partial && echo "Interrupted: these results are partial."
	"$bin/stats" table "${systems[@]}" <"$work/raw.csv"
	echo
	echo "The last column: how many times better than ${systems[0]} [least .. most of one round]."
	[ ${#systems[@]} -gt 1 ] && echo "Samples: $work/raw.csv"
	echo "Results: $out"
	plots/draw.sh "$out"
}

[[ $ROUNDS =~ ^[1-9][0-9]{0,2}$ ]] || die "ROUNDS=$ROUNDS is not a number from 1 to 999"
for system in "${systems[@]}"; do system_prefix "$system"; done
jobs=$(list_jobs) || exit 2
[ -e "$work" ] && die "$work exists already; two runs in one second?"
mkdir -p "$work" || exit 2
: >"$work/raw.csv"
load_before=$(cut -d ' ' -f 1-3 /proc/loadavg)
trap on_interrupt INT TERM

while read -r job; do
	$partial && break
	printf '%-26s ' "$job"
	start=$EPOCHREALTIME
	run_rounds "$job"
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s\n", b - a }'
done <<<"$jobs"

trap '' INT TERM
[ -s "$work/raw.csv" ] || die "no sample was taken; see $work/log"
write_results
$partial && exit 130
if [ ${#failed[@]} -gt 0 ]; then
	echo
	for key in "${!failed[@]}"; do
		echo "FAILED on ${key%% *}: ${key#* }: ${failed[$key]}"
	done | sort
	exit 1
fi
