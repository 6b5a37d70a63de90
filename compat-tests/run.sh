#!/bin/bash
# Runs the compat tests: each program on this machine's Linux (the oracle) and, if it passes
# there, in the enclave; the verdicts are compared case by case. See README.md here. It runs ltp-subset too (--suite).
set -u
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
self=$here/run.sh

usage() {
	cat <<-USAGE
	usage: compat-tests/run.sh [options] [filter...]
	  --suite DIR         where <feature>/<name>.c are (default compat-tests); their programs are in BUILD/DIR (BUILD/compat)
	  --system linux|sip|eip|plain  linux: natively only; sip: natively, then in the enclave (default); eip: natively, then
	                      with an enclave for each process; plain: natively, then with --valgrind-friendly
	  --occlum PATH       the occlum command (default build/occlum); run as: PATH try PROGRAM
	  --jobs N            programs at a time (default 1)
	  --csv FILE          one line per case: program,case,native,enclave,ms,verdict,detail
	  --results DIR       DIR/compat.csv is that, DIR/syscalls.md which system calls there are and which tests make them
	  --timeout SECONDS   per program and system (default 60)
	  --build DIR         build directory (default build)
	  --expect FILE       known failures in the enclave (default compat-tests/expect.tbl, or DIR/known.tbl)
	  --no-make           do not build first
	  --list              only list the programs
	filter: a feature, or a prefix or glob of <feature>/<name>: fs, proc/stat, '*/*lock'
	USAGE
}

die() {
	echo "run.sh: $*" >&2
	exit 2
}

# run_limited LOG COMMAND...: in a process group of its own, killed as a whole at the time limit.
# Sets status (124: time limit).
run_limited() {
	local log=$1 started=$SECONDS
	shift
	# The braces: bash reports a death by a signal on its own stderr.
	{ timeout -k 3 "$TIMEOUT" "$@" >"$log" 2>"$log.err" </dev/null; } 2>/dev/null
	status=$?
	((status == 137 && SECONDS - started >= TIMEOUT)) && status=124
	return 0
}

# program_matches PROGRAM FILTER...
program_matches() {
	local program=$1 f
	shift
	(($# == 0)) && return 0
	for f in "$@"; do
		# shellcheck disable=SC2053
		[[ $program == $f/* || $f == */* && $program == $f* ]] && return 0
	done
	return 1
}

# Joins the case lines of both runs (the second may be "-") with the table of known failures and
# prints: verdict TAB first detail on the first line, then the CSV lines.
judge() {
	awk -v program="$1" -v native_status="$2" -v enclave_status="$3" \
	    -v native="$4" -v enclave="$5" -v table="$6" -v ms="$7" -f "$here/judge.awk" </dev/null
}

# run_one PROGRAM: its result goes to $RESULTS/<program>, one line to stdout.
run_one() {
	local program=$1 binary=$BINARIES/$1 log=$LOGS/$1 started verdict rest
	local native_status enclave_status=- enclave_started ms
	mkdir -p "$(dirname "$log")" "$(dirname "$RESULTS/$program")"
	started=${EPOCHREALTIME/./}
	enclave_started=$started
	run_limited "$log.linux" "$binary"
	native_status=$status
	# 32: parts of it do not apply here.
	if [[ $SYSTEM != linux && ($native_status == 0 || $native_status == 32) ]]; then
		# At this level the LibOS says at the end which system calls were made.
		enclave_started=${EPOCHREALTIME/./}
		if [[ $SYSTEM == eip ]]; then
			# Processes share files by the host only. Other users than ours have to reach them.
			TMPDIR=$(mktemp -d) && chmod 755 "$TMPDIR" || die "no temporary directory"
			export TMPDIR
			trap 'rm -rf "$TMPDIR"' EXIT
			trap 'exit 130' INT TERM HUP
			run_limited "$log.eip" "$OCCLUM" try --eip --enclave-size 32M --rw "$TMPDIR" "$binary"
		elif [[ $SYSTEM == plain ]]; then
			OCCLUM_LOG_LEVEL=${OCCLUM_LOG_LEVEL:-info} run_limited "$log.plain" "$OCCLUM" try --valgrind-friendly "$binary"
		else
			OCCLUM_LOG_LEVEL=${OCCLUM_LOG_LEVEL:-info} run_limited "$log.sip" "$OCCLUM" try "$binary"
		fi
		enclave_status=$status
	fi
	ms=$(((${EPOCHREALTIME/./} - enclave_started) / 1000))
	judge "$program" "$native_status" "$enclave_status" "$log.linux" "$log.$SYSTEM" "$EXPECT" "$ms" \
		>"$RESULTS/$program"
	IFS=$'\t' read -r verdict rest <"$RESULTS/$program"
	printf '%-5s %-32s %6d ms%s\n' "$verdict" "$program" \
		$(((${EPOCHREALTIME/./} - started) / 1000)) "${rest:+  $rest}"
}

list_programs() {
	local src program
	for src in "$root/$suite"/*/*.c; do
		program=${src#"$root/$suite"/}
		program=${program%.c}
		program_matches "$program" "$@" && echo "$program"
	done
}

count() {
	find "$RESULTS" -type f -exec head -qn1 {} + | grep -c "^\($1\)"$'\t'
}

summary() {
	local passed failed skipped known
	passed=$(count PASS)
	failed=$(count 'FAIL\|XPASS')
	skipped=$(count 'SKIP\|XFAIL')
	known=$(count XFAIL)
	((known)) && echo "$known of the skipped are known failures, see $EXPECT"
	((failed)) && echo "logs: $LOGS/<feature>/<name>.$SYSTEM (stderr: .$SYSTEM.err)"
	echo "$passed passed, $failed failed, $skipped skipped"
	((failed == 0 && passed + skipped > 0))
}

parse_options() {
	SYSTEM=sip OCCLUM='' JOBS=1 CSV='' OUT='' TIMEOUT=60 BUILD=$root/build EXPECT='' suite=compat-tests
	while (($#)); do
		case $1 in
		--system|--occlum|--jobs|--csv|--results|--timeout|--build|--expect|--suite)
			(($# >= 2)) || die "$1 needs a value";;&
		--suite) suite=$2; shift;;
		--system) SYSTEM=$2; shift;;
		--occlum) OCCLUM=$2; shift;;
		--jobs) JOBS=$2; shift;;
		--csv) CSV=$2; shift;;
		--results) OUT=$2 CSV=$2/compat.csv; shift;;
		--timeout) TIMEOUT=$2; shift;;
		--build) BUILD=$(realpath -m "$2"); shift;;
		--expect) EXPECT=$2; shift;;
		--no-make) make=0;;
		--list) list=1;;
		-h|--help) usage; exit 0;;
		-*) usage >&2; exit 2;;
		*) filters+=("$1");;
		esac
		shift
	done
	[[ $SYSTEM =~ ^(linux|sip|eip|plain)$ ]] || die "unknown system '$SYSTEM' (linux, sip, eip, plain)"
	[[ $JOBS =~ ^[1-9][0-9]*$ ]] || die "--jobs: not a positive number: '$JOBS'"
	[[ $TIMEOUT =~ ^[1-9][0-9]*$ ]] || die "--timeout: not a positive number: '$TIMEOUT'"
	: "${OCCLUM:=$BUILD/occlum}"
	if [[ $suite == compat-tests ]]; then
		[[ $SYSTEM == eip ]] && : "${EXPECT:=$here/eip.tbl}"
		[[ $SYSTEM == plain ]] && : "${EXPECT:=$here/plain.tbl}"
		: "${EXPECT:=$here/expect.tbl}"
		name=compat
	else
		: "${EXPECT:=$root/$suite/known.tbl}"
		name=$suite
	fi
	BINARIES=$BUILD/$name LOGS=$BUILD/$name-logs
}

main() {
	local programs filters=() make=1 list=0 suite name
	parse_options "$@"
	mapfile -t programs < <(list_programs "${filters[@]}")
	((${#programs[@]})) || die "no program matches: ${filters[*]}"
	if ((list)); then
		printf '%s\n' "${programs[@]}"
		return 0
	fi
	if ((make)); then
		make -s -C "$root" -j2 "BUILD=$BUILD" "${programs[@]/#/$BINARIES/}" || die "the programs do not build"
	fi
	[[ $SYSTEM == linux || -x $OCCLUM ]] || die "no such command: $OCCLUM (build it, or give --occlum)"
	RESULTS=$(mktemp -d) || exit 2
	trap 'rm -rf "$RESULTS"' EXIT
	ulimit -c 0
	export SYSTEM OCCLUM TIMEOUT BINARIES EXPECT RESULTS LOGS
	printf '%s\n' "${programs[@]}" | xargs -P "$JOBS" -I{} "$self" --run-one {}
	if [[ $CSV ]]; then
		mkdir -p "$(dirname "$CSV")"
		{ echo program,case,native,enclave,ms,verdict,detail
		  for p in "${programs[@]}"; do tail -n +2 "$RESULTS/$p"; done; } >"$CSV"
	fi
	if [[ $OUT ]]; then
		"$here/syscalls.sh" "$BUILD/compat-logs" "$BUILD/ltp-subset-logs" >"$OUT/syscalls.md"
	fi
	summary
}

if [[ ${1-} == --run-one ]]; then
	run_one "$2"
else
	main "$@"
fi
