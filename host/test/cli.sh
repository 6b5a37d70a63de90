#!/bin/bash
# cli.sh BUILD [FILTER]: the occlum command as a user types it. Prints "ok name" or "FAIL name: why" per test, then
# the sum; BUILD/cli.count gets "passed failed skipped" for summary.sh. FILTER: part of test names.
set -u
# Our own PATH of tools; no settings of the caller's may decide.
unset "${!OCCLUM_SGX_@}" OCCLUM_EIP_STATS OCCLUM_LOG_LEVEL OCCLUM_HOME SGX_MODE SOURCE_DATE_EPOCH
BUILD=$(cd "$1" && pwd)
FILTER=${2-}
OCCLUM=${OCCLUM:-$BUILD/occlum}
PROBE=$BUILD/cli/probe
export BUILD OCCLUM PROBE
WORK=$(mktemp -d -p "$BUILD/cli") || exit 1 # no run in the root directory
export WORK
passed=0 failed=0 skipped=0
out= err= status=

# shellcheck source=host/test/cli_eip.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli_eip.sh"
# shellcheck source=host/test/cli_eip_process.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli_eip_process.sh"
# shellcheck source=host/test/cli_profile.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli_profile.sh"
# shellcheck source=host/test/cli_valgrind.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli_valgrind.sh"
# shellcheck source=host/test/cli_memory.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli_memory.sh"

cleanup() {
	[ "$BASHPID" = $$ ] || return # a child that is ended by a signal before its exec
	(cd "$WORK/inst" 2>/dev/null && "$OCCLUM" status >/dev/null && "$OCCLUM" kill) 2>/dev/null
	rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

occlum() { timeout -k 2 40 "$OCCLUM" "$@"; }

ok() { passed=$((passed + 1)); echo "ok $1"; }
bad() { failed=$((failed + 1)); echo "FAIL $1: $2"; }
skip() { skipped=$((skipped + 1)); echo "skip $1: $2"; }
# What others build on always runs.
wanted() {
	case $1 in
	new/new | copy/program | copy/to | copy/data | build/build | build/sim-again | start/* | tamper/start | */stop | kill/kill) ;;
	*"$FILTER"*) ;;
	*) return 1 ;;
	esac
}

# verdict NAME STATUS EXPECTED: of what was run last; EXPECTED is a regular expression that out or err contains,
# or =TEXT that out is.
verdict() {
	local name=$1 want=$2 expected=$3

	if [ "$status" != "$want" ]; then
		bad "$name" "status $status, not $want: $(printf %s "$out$err" | tail -n 2 | cut -c1-300 | tr '\n' ' ')"
	elif [ "${expected:0:1}" = = ] && [ "$out" != "${expected:1}" ]; then
		bad "$name" "printed '${out:0:200}', not '${expected:1:200}'"
	elif [ "${expected:0:1}" != = ] && ! printf '%s\n%s' "$out" "$err" | grep -qE -- "$expected"; then
		bad "$name" "no '$expected' in: $(printf '%s %s' "$out" "$err" | cut -c1-300 | tr '\n' ' ')"
	else
		ok "$name"
	fi
}

run() {
	[ "$1" = occlum ] || set -- timeout -k 2 40 "$@"
	out=$("$@" 2>"$WORK/err")
	status=$?
	err=$(cat "$WORK/err")
}

# t NAME STATUS EXPECTED COMMAND...
t() {
	local name=$1 want=$2 expected=$3

	wanted "$name" || return 0
	shift 3
	run "$@"
	verdict "$name" "$want" "$expected"
}

# same NAME PROGRAM ARGS...: output and status as without the enclave.
same() {
	local name=$1 native native_status

	wanted "$name" || return 0
	shift
	native=$("$@" 2>/dev/null </dev/null)
	native_status=$?
	run occlum try "$@" </dev/null
	verdict "$name" $native_status "=$native"
}

# flip FILE OFFSET: one bit; twice is never.
flip() {
	local byte

	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	# shellcheck disable=SC2059
	printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# For 5 s at most, until what goes to FILE contains "ready".
await_ready() {
	local i

	for ((i = 0; i < 100; i++)); do
		grep -q ready "$1" && return
		sleep 0.05
	done
}

# What a signal to occlum does: sig NAME SIGNAL STATUS EXPECTED COMMAND...; the program says "ready" first.
sig() {
	local name=$1 signal=$2 want=$3 expected=$4 pid i

	wanted "$name" || return 0
	shift 4
	: >"$WORK/out"
	"$@" >"$WORK/out" 2>"$WORK/err" </dev/null &
	pid=$!
	await_ready "$WORK/out"
	kill -"$signal" $pid 2>/dev/null
	for ((i = 0; i < 100; i++)); do
		kill -0 $pid 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	status=$?
	out=$(cat "$WORK/out")
	err=$(cat "$WORK/err")
	verdict "$name" "$want" "$expected"
}

# On a terminal of its own: tty NAME STATUS EXPECTED INPUT COMMANDLINE; input comes when the command said "ready".
tty() {
	local name=$1 want=$2 expected=$3 input=$4

	wanted "$name" || return 0
	: >"$WORK/out"
	{ [ -z "$input" ] || await_ready "$WORK/out"; sleep 0.1; printf %b "$input"; sleep 0.3; } |
		{ timeout 20 script -qec "$5" /dev/null; echo $? >"$WORK/status"; } >"$WORK/out" 2>"$WORK/err"
	status=$(cat "$WORK/status")
	out=$(tr -d '\r' <"$WORK/out")
	err=$(cat "$WORK/err")
	verdict "$name" "$want" "$expected"
}

# Loopback inside the enclave is what the compat tests run with.
loopback_by_host() {
	local p

	for p in tcp udp inet_poll inet6 loopback; do
		t "loopback-by-host/$p" 0 PASS occlum try --host-loopback "$BUILD/compat/net/$p"
	done
}

try_programs() {
	local n

	same try/ls ls -la /usr/bin
	same try/python /usr/bin/python3 -c 'import json,hashlib,threading,subprocess,sqlite3
print(subprocess.run(["/bin/echo","hi"],capture_output=True).stdout)
print(json.dumps({"a": [1, 2.5, None]}), hashlib.sha256(b"x").hexdigest())
l = []; t = threading.Thread(target=l.append, args=(5,)); t.start(); t.join(); print(l)
d = sqlite3.connect(":memory:"); d.execute("create table t (x)")
d.executemany("insert into t values (?)", [(i,) for i in range(1000)])
print(d.execute("select sum(x), count(*) from t").fetchone())'
	same try/busybox busybox sh -c 'i=0; while [ $i -lt 200 ]; do i=$((i + 1)); done; echo "$i $((i * 7 % 11))"
set -- b a c; echo "$# $2 ${1}x"; f() { local v=$1; echo "f $v"; }; f 1; case abc in a*) echo match;; esac
[ -d /usr/bin ] && [ ! -e /nonesuch ] && echo files
while read -r l; do case $l in root:*) echo "$l";; esac; done </etc/passwd
cd /usr && pwd; printf "%05d %s\n" 42 end; trap "echo bye" EXIT; exec 3>/tmp/cli-test.$$ && echo written >&3 && exit 3'
	for n in dynamic static static-pie musl-static-pie; do
		same "try/$n" "$PROBE-$n"
	done
	if [ -s "$BUILD/cli/hello-go" ]; then
		same try/go "$BUILD/cli/hello-go" with args
	else
		skip try/go "no Go compiler"
	fi
	same try/path true
	same try/script "$WORK/script" a b
	same try/spawns-100 /usr/bin/python3 -c '
import subprocess
ps = [subprocess.Popen(["/bin/echo", str(i)], stdout=subprocess.PIPE) for i in range(100)]
print(sum(int(p.communicate()[0]) for p in ps), {p.returncode for p in ps})'
	t try/cwd 0 "=$WORK" occlum try /bin/pwd
	t try/environment 0 "=of the caller" env CLI_TEST='of the caller' "$OCCLUM" try /usr/bin/printenv CLI_TEST
	t try/version 0 'Linux version' occlum try /bin/cat /proc/version
	t try/writes-are-gone 0 "=x" occlum try \
		/usr/bin/python3 -c "open('$WORK/gone','w').write('x'); print(open('$WORK/gone').read())"
	t try/nothing-written 1 "" test -e "$WORK/gone"
	t try/image 0 '^usr$' occlum try --image /bin/ls /
	t try/image-has-no-more 2 'No such file' occlum try --image /bin/ls /usr/bin/python3
	t try/image-programs 0 'thread 42' occlum try --image "$PROBE-dynamic"
}

statuses() {
	t status/exit 200 "" occlum try "$PROBE-dynamic" exit 200
	t status/missing-path 127 '/no/such: No such file or directory' occlum try /no/such
	t status/missing-name 127 'nosuchprogram: No such file or directory' occlum try nosuchprogram
	t status/not-executable 126 '/etc/passwd: Permission denied' occlum try /etc/passwd
	t status/directory 126 'Permission denied' occlum try /tmp
	t status/not-a-program 126 'Exec format error' occlum try "$WORK/junk"
	t status/image-missing 127 'No such file' occlum try --image /no/such
	t status/segv 139 SIGSEGV occlum try "$PROBE-dynamic" null
	t status/ignored 0 '^SigIgn:.*4006$' \
		bash -c 'trap "" INT QUIT TERM; "$OCCLUM" try /bin/grep SigIgn /proc/self/status'
	t status/ignored-handled 3 '=got it' bash -c 'set +m; "$OCCLUM" try /bin/perl -e "
		\$SIG{QUIT} = sub { print qq(got it\n); exit 3 }; print STDERR qq(ready\n); sleep 9" 2>"$WORK/ready" &
		until grep -q ready "$WORK/ready"; do sleep 0.1; done; kill -QUIT $!; wait $!'
	for n in 6 9 10 15; do
		t "status/signal-$n" $((128 + n)) "" occlum try "$PROBE-static" raise $n
	done
}

streams() {
	if wanted stream/large-pipe; then
		out=$("$PROBE-static" lines 400000 | md5sum)
		t stream/large-pipe 0 "=$out" bash -c '"$OCCLUM" try "$PROBE-dynamic" lines 400000 | md5sum'
		t stream/large-in-and-out 0 "=$out" \
			bash -c '"$PROBE-static" lines 400000 | "$OCCLUM" try /bin/cat | md5sum'
	fi
	t stream/stdin 0 =ABC bash -c 'echo abc | "$OCCLUM" try /usr/bin/tr a-z A-Z'
	t stream/stderr 2 '^probe: what is odd' \
		bash -c '"$OCCLUM" try "$PROBE-static" odd 3>&1 1>/dev/null 2>&3'
	t stream/reader-gone 0 '=141 0' \
		bash -c '"$OCCLUM" try "$PROBE-static" lines 400000 | head -n 1 >/dev/null; echo "${PIPESTATUS[@]}"'
	t stream/file 0 '=line 1 of a long output' \
		bash -c '"$OCCLUM" try "$PROBE-static" lines 9 >"$WORK/file" && sed -n 2p "$WORK/file"'
	t stream/append 0 '=10' \
		bash -c 'cd "$WORK"; echo 1 >file; "$OCCLUM" try "$PROBE-static" lines 9 >>file; grep -c . file'
	t stream/seek 0 '=second' \
		bash -c 'printf "first\nsecond\n" >"$WORK/file"; exec <"$WORK/file"; read -r x; "$OCCLUM" try /bin/cat'
	t stream/shared-position 0 '=first second third' \
		bash -c 'cd "$WORK"; echo second >s; "$OCCLUM" try /bin/bash -c "echo first; cat s; echo third" >file; paste -sd" " file'
	t stream/closed-in 1 'Bad file descriptor' bash -c '"$OCCLUM" try /bin/cat <&-'
	t stream/closed-out 1 'Bad file descriptor' bash -c '"$OCCLUM" try /bin/echo hi >&-'
	t stream/all-closed 5 "" bash -c '"$OCCLUM" try "$PROBE-static" exit 5 <&- >&- 2>&-'
	t stream/full 1 "" bash -c '"$OCCLUM" try "$PROBE-dynamic" lines 9 >/dev/full'
	tty tty/is 0 'tty 111' "" "$OCCLUM try $PROBE-dynamic tty"
	tty tty/piped 0 'tty 101' "" "$OCCLUM try $PROBE-dynamic tty | cat"
	tty tty/line 0 '^got typed$' 'typed\n' "$OCCLUM try /bin/sh -c 'echo ready; read -r x; echo got \$x'"
	tty tty/end-of-file 0 '^2$' 'a\nb\n\004' "$OCCLUM try /bin/sh -c 'echo ready; exec wc -l'"
	tty tty/interrupt 130 ready '\003' "$OCCLUM try $PROBE-static hold"
	tty tty/quit 131 ready '\034' "$OCCLUM try $PROBE-static hold"
	tty tty/size 0 '^30 90$' "" "stty rows 30 cols 90; $OCCLUM try /bin/stty size"
	tty tty/restored 0 '[^-]echo ' "" "$OCCLUM try /bin/stty -echo; stty -a"
}

# HOW: try, run or exec.
signals() {
	local how=$1 static=$2

	sig "$how/sigterm" TERM 143 ready "$OCCLUM" "$how" "$static" hold
	sig "$how/sighup" HUP 129 ready "$OCCLUM" "$how" "$static" hold
	sig "$how/sigusr1" USR1 42 'got 10' "$OCCLUM" "$how" "$static" caught
	sig "$how/sigterm-caught" TERM 42 'got 15' "$OCCLUM" "$how" "$static" caught
	# Shells start what runs in the background with SIGINT ignored; not here.
	sig "$how/sigint" INT 130 ready env --default-signal=INT "$OCCLUM" "$how" "$static" hold
	sig "$how/sigquit" QUIT 131 ready env --default-signal=QUIT "$OCCLUM" "$how" "$static" hold
}

# A client of the machine and a server in the enclave; it says its port.
serving() {
	local pid port answer

	wanted try/server || return 0
	: >"$WORK/out"
	occlum try "$PROBE-dynamic" serve >"$WORK/out" 2>"$WORK/err" </dev/null &
	pid=$!
	await_ready "$WORK/out"
	port=$(awk '{ print $2 }' "$WORK/out")
	exec {answer}<>"/dev/tcp/127.0.0.1/${port:-1}"
	printf 'good day\n' >&"$answer"
	out=$(head -n 1 <&"$answer")
	exec {answer}>&-
	wait $pid
	status=$? err=$(cat "$WORK/err")
	verdict try/server 5 "=GOOD DAY"
}

nohup_ignored() {
	local pid

	wanted try/nohup || return 0
	(trap '' HUP; exec "$OCCLUM" try "$PROBE-static" caught) >"$WORK/out" 2>&1 &
	pid=$!
	sleep 0.5
	kill -HUP $pid
	sleep 0.2
	kill -TERM $pid
	wait $pid
	status=$?
	out=$(cat "$WORK/out") err=
	verdict try/nohup 42 'got 15'
}

usage() {
	mkdir "$WORK/empty" "$WORK/alone"
	cd "$WORK/empty" || exit 1
	t usage/none 125 'usage: occlum COMMAND' occlum
	t usage/help 0 'start the instance' occlum --help
	t usage/version 0 '^occlum [0-9.]+$' occlum --version
	t usage/unknown-command 125 "unknown command 'biuld'; did you mean 'build'" occlum biuld
	for c in try new init copy build run start exec status stop kill print; do
		t "usage/help-$c" 0 "^usage: occlum $c" occlum $c --help
	done
	t usage/unknown-option 125 'build: --frob: unknown option' occlum build --frob
	t usage/try-unknown-option 125 'unknown option --frob' occlum try --frob /bin/true
	t usage/no-program 125 'which program' occlum run
	t usage/try-no-program 125 'which program' occlum try
	t usage/too-many 125 'unexpected argument now' occlum start now
	t usage/no-instance 125 'no instance directory' occlum run /bin/true
	t usage/not-started 125 'no instance is started' occlum exec /bin/true
	t usage/status-stopped 1 '=stopped' occlum status
	t usage/log-level 125 "OCCLUM_LOG_LEVEL is 'loud'" env OCCLUM_LOG_LEVEL=loud "$OCCLUM" try /bin/true
	t usage/trace 0 'exit_group' env OCCLUM_LOG_LEVEL=trace "$OCCLUM" try "$PROBE-static" exit 0
	t usage/bad-home 125 "OCCLUM_HOME is '/nope'" env OCCLUM_HOME=/nope "$OCCLUM" try /bin/true
	cp "$OCCLUM" "$WORK/alone/occlum"
	t usage/no-libos 125 'libos.elf is neither beside' "$WORK/alone/occlum" try /bin/true
	echo "not an ELF file" >"$WORK/alone/libos.elf"
	t usage/bad-libos 125 'libos.elf' "$WORK/alone/occlum" try /bin/true
	head -c 100000 "$BUILD/libos.elf" >"$WORK/alone/libos.elf"
	t usage/cut-libos 125 'libos.elf' "$WORK/alone/occlum" try /bin/true
}

# The modelled machine, set up by the environment.
sgx_model() {
	local out err status

	t sgx/small-epc 3 "" env OCCLUM_SGX_EPC=8M "$OCCLUM" try "$PROBE-static" exit 3
	t sgx/stale-tlb 3 "" env OCCLUM_SGX_TLB=stale "$OCCLUM" try "$PROBE-static" exit 3
	t sgx/spin 3 "" env OCCLUM_SGX_COST=spin:icx "$OCCLUM" try "$PROBE-static" exit 3
	t sgx/stats 3 "" env OCCLUM_SGX_STATS="$WORK/stats.json" OCCLUM_SGX_COST=account:glk "$OCCLUM" try \
		"$PROBE-static" exit 3
	t sgx/stats-json 0 '^glk [1-9]' python3 -c "import json; d = json.load(open('$WORK/stats.json')); print(d['profile'], \
d['total']['EADD'], d['total']['cycles'])"
	t sgx/epc-bad 125 "OCCLUM_SGX_EPC is '5q'" env OCCLUM_SGX_EPC=5q "$OCCLUM" try /bin/true
	t sgx/cpu-bad 125 "OCCLUM_SGX_CPU is 'z80'" env OCCLUM_SGX_CPU=z80 "$OCCLUM" try /bin/true
	t sgx/cost-bad 125 "cost profile 'z80'" env OCCLUM_SGX_COST=spin:z80 "$OCCLUM" try /bin/true
	t sgx/profile 0 'build_page' "$OCCLUM" stats --profile icx
	t sgx/calibrate 0 'icx +build_page .* ok$' "$OCCLUM" stats --calibrate icx
	t sgx/calibrate-unknown 125 "'zen'" "$OCCLUM" stats --calibrate zen
	t sgx/backend 125 "OCCLUM_SGX_BACKEND is 'x'; it can be sim, hw, trap or auto" env OCCLUM_SGX_BACKEND=x "$OCCLUM" try /bin/true
	t sgx/hardware-image 3 "" env OCCLUM_SGX_BACKEND=trap "$OCCLUM" try "$PROBE-static" exit 3
	t sgx/hardware-image-exceptions 0 '^6$' env OCCLUM_SGX_BACKEND=trap "$OCCLUM" try bash -c '(echo $((2+1)); echo 3) | \
		(read a; read b; echo $((a+b)))'
	[ -e /dev/sgx_enclave ] || t sgx/backend-hw 125 'no SGX|/dev/sgx_enclave|vDSO' env OCCLUM_SGX_BACKEND=hw "$OCCLUM" try /bin/true
	t stats/none 125 'no instance is started' "$OCCLUM" stats
}

make_instance() {
	cd "$WORK" || exit 1
	t new/new 0 "" occlum new inst
	t new/again 125 'inst is there already' occlum new inst
	mkdir other && cd other || exit 1
	t new/init 0 "" occlum init
	t new/init-again 125 'Occlum.json here already' occlum init
	cd "$WORK/inst" || exit 1
	t run/not-built 125 'not built' occlum run /bin/true
	echo "a block to be damaged, $RANDOM$RANDOM" >data
	head -c 300000 /dev/urandom >>data
	echo "a good file" >good
	t copy/program 0 'copied' occlum copy /bin/busybox /bin/cat /bin/sleep
	t copy/to 0 'copied' occlum copy --to /bin "$PROBE-dynamic" "$PROBE-static" "$PROBE-static-pie"
	t copy/data 0 'copied' occlum copy --to /etc data good
	t copy/missing 125 '/nonesuch: No such file' occlum copy /nonesuch
	t copy/none 125 'which files' occlum copy
	ln -s busybox image/bin/sh
	t build/build 0 'built build/' occlum build
	t build/nothing-to-do 0 'up to date' occlum build
	t build/hw 0 'built build/' occlum build --sgx-mode HW
	t build/hw-on-the-model 3 "" env OCCLUM_SGX_BACKEND=trap "$OCCLUM" run /bin/probe-static exit 3
	[ -e /dev/sgx_enclave ] || t build/hw-here 125 'sgx-mode SIM' occlum run /bin/probe-static exit 3
	t build/sim-again 0 'build/' occlum build --sgx-mode SIM
	t build/bad-mode 125 "SGX mode 'FAST' is not known" occlum build --sgx-mode FAST
	t build/bad-key 125 '/etc/passwd' occlum build --sign-key /etc/passwd
	t print/mrenclave 0 '^[0-9a-f]{64}$' occlum print mrenclave
	t print/mrsigner 0 '^[0-9a-f]{64}$' occlum print mrsigner
	t print/unknown 125 "'mrfoo' is neither" occlum print mrfoo
	# The same content elsewhere, by the same key, measures the same.
	mkdir "$WORK/copy" && cp -a Occlum.json image signing-key.pem "$WORK/copy"
	t print/reproducible 0 "=$("$OCCLUM" print mrenclave)" \
		bash -c 'cd "$WORK/copy" && "$OCCLUM" build >/dev/null && "$OCCLUM" print mrenclave'
}

# bad_config NAME SED-SCRIPT EXPECTED
bad_config() {
	cp -p Occlum.json "$WORK/saved.json"
	sed -i "$2" Occlum.json
	t "config/$1" 125 "$3" occlum build
	cp -p "$WORK/saved.json" Occlum.json
}

configs() {
	bad_config value 's/"product_id": 0/"product_id": "x"/' \
		'Occlum.json:8: key "metadata.product_id": value "x": expected a number'
	bad_config unknown-key 's/"product_id": 0/"produkt": 0/' 'Occlum.json:8: key "metadata.produkt" is not known'
	bad_config not-json 's/"product_id": 0,/"product_id": 0,,/' 'Occlum.json:8: this is not JSON'
	bad_config entry-point 's,"/usr/bin"\],"usr/bin"],' 'Occlum.json:2: key "entry_points'
	bad_config mount-type 's/hostfs/netfs/' 'Occlum.json:[0-9]+: key "mount.*netfs'
	bad_config range 's/"version_number": 0/"version_number": 65536/' \
		'Occlum.json:9: key "metadata.version_number": value 65536'
	t config/restored 0 'up to date' occlum build
	touch image/etc/new
	t config/image-changed 125 'changed after the last build' occlum run /bin/cat
	rm image/etc/new
	occlum build >/dev/null
}

runs() {
	t run/program 0 'thread 42 main 1 heap 7' occlum run /bin/probe-dynamic
	t run/status 77 "" occlum run /bin/probe-static exit 77
	t run/killed 137 "" occlum run /bin/probe-static raise 9
	t run/resolv-conf 0 "=$(cat /etc/resolv.conf)" occlum run /bin/cat /etc/resolv.conf
	t run/entry-point 126 'entry point' occlum run /etc/passwd
	t run/entry-point-dots 126 'entry point' occlum run /bin/../../etc/passwd
	t run/relative-is-to-the-root 0 'a good file' occlum run bin/cat etc/good
	t run/missing 127 '/bin/nosuch: No such file' occlum run /bin/nosuch
	t run/stdin 0 =piped bash -c 'echo piped | "$OCCLUM" run /bin/cat'
	t run/env-trusted 0 '=/usr/bin:/bin' env PATH="/evil:$PATH" "$OCCLUM" run /bin/busybox sh -c 'echo $PATH'
	t run/env-untrusted 0 '=vt52 ' \
		env TERM=vt52 LD_PRELOAD= EVIL=1 "$OCCLUM" run /bin/busybox sh -c 'echo "$TERM $EVIL"'
	t run/data 0 "a good file" occlum run /bin/cat /etc/good
	t valgrind/run 0 "a good file" occlum run --valgrind-friendly /bin/cat /etc/good
	t valgrind/run-fixed 126 'linked to fixed addresses' occlum run --valgrind-friendly /bin/probe-static
	signals run /bin/probe-static-pie
}

tampered() {
	local at

	cp -p build/rootfs.img "$WORK/rootfs.img"
	at=$(grep -abo -m1 'a block to be damaged' build/rootfs.img | head -n 1 | cut -d: -f1)
	flip build/rootfs.img "$at"
	t tamper/start 0 "" occlum start
	t tamper/eio 1 'Input/output error' occlum exec /bin/cat /etc/data
	t tamper/log-names-block 0 "block $((at / 4096))" cat run/occlum.log
	t tamper/others-go-on 0 '=a good file' occlum exec /bin/cat /etc/good
	t tamper/rest-of-file 0 =1000 bash -c '"$OCCLUM" exec /bin/busybox tail -c 1000 /etc/data | wc -c'
	t tamper/stop 0 "" occlum stop
	cp -p "$WORK/rootfs.img" build/rootfs.img
	flip build/rootfs.img 100
	t tamper/superblock 125 'root' occlum run /bin/cat /etc/good
	cp -p "$WORK/rootfs.img" build/rootfs.img
	for f in config.bin sigstruct.bin libos.elf; do
		cp -p build/$f "$WORK/$f"
		# The middle of libos.elf is about debugging, which is not measured.
		flip build/$f $(($(stat -c %s build/$f) / 10))
		t "tamper/$f" 125 'occlum: ' occlum run /bin/cat /etc/good
		t "tamper/$f-start" 125 'occlum: ' occlum start
		truncate -s 100 build/$f
		t "tamper/$f-cut" 125 'occlum: ' occlum run /bin/cat /etc/good
		cp -p "$WORK/$f" build/$f
	done
	t tamper/restored 0 '=a good file' occlum run /bin/cat /etc/good
}

many_execs() {
	local i pids=() sum=0

	wanted exec/twenty-at-once || return 0
	for ((i = 1; i <= 20; i++)); do
		occlum exec /bin/probe-static-pie exit $i &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
		sum=$((sum + $?))
	done
	out=$sum err= status=0
	verdict exec/twenty-at-once 0 =210
}

instance() {
	local pid

	t start/start 0 "" occlum start
	t start/again 125 'already started' occlum start
	t status/running 0 'running, process [0-9]+, 0 programs' occlum status
	t exec/program 0 'thread 42 main 1 heap 7' occlum exec /bin/probe-dynamic
	t exec/status 77 "" occlum exec /bin/probe-static-pie exit 77
	t exec/killed 134 "" occlum exec /bin/probe-static-pie raise 6
	t exec/entry-point 126 'Permission denied' occlum exec /etc/passwd
	t exec/missing 127 'No such file' occlum exec /bin/nosuch
	t exec/stdin 0 =piped bash -c 'echo piped | "$OCCLUM" exec /bin/cat'
	t exec/stderr 2 '^probe: what is odd' \
		bash -c '"$OCCLUM" exec /bin/probe-static-pie odd 3>&1 1>/dev/null 2>&3'
	t exec/closed 5 "" bash -c '"$OCCLUM" exec /bin/probe-static-pie exit 5 <&- >&- 2>&-'
	if wanted exec/large; then
		out=$("$PROBE-static" lines 200000 | md5sum)
		t exec/large 0 "=$out" bash -c '"$OCCLUM" exec /bin/probe-static-pie lines 200000 | md5sum'
	fi
	tty exec/tty 0 'tty 111' "" "$OCCLUM exec /bin/probe-dynamic tty"
	tty exec/tty-interrupt 130 ready '\003' "$OCCLUM exec /bin/probe-static-pie hold"
	signals exec /bin/probe-static-pie
	many_execs
	t exec/memory-stays 0 =kept \
		bash -c '"$OCCLUM" exec /bin/busybox sh -c "echo kept >/tmp/f" && "$OCCLUM" exec /bin/cat /tmp/f'
	"$OCCLUM" exec /bin/probe-static-pie hold >/dev/null &
	pid=$!
	sleep 0.3
	t status/one-program 0 '1 program$' occlum status
	kill -KILL $pid
	wait $pid 2>/dev/null
	sleep 0.3
	t exec/client-gone 0 '0 programs' occlum status
	"$OCCLUM" exec /bin/probe-static-pie hold >/dev/null 2>&1 &
	pid=$!
	sleep 0.3
	t stop/stop 0 "" occlum stop
	wait $pid
	status=$? out= err=
	verdict stop/program-terminated 143 ""
	t stop/again 125 'no instance is started' occlum stop
	t stop/status 1 =stopped occlum status
	t start/after-stop 0 "" occlum start
	t stats/stats 0 '"total":.*"EENTER":' occlum stats
	"$OCCLUM" exec /bin/probe-static-pie hold >/dev/null 2>"$WORK/err" &
	pid=$!
	sleep 0.3
	t kill/kill 0 "" occlum kill
	wait $pid
	status=$? out= err=$(cat "$WORK/err")
	verdict kill/exec-fails 125 'the instance ended'
	t kill/status 1 =stopped occlum status
	t start/after-kill 0 "" occlum start
	t exec/after-kill 3 "" occlum exec /bin/probe-static-pie exit 3
	t stop/end 0 "" occlum stop
}

printf '#!/bin/sh\necho "script $0 $# $2"\nexit 4\n' >"$WORK/script"
printf 'neither ELF nor script\0\1\2' >"$WORK/junk"
chmod 755 "$WORK/script" "$WORK/junk"
cd "$WORK" || exit 1
SECONDS=0
try_programs
loopback_by_host
enclave_memory
statuses
streams
signals try "$PROBE-static"
nohup_ignored
serving
usage
sgx_model
enclaves_of_enclaves
processes_in_enclaves
profiling
valgrind_friendly
make_instance
configs
runs
tampered
instance
echo "cli: $passed passed, $failed failed, $skipped skipped in $SECONDS s"
echo "$passed $failed $skipped" >"$BUILD/cli.count"
exit 0
