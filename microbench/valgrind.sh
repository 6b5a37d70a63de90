#!/bin/bash
# valgrind.sh DIR PROGRAM...: runs DIR/unit/PROGRAM under memcheck and then under callgrind. The last line says
# how many tests passed, what memcheck found and how many instructions were counted; what each tool wrote stays in DIR/memcheck and
# DIR/callgrind. The exit status is 1 when anything was found or a program failed under either, 2 when valgrind is missing.
set -u
dir=$(realpath "$1") # tests change their directory
shift
limit=600 # seconds for a program

command -v valgrind >/dev/null || {
	echo "valgrind is missing: install it (apt-get install valgrind)" >&2
	exit 2
}

# run_one TOOL PROGRAM OPTIONS...: one program; its output in TOOL/PROGRAM.out, its status is returned.
run_one() {
	local tool=$1 program=$2 out=$dir/$1/$2 trace=no # forks are followed anyway; Criterion's workers are executed
	shift 2
	[[ $program != test_* ]] || trace=yes
	timeout --foreground -k 5 "$limit" valgrind --vgdb=no --tool="$tool" --trace-children=$trace --child-silent-after-fork=no --suppressions=microbench/valgrind.supp \
		"$@" "$dir/unit/$program" >"$out.out" 2>&1
}

# Tests that passed, by either runner's last line.
passed() {
	sed -n 's/\x1b\[[0-9;]*m//g; s/^\([0-9]*\) passed, .*/\1/p; s/.*Synthesis.*Passing: \([0-9]*\).*/\1/p' "$1" | tail -n 1
}

memcheck() {
	local program=$1 out=$dir/memcheck/$1 status n errors
	run_one memcheck "$program" --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
		--show-leak-kinds=definite --log-file="$out.log.%p"
	status=$?
	n=$(passed "$out.out")
	errors=$(awk '/ERROR SUMMARY: / { n += $4; seen = 1 } END { print seen ? n : "unknown" }' "$out".log.*)
	echo "$program $status ${n:-0} $errors" >"$out.result"
	if [ "$status" = 0 ] && [ "$errors" = 0 ]; then
		echo "ok    $program: $n tests, memcheck found nothing"
		return
	fi
	echo "FAIL  $program: status $status, ${n:-0} tests passed, $errors errors; $out.log.*"
	grep -a -h '^FAIL\|^libos/.*: ' "$out.out" | head -n 10
	sed -n 's/^==[0-9]*== //p' "$out".log.* | grep -A 12 -m 3 -E '^(Invalid|Conditional|Use of|Syscall param|Mismatched|[0-9,]+ .*definitely lost)' |
		head -n 40
}

# What a program spends its instructions on: callgrind's counts of all its processes together.
callgrind() {
	local program=$1 out=$dir/callgrind/$1
	run_one callgrind "$program" --compress-strings=no --compress-pos=no --callgrind-out-file="$out.callgrind.%p" --log-file="$out.log.%p" || {
		echo "FAIL  $program under callgrind: status $?; $out.out"
		echo failed >"$out.result"
		return
	}
	# Lines of the format: "fl=FILE", "fn=FUNCTION", "LINE COUNT"; a line behind "calls=" is what the callee took.
	awk -v here="$PWD/" '
		sub(/^fl=/, "") { file = index($0, here) == 1 ? substr($0, length(here) + 1) : $0; next }
		sub(/^fn=/, "") { fn = file ":" $0; next }
		/^calls=/ { getline; next }
		/^[0-9]/ { cost[fn] += $2; total += $2 }
		END { for (f in cost) printf "%d %5.1f%% %s\n", cost[f], 100 * cost[f] / total, f; print total + 0, "TOTAL" }
		' "$out".callgrind.* | sort -rn >"$out.txt"
	sed -n 's/ TOTAL//p' "$out.txt" >"$out.result"
	awk -v p="$program" '$3 ~ /^(libos|host)\// && $3 !~ /^(libos|host)\/test\// { printf "      %-12s %12d %6s %s\n", p, $1, $2, $3; exit }' "$out.txt"
}

run_all() { # TOOL PROGRAM...
	local tool=$1 program
	shift
	rm -rf "${dir:?}/$tool"
	mkdir -p "$dir/$tool"
	for program in "$@"; do
		while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
			wait -n
		done
		"$tool" "$program" &
	done
	wait
}

run_all memcheck "$@"
echo "      callgrind: each program's most expensive function of ours"
run_all callgrind "$@"

cat "$dir"/memcheck/*.result "$dir"/callgrind/*.result | awk -v wanted=$# '
	NF == 4 { programs++; tests += $3; errors += $4; failed += $2 != 0 || $4 != "0" }
	NF == 1 { counts++; counted += $1; failed += $1 == "failed" }
	END {
		printf "valgrind: %d programs, %d tests passed, %d programs failed, %d errors in memcheck, %.0f million instructions in callgrind\n",
			programs, tests, failed, errors, counted / 1e6
		exit failed > 0 || programs != wanted || counts != wanted
	}'
