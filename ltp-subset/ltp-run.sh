#!/bin/bash
# Runs the system call tests of an installed LTP, each on this machine's Linux and in an enclave of
# its own, and compares the verdicts. See README.md here.
set -u
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
self=$here/ltp-run.sh

usage() {
	cat <<-USAGE
	usage: ltp-subset/ltp-run.sh --ltproot DIR [options] [filter...]
	  --ltproot DIR       where LTP is installed (has runtest/syscalls and testcases/bin)
	  --occlum PATH       the occlum command (default build/occlum); run as: PATH try PROGRAM
	  --jobs N            tests at a time (default 2)
	  --timeout SECONDS   per test and system (default 20)
	  --build DIR         where results and logs go: DIR/ltp (default build)
	  --native FILE       verdicts of this Linux are kept here and not made again (default DIR/ltp/native.csv)
	  --fresh             make them again
	  --expect FILE       exclusions and known failures (default ltp-subset/expect.tbl)
	  --list              only list the tests
	filter: a name or a glob of names, '@FILE' for a file of names: fcntl14 'mmap*' @failed.txt
	USAGE
}

die() {
	echo "ltp-run.sh: $*" >&2
	exit 2
}

# run_limited LOG COMMAND...: in a process group of its own, killed as a whole at the time limit.
# Sets status (124: time limit) and ms.
run_limited() {
	local log=$1 started=${EPOCHREALTIME/./}
	shift
	{ timeout -k 2 "$TIMEOUT" "$@" >"$log" 2>&1 </dev/null; } 2>/dev/null
	status=$?
	ms=$(((${EPOCHREALTIME/./} - started) / 1000))
	((status == 137 && ms >= TIMEOUT * 1000)) && status=124
	return 0
}

# verdict STATUS LOG: what a run of an LTP test comes to. The exit status is a set of bits (1 failed,
# 2 broken, 4 warned, 32 not applicable); old tests leave the words only.
verdict() {
	case $1 in
	124) echo timeout; return;;
	0|32) ;;
	*) (($1 > 127)) && echo killed || echo fail; return;;
	esac
	if grep -aqE '(TFAIL|TBROK)([ :]|$)' "$2"; then
		echo fail
	elif (($1 == 32)); then
		echo conf
	else
		echo pass
	fi
}

# On Linux each test has its own mounts, processes, IPC, host name and network, so that it harms
# nobody; without the right to that (an ordinary user) it runs as it is.
isolated() {
	if [[ $ISOLATE ]]; then
		unshare -mpfiun --kill-child --mount-proc sh -c 'ip link set lo up 2>/dev/null; "$@"; exit $?' sh "$@"
	else
		"$@"
	fi
}

# run_one NAME COMMAND...: one line for the results.
run_one() {
	local name=$1 tmp native=- native_ms=0 enclave=- enclave_ms=0 known
	shift
	export PATH=$LTPROOT/testcases/bin:$PATH
	tmp=$(mktemp -d "$LOGS/tmp.XXXXXX") || exit 2
	chmod 777 "$tmp"
	export TMPDIR=$tmp
	cd "$tmp" || exit 2
	known=$(awk -F'\t' -v n="$name" '$1 == n { print $2 "," $3; exit }' "$RESULTS.known")
	if [[ $known ]]; then
		native=${known%,*} native_ms=${known#*,}
	else
		run_limited "$LOGS/$name.linux" "$self" --isolated "$@"
		native=$(verdict $status "$LOGS/$name.linux") native_ms=$ms
	fi
	if [[ $native == pass ]]; then
		run_limited "$LOGS/$name.enclave" "$OCCLUM" try "$@"
		enclave=$(verdict $status "$LOGS/$name.enclave") enclave_ms=$ms
	fi
	rm -rf "$tmp"
	printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$native" "$native_ms" "$enclave" "$enclave_ms" >"$RESULTS/$name"
	[[ $native == pass ]] && printf '%-7s %-28s %6d ms\n' "$enclave" "$name" "$enclave_ms"
}

# The tests to run, as runtest lines: what list/ names, runtest/syscalls has, and the filters want.
select_tests() {
	cat "$here"/list/* | awk -v filters="$*" '
		FILENAME == "-" { if ($1 !~ /^#/ && NF) listed[$1] = 1; next }
		/^#/ || NF < 2 { next }
		$1 in listed { print }
	' - "$LTPROOT/runtest/syscalls" | while read -r name rest; do
		wanted "$name" "$@" && echo "$name $rest"
	done
}

# wanted NAME FILTER...
wanted() {
	local name=$1 f
	shift
	(($# == 0)) && return 0
	for f in "$@"; do
		if [[ $f == @* ]]; then
			grep -qE "^$name( |$)" "${f#@}" && return 0
		else
			# shellcheck disable=SC2053
			[[ $name == $f ]] && return 0
		fi
	done
	return 1
}

# Names of runtest/syscalls that neither list/ nor the table of exclusions knows.
unknown_tests() {
	cat "$here"/list/* "$EXPECT" | awk '
		FILENAME == "-" { known[$1] = 1; next }
		/^#/ || NF < 2 { next }
		!($1 in known) { n++ }
		END { if (n) print n " tests of this LTP are neither in list/ nor in the table" }
	' - "$LTPROOT/runtest/syscalls"
}

# Joins results and table: the CSV, then the counts.
summary() {
	cat "$RESULTS"/* 2>/dev/null | sort | awk -F'\t' -v csv="$CSV" -v table="$EXPECT" '
		BEGIN {
			while ((getline line < table) > 0) {
				split(line, w, /[ \t]+/)
				if (w[2] == "fail" || w[2] == "maybe")
					known[w[1]] = w[2]
			}
			print "name,native,native_ms,enclave,enclave_ms,verdict" > csv
		}
		{
			v = "-"
			if ($2 == "pass") {
				natively++
				v = $4 == "pass" ? (known[$1] == "fail" ? "XPASS" : "PASS") : (known[$1] ? "XFAIL" : "FAIL")
				n[v]++
			}
			print $1 "," $2 "," $3 "," $4 "," $5 "," v > csv
			if (v == "FAIL") failed = failed " " $1
			if (v == "XPASS") better = better " " $1
		}
		END {
			if (failed) print "fail:" failed
			if (better) print "pass, so take them out of the table:" better
			print "of " NR " tests " natively + 0 " pass natively; of these " n["PASS"] + n["XPASS"] \
				" pass in the enclave, " n["XFAIL"] + 0 " are known failures, " n["FAIL"] + 0 " fail"
			exit !(natively && !n["FAIL"] && !n["XPASS"])
		}'
}

parse_options() {
	LTPROOT='' OCCLUM='' JOBS=2 TIMEOUT=20 BUILD=$root/build NATIVE='' EXPECT=$here/expect.tbl
	while (($#)); do
		case $1 in
		--ltproot|--occlum|--jobs|--timeout|--build|--native|--expect)
			(($# >= 2)) || die "$1 needs a value";;&
		--ltproot) LTPROOT=$2; shift;;
		--occlum) OCCLUM=$2; shift;;
		--jobs) JOBS=$2; shift;;
		--timeout) TIMEOUT=$2; shift;;
		--build) BUILD=$(realpath -m "$2"); shift;;
		--native) NATIVE=$(realpath -m "$2"); shift;;
		--expect) EXPECT=$(realpath -m "$2"); shift;;
		--fresh) fresh=1;;
		--list) list=1;;
		-h|--help) usage; exit 0;;
		-*) usage >&2; exit 2;;
		*) filters+=("$1");;
		esac
		shift
	done
	[[ $LTPROOT ]] || die "where is LTP? Give LTPROOT=DIR (--ltproot DIR)"
	[[ -d $LTPROOT ]] || die "no such directory: $LTPROOT"
	LTPROOT=$(realpath "$LTPROOT")
	[[ -r $LTPROOT/runtest/syscalls && -d $LTPROOT/testcases/bin ]] ||
		die "$LTPROOT is not an installed LTP (no runtest/syscalls or testcases/bin)"
	[[ $JOBS =~ ^[1-9][0-9]*$ ]] || die "--jobs: not a positive number: '$JOBS'"
	[[ $TIMEOUT =~ ^[1-9][0-9]*$ ]] || die "--timeout: not a positive number: '$TIMEOUT'"
	: "${OCCLUM:=$BUILD/occlum}" "${NATIVE:=$BUILD/ltp/native.csv}"
	OCCLUM=$(realpath -m "$OCCLUM")
}

# LTP asks the kernel configuration; it may not be where LTP looks.
find_kconfig() {
	local f
	for f in "${KCONFIG_PATH-}" /proc/config.gz "/boot/config-$(uname -r)"; do
		[[ $f && -r $f ]] || continue
		case $f in
		*.gz) zcat "$f" >"$LOGS/kconfig";;
		*) cat "$f" >"$LOGS/kconfig";;
		esac
		export KCONFIG_PATH=$LOGS/kconfig
		return
	done
}

# What was learnt about Linux this time, for the next.
keep_native() {
	{ cat "$RESULTS.known"; cut -f 1-3 "$RESULTS"/* 2>/dev/null; } | sort -u -t$'\t' -k1,1 >"$NATIVE"
}

main() {
	local filters=() fresh=0 list=0
	parse_options "$@"
	if ((list)); then
		select_tests "${filters[@]}"
		return
	fi
	[[ -x $OCCLUM ]] || die "no such command: $OCCLUM (build it, or give --occlum)"
	LOGS=$BUILD/ltp CSV=$BUILD/ltp/results.csv
	mkdir -p "$LOGS"
	RESULTS=$(mktemp -d) || exit 2
	trap 'rm -rf "$RESULTS" "$RESULTS.known"' EXIT
	((fresh)) && rm -f "$NATIVE"
	cat "$NATIVE" >"$RESULTS.known" 2>/dev/null
	find_kconfig
	ISOLATE=$(unshare -mpfiun --mount-proc true 2>/dev/null && echo 1)
	ulimit -Sc 0
	export LTPROOT OCCLUM TIMEOUT LOGS RESULTS NATIVE ISOLATE
	export LTP_COLORIZE_OUTPUT=n
	select_tests "${filters[@]}" | sed "s|^|$self --run-one |" |
		xargs -P "$JOBS" -d '\n' -I{} bash -c '{}'
	keep_native
	unknown_tests
	echo "results: $CSV, logs: $LOGS/<name>.{linux,enclave}"
	summary
}

case ${1-} in
--run-one) shift; run_one "$@";;
--isolated) shift; isolated "$@";;
*) main "$@";;
esac
