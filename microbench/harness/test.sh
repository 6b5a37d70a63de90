#!/bin/bash
# test.sh BUILD [FILTER]: tests of the runner, the statistics, the figures and the report, with small inputs and made-up
# systems. Each test is a function test_*; a test ends with status 77 to be passed over. Nothing here asserts a time.
set -u
set -o pipefail
export LC_ALL=C

cd "$(dirname "$0")/../.." || exit 1
BUILD=$(realpath "${1:-build}")
filter=${2:-}
bin=$BUILD/microbench
data=microbench/harness/data
passed=0 failed=0 skipped=0

fail()
{
	echo "    $*"
	exit 1
}

# expect WHAT TEXT: the text of $out has a line that matches.
expect()
{
	grep -qE -- "$1" <<<"$out" || fail "no line matches '$1' in:"$'\n'"$out"
}

# ---- statistics ----

test_stats_medians_percentiles_and_ranges()
{
	out=$("$bin/stats" csv <$data/samples.csv)
	expect '^bench,case,system,metric,value,unit,samples,p5,p95,low,high$'
	expect '^pipe,tput-16,linux,throughput,110,MB/s,3,101,119,105,120$'
	expect '^pipe,tput-16,sip,throughput,270,MB/s,2,243,297,240,300$'
	expect '^spawn,static-pie-14k,eip,latency,300000,us,1,300000,300000,300000,300000$'
}

test_stats_table_says_how_many_times_better()
{
	out=$("$bin/stats" table linux sip <$data/samples.csv)
	expect '^pipe .* 110.0 +270.0 2.45x \[2.00 .. 2.86\]'
	expect '^spawn .* 100.0 +15.0 6.67x \[4.00 .. 12.00\]'
	out=$("$bin/stats" table linux sip eip <$data/samples.csv)
	expect '^pipe .* -'
}

test_stats_spread_is_the_widest_of_round_medians()
{
	out=$(printf '%s\n' s,{0,1,2}',b,c,latency,100,us' s,{0,1}',b,d,throughput,100,MB/s' s,2,b,d,throughput,107,MB/s \
		s,{0,1}',b,c,faults,100,1/1000' s,2,b,c,faults,900,1/1000 | "$bin/stats" spread)
	[ "$out" = 7 ] || fail "spread is $out"
}

test_stats_names_a_bad_line()
{
	out=$(printf 'linux,0,a,b,latency,1,us\nnonsense\n' | "$bin/stats" csv 2>&1) && fail "bad input was taken"
	expect 'line 2 is not a sample: nonsense'
}

# ---- comparison ----

row()
{
	echo "b,$1,sip,metric,$2,${5:-us},9,$3,$4,$3,$4"
}

test_compare_tells_change_from_noise()
{
	{ row same 100 95 105; row noisy 100 80 130; row slower 100 95 105; row gone 1 1 1
	  row faster 100 95 105 MB/s; row small 100 100 100; } >"$tmp/a.csv"
	{ row same 101 96 104; row noisy 125 90 140; row slower 150 140 160; row new 1 1 1
	  row faster 200 190 210 MB/s; row small 104 104 104; } >"$tmp/b.csv"
	out=$("$bin/compare" "$tmp/a.csv" "$tmp/b.csv") || fail "status $?"
	expect '^b +slower .* 50.0 % worse'
	expect '^b +faster .* 100.0 % better'
	expect '^b +gone .* only in A'
	expect '^b +new .* only in B'
	expect '^5 medians in both, 2 changed beyond noise, 2 differ by less than 10 %'
	grep -qE '^b +(same|noisy|small) ' <<<"$out" && fail "noise called a change: $out"
	return 0
}

test_compare_lists_the_spread()
{
	{ row same 100 95 105; row noisy 100 80 130; row slower 100 95 105; } >"$tmp/a.csv"
	{ row same 109 96 112; row noisy 125 90 140; row slower 150 140 160; } >"$tmp/b.csv"
	out=$("$bin/compare" spread "$tmp/a.csv" "$tmp/b.csv") || fail "status $?"
	expect '^b +noisy .* 25.0 % worse'
	expect '^b +slower .* 50.0 % worse'
	expect '^3 medians in both, 1 changed beyond noise, 1 differ by less than 10 %'
	grep -qE '^b +same ' <<<"$out" && fail "9 % listed: $out"
	return 0
}

test_compare_reads_runs_without_ranges()
{
	echo 'b,x,sip,latency,100,us,9,90,110' >"$tmp/a.csv"
	echo 'b,x,sip,latency,200,us,9,190,210' >"$tmp/b.csv"
	out=$("$bin/compare" "$tmp/a.csv" "$tmp/b.csv")
	expect '^b +x .* 100.0 % worse'
}

test_compare_names_what_is_wrong()
{
	echo 'b,x,sip' >"$tmp/a.csv"
	out=$("$bin/compare" "$tmp/a.csv" "$tmp/a.csv" 2>&1) && fail "a broken row was taken"
	expect 'a.csv: line 1 is not a row of results'
	out=$(microbench/harness/compare.sh "$bin/compare" nowhere nowhere 2>&1) && fail "a missing run was taken"
	expect "there is no run 'nowhere'"
}

# ---- counters ----

# Tests run the tool with a PAPI that counts cycles and instructions of the pid it is given, and nothing else.
test_counters_of_a_command()
{
	out=$("$bin/counters-standin") || fail "status $?"
	expect '^cycles instructions by PAPI$'
	out=$("$bin/counters-standin" "$tmp/counts" sh -c 'echo said; exit 7')
	[ $? = 7 ] || fail "another status than the command's"
	expect '^said$'
	out=$(cat "$tmp/counts")
	expect '^cycles,1000$'
	expect '^instructions,2000$'
	expect '^llc-misses,n/a$'
}

test_counters_where_there_are_none()
{
	out=$(PAPI_STANDIN=none "$bin/counters-standin") && fail "counters out of nothing"
	expect '^n/a: no such PMU here$'
	out=$(PAPI_STANDIN=none "$bin/counters-standin" "$tmp/counts" echo said) || fail "status $?"
	expect '^said$'
	out=$(cat "$tmp/counts")
	expect '^cycles,n/a$'
	grep -qv ',n/a$' "$tmp/counts" && fail "a number: $out"
	out=$(PAPI_STANDIN=old "$bin/counters-standin")
	expect '^n/a: PAPI does not start'
	out=$("$bin/counters") || expect '^n/a: .'
}

test_counters_bad_commands()
{
	out=$("$bin/counters-standin" "$tmp/counts" /nowhere/at/all 2>&1)
	[ $? = 127 ] || fail "status $?"
	expect 'counters: /nowhere/at/all: No such file'
	out=$("$bin/counters-standin" "$tmp/counts" sh -c 'kill -KILL $$' 2>&1)
	[ $? = 137 ] || fail "status $?"
	out=$("$bin/counters-standin" /nowhere/file true 2>&1) && fail "counts nowhere"
	expect 'counters: /nowhere/file: '
	out=$("$bin/counters-standin" "$tmp/counts" 2>&1) && fail "no command"
	expect '^usage: '
}

# counts_of COUNTERS-PROGRAM: a run's table of counters, by that program.
counts_of()
{
	mkdir -p "$tmp/build/microbench"
	ln -sf "$bin"/* "$tmp/build/microbench/"
	rm -rf "$tmp/build/microbench/runs"
	ln -sf "$1" "$tmp/build/microbench/counters"
	out=$(BUILD=$tmp/build OCCLUM=/bin/true RESULTS=$tmp/results FIGURES=$tmp/figures ROUNDS=2 SYSTEMS=linux BENCH=syscall \
		microbench/run.sh 2>&1) || fail "status $?: $out"
	out=$(cat "$tmp/results/latest/counters.csv")
}

test_run_has_counters_of_each_job()
{
	counts_of "$bin/counters-standin"
	expect '^job,system,cycles,instructions,llc-misses,dtlb-misses,branch-misses$'
	expect '^syscall getpid,linux,1000,2000,n/a,n/a,n/a$'
	expect '^syscall trapped,linux,1000,2000,n/a,n/a,n/a$'
	counts_of /bin/false
	expect '^syscall getpid,linux,n/a,n/a,n/a,n/a,n/a$'
	out=$(cat "$tmp/results/latest/env.json")
	expect '"counters": "n/a: '
}

# ---- the runner ----

# bench SYSTEMS...: a run of one short case in $tmp/results.
bench()
{
	out=$(BUILD=$BUILD RESULTS=$tmp/results FIGURES=$tmp/figures ROUNDS=1 SYSTEMS="$*" BENCH=${BENCH:-syscall} microbench/run.sh 2>&1)
	status=$?
	run=$tmp/results/latest
}

test_run_writes_results_of_two_systems()
{
	SYSTEM_other="env" bench linux other
	[ $status = 0 ] || fail "status $status: $out"
	expect '^syscall +getpid .*x \['
	out=$(cat "$run/micro.csv")
	expect '^syscall,getpid,other,latency,'
	out=$(cat "$run/env.json")
	expect '"partial": false'
	expect '"failed": \[\]'
	[ -s "$run/report.html" ] || ! command -v gnuplot >/dev/null || fail "no report"
	python3 -m json.tool "$run/env.json" >/dev/null || fail "env.json is not JSON"
}

test_run_goes_on_without_a_dead_system()
{
	SYSTEM_dead=false bench linux dead
	[ $status = 1 ] || fail "status $status: $out"
	expect 'FAILED on dead: .*does not run /bin/true: status 1'
	expect '^syscall +getpid'
	out=$(cat "$run/env.json")
	expect '"system": "dead", "job": "\*"'
}

test_run_does_not_believe_an_eip_of_one_process()
{
	cat >"$tmp/occlum" <<-'END'
	#!/bin/sh
	[ "$1" = try ] && shift 4
	case $1 in *spawn) exec sleep 0.2 ;; *) exec "$@" ;; esac
	END
	chmod +x "$tmp/occlum"
	OCCLUM=$tmp/occlum bench linux eip
	[ $status = 1 ] || fail "status $status: $out"
	expect 'FAILED on eip: .*one host process'
}

test_run_notes_a_failing_case_and_goes_on()
{
	cat >"$tmp/half" <<-'END'
	#!/bin/sh
	[ "$2" = trapped ] && { echo "no trap here" >&2; exit 3; }
	exec "$@"
	END
	chmod +x "$tmp/half"
	SYSTEM_half=$tmp/half bench linux half
	[ $status = 1 ] || fail "status $status: $out"
	expect 'FAILED on half: syscall trapped: status 3: no trap here'
	out=$(cat "$run/micro.csv")
	expect '^syscall,getpid,half,'
	expect '^syscall,trapped,linux,'
}

# made_up NAME COMMANDS: a system that runs nothing but says what COMMANDS say; they see the case in $case.
made_up()
{
	printf '#!/bin/bash\n[ "$1" = /bin/true ] && exit\ncase=$2\n%s\necho "# elapsed_s 0"\n' "$2" >"$tmp/$1"
	chmod +x "$tmp/$1"
}

test_run_ends_the_rounds_of_what_agrees()
{
	made_up agree 'echo "syscall,$case,latency,100,ns"
		[ $case = getpid ] || { n=$(cat '$tmp'/n || echo 100); echo $((n + 20)) >'$tmp'/n; echo "syscall,$case,latency,$n,ns"; }' 2>/dev/null
	out=$(BUILD=$BUILD RESULTS=$tmp/results FIGURES=$tmp/figures LOAD_TRIES=0 ROUNDS=5 SYSTEMS=agree SYSTEM_agree=$tmp/agree BENCH=syscall \
		microbench/run.sh 2>&1) || fail "status $?: $out"
	expect '^Round 5 of 5'
	out=$(cat "$tmp/results/latest/micro.csv")
	expect '^syscall,getpid,agree,latency,100,ns,3,'
	expect '^syscall,trapped,agree,latency,[0-9.]+,ns,10,'
}

test_run_says_before_what_it_will_take()
{
	made_up any 'echo "syscall,$case,latency,100,ns"'
	SYSTEM_any=$tmp/any bench any
	expect '^2 jobs on 1 systems, 1 rounds at most: about 0 minutes on '
	made_up any 'echo "memory,$case,throughput,100,MB/s"'
	FULL=1 BENCH=memory SYSTEM_any=$tmp/any bench any
	expect '^6 jobs on 1 systems, 1 rounds at most: about 0 minutes on '
	out=$(cut -d ' ' -f 1 microbench/harness/seconds.tbl)
	for name in $(sed -n 's/^readonly \(micro_benches\|apps_[a-z]*\)=//p' microbench/harness/jobs.sh | tr , ' '); do expect "^$name\$"; done
}

# Something that computes is on the machine: runs beside it do not count at first, and are told of when they do in the end.
test_run_repeats_what_others_disturb()
{
	local hog

	made_up slow 'sleep 0.5; echo "syscall,$case,latency,100,ns"'
	(while :; do :; done) &
	hog=$!
	SYSTEM_slow=$tmp/slow bench slow
	kill $hog
	[ $status = 0 ] || fail "status $status: $out"
	expect '^Disturbed by others on this machine: [1-9][0-9]* runs of a job were done again for it, [1-9]'
	out=$(cat "$run/micro.csv")
	expect '^syscall,getpid,slow,latency,100,ns,1,'
	out=$(cat "$run/env.json")
	expect '"repeated": [1-9]'
	expect '"disturbed": [1-9]'
}

test_run_refuses_wrong_arguments()
{
	BENCH=nothing bench linux
	[ $status = 2 ] || fail "status $status"
	expect "unknown bench 'nothing'; there are syscall"
	bench linux unknown
	[ $status = 2 ] || fail "status $status"
	expect "unknown system 'unknown' \(set SYSTEM_unknown"
	LOAD_TRIES=often bench linux
	[ $status = 2 ] || fail "status $status"
	expect "LOAD_TRIES=often is not a number"
}

test_run_says_when_there_is_no_room()
{
	mkdir -p "$tmp/bin"
	printf '#!/bin/sh\necho header\necho fs 100 99 7 99%% /\n' >"$tmp/bin/df"
	chmod +x "$tmp/bin/df"
	PATH=$tmp/bin:$PATH bench linux
	[ $status = 2 ] || fail "status $status: $out"
	expect 'no room: 7 MB are free in .* and a run may take [0-9]+'
}

# The interrupt comes when the second case runs: what the first one said is kept.
test_run_keeps_what_it_has_when_interrupted()
{
	local pid i

	printf '#!/bin/sh\n[ "$2" = trapped ] && { : >%s/there; sleep 60; }\nexec "$@"\n' "$tmp" >"$tmp/slow"
	chmod +x "$tmp/slow"
	set -m		# a job of its own, so that INT is not ignored in it
	BUILD=$BUILD RESULTS=$tmp/results FIGURES=$tmp/figures FULL=1 SYSTEMS="slow" SYSTEM_slow=$tmp/slow BENCH=syscall \
		microbench/run.sh >"$tmp/out" 2>&1 &
	pid=$!
	set +m
	for ((i = 0; i < 300; i++)); do [ -e "$tmp/there" ] && break; sleep 0.1; done
	kill -INT $pid
	wait $pid
	status=$?
	out=$(cat "$tmp/out")
	[ $status = 130 ] || fail "status $status: $out"
	expect 'These results are partial: interrupted'
	out=$(cat "$tmp/results/latest/env.json")
	expect '"partial": true'
	expect '"full": true'
	out=$(cat "$tmp/results/latest/micro.csv")
	expect '^syscall,getpid,slow,'
	[ -s "$tmp/results/latest/report.html" ] || ! command -v gnuplot >/dev/null || fail "no report"
}

test_run_passes_over_what_there_is_no_memory_for()
{
	echo 'MemAvailable: 4194304 kB' >"$tmp/meminfo"
	made_up any 'echo "memory,$case,throughput,100,MB/s"'
	FULL=1 MEMINFO=$tmp/meminfo BENCH=memory SYSTEM_any=$tmp/any bench any
	[ $status = 0 ] || fail "status $status: $out"
	expect '^memory 4096m: passed over: it needs 5632 MiB of memory and 4096 are free'
	out=$(cat "$run/env.json")
	expect '"job": "memory 4096m", "reason": "it needs '
	out=$(cat "$run/micro.csv")
	expect '^memory,1024m,any,'
}

test_run_is_cut_at_the_time_limit()
{
	printf '#!/bin/sh\n[ "$2" = getpid ] && sleep 2\nexec "$@"\n' >"$tmp/slow"
	chmod +x "$tmp/slow"
	TIME_LIMIT=1 SYSTEM_slow=$tmp/slow bench slow
	[ $status = 1 ] || fail "status $status: $out"
	expect 'These results are partial: the limit of 1 s came in round 1 after [01] of 2 jobs'
}

test_application_without_its_program_is_passed_over()
{
	mkdir "$tmp/bin"
	ln -s "$(command -v dirname)" "$(command -v mkdir)" "$tmp/bin"
	out=$(PATH=$tmp/bin /bin/bash appbench/run.sh linux redis "$tmp" 2>&1)
	status=$?
	[ $status = 77 ] || fail "status $status: $out"
	expect '^there is no redis-server on this machine$'
	out=$(bash appbench/run.sh linux nosuch "$tmp" 2>&1)
	expect "unknown application 'nosuch'"
}

# ---- figures and report ----

figures()
{
	command -v gnuplot >/dev/null || exit 77
	out=$(plots/draw.sh $data/run "$tmp/figures" 2>&1) || fail "$out"
}

# What a picture says, without where: its texts, and how many shapes of each colour it has.
picture()
{
	grep -o '<tspan[^>]*>[^<]*' "$1" | sed 's/.*>//' | grep -v '^ *$'
	grep -oE "(fill|stroke) ?= ?['\"]rgb\([^)]*\)" "$1" | tr -d "\"'= " | sort | uniq -c | sed 's/^ *//'
}

test_figures_are_as_before()
{
	local name

	figures
	expect 'Figures: [0-9]+ in '
	expect 'No figure, as none of its cases was measured:.* memory'
	for name in fig6a-spawn fig6b-pipe fig5b-gcc; do
		[ -z "${GOLDEN:-}" ] || picture "$tmp/figures/$name.svg" >"$data/$name.golden"
		picture "$tmp/figures/$name.svg" | diff "$data/$name.golden" - || fail "$name.svg says something else"
		[ -s "$tmp/figures/narrow/$name.svg" ] || fail "no narrow $name"
	done
}

test_report_is_right_in_a_browser()
{
	local chromium

	figures
	chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
		echo "    no chromium on this machine (Debian: chromium)"
		exit 77
	}
	cp -r $data/run "$tmp/run"
	plots/report.sh "$tmp/run" "$tmp/figures" >/dev/null || fail "no report"
	grep -qE '(src|href)="(http|//)' "$tmp/run/report.html" && fail "the page wants the network"
	grep -q 'status 1: &quot;quoted&quot; &lt;words&gt;' "$tmp/run/report.html" || fail "a reason of env.json is lost or not escaped"
	grep -q '<th>unit<th>linux<th>sip<th>eip<th>sip+icx<th>eip+icx</thead>' "$tmp/run/report.html" || fail "no table of spawn"
	grep -qF '<tr><td>static-pie-14k<td>us<td title="p5 76, p95 88, 9 samples">80<td title="p5 14.25, p95 16.5, 9 samples">15 <i>5.33x</i>' \
		"$tmp/run/report.html" || fail "no row of spawn"
	awk -f microbench/harness/page.awk -v page="$tmp/run/report.html" >"$tmp/page.html" </dev/null
	out=$(timeout 90 "$chromium" --headless --no-sandbox --disable-gpu --virtual-time-budget=4000 --user-data-dir="$tmp/profile" \
		--window-size=1300,900 --dump-dom "file://$tmp/page.html" 2>/dev/null | grep -o 'RESULT.*' | tr '|' '\n')
	for width in 360 1280; do
		expect "^$width: no overflow$"
		expect "^$width: figures [0-9]+ of [0-9]+, all shown$"
	done
	expect '^dark differs$'
	# Against the results, by another way than the page's own.
	expect '^spawn-14k=20000$'
	expect '^pipe-linux=1.25$'
	expect '^gcc-linux=0.8$'
	expect '^lighttpd-linux=none$'
	expect '^sfi=none$'
}

# ---- all of them ----

trap 'rm -rf "${tmp:-}"' EXIT
trap 'exit 130' INT TERM HUP
for name in $(declare -F | awk '{ print $3 }' | grep -E "^test_.*($filter)"); do
	tmp=$(mktemp -d) || exit 1
	(trap - EXIT INT TERM HUP; "$name") >"$tmp/said" 2>&1
	case $? in
	0) echo "PASS $name"; passed=$((passed + 1)) ;;
	77) echo "SKIP $name"; cat "$tmp/said"; skipped=$((skipped + 1)) ;;
	*) echo "FAIL $name"; cat "$tmp/said"; failed=$((failed + 1)) ;;
	esac
	rm -rf "$tmp"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
