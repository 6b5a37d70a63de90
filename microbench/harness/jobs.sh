# jobs.sh: what is measured, and on which systems. Sourced by run.sh.
#
# A job is what one start of a program measures; its words are the program and the case. A job "app NAME" is
# an application (appbench/apps/NAME). To add a bench: a line in bench_jobs, its name in micro_benches, and
# a line in system_fits if it makes sense on other systems than linux and sip.

readonly micro_benches=syscall,ctxswitch,thread,signal,ipc,spawn,fork,script,pipe,file,memory,edmm,tcp,boot,switch,create,epc
readonly apps_quick=fish,gcc,lighttpd,redis,nginx,sqlite,python
readonly apps_full=postgres
readonly spawn_cases="static-pie-14k static-pie-400k static-pie-14m busybox dynamic-glibc"

bench_jobs()
{
	local c

	case $1 in
	syscall) printf 'syscall %s\n' getpid trapped ;;
	ctxswitch) echo 'ctxswitch yield-2' ;;
	thread) printf 'thread %s\n' {create-join,futex-threads,futex-processes}{,-1cpu} ;;
	signal) printf 'signal %s\n' self process process-1cpu ;;
	ipc) printf 'ipc %s\n' {unix-stream,unix-dgram,unix-stream-fork,eventfd}{,-1cpu} unix-named mq msg ${FULL:+tcp udp} ;;
	spawn) for c in $spawn_cases; do printf 'spawn %s\n' "$c-cold" "$c"; done ;;
	fork) printf 'fork %s\n' exit-{2m,64m,1g} touch-64m exec-{static-pie,busybox,dynamic} ;;
	script) printf 'script %s\n' busybox bash subshell ;;
	tcp) printf 'tcp %s\n' echo-{1,16,128} bulk-1 ;;
	pipe) printf 'pipe %s\n' rtt-1 rtt-1-1cpu tput-{16,64,256,1024,4096,16384,65536} ;;
	file) printf 'file %s\n' tmp shm host ;;
	memory) printf 'memory %sm\n' 4 64 256 ${FULL:+16 1024 4096} ;;
	edmm) printf 'edmm %s\n' 1 16 256 4096 65536 heap ${FULL:+4 64 1024 16384} ;;
	boot) printf 'boot %s\n' true busybox ;;
	switch) printf 'switch %s\n' empty in out inout ;;
	create) printf 'create %s\n' 1m 16m ${FULL:+4m 64m 256m 1g} ;;
	epc) printf 'epc %s\n' 16m 64m ${FULL:+8m 32m 128m} ;;
	*) return 1 ;;
	esac
}

# The names of $BENCH, with the groups "micro" and "apps" spelled out.
bench_names()
{
	local name

	for name in ${BENCH//,/ }; do
		case $name in
		micro) echo "${micro_benches//,/ }" ;;
		apps) echo "${apps_quick//,/ } ${FULL:+${apps_full//,/ }}" ;;
		*) echo "$name" ;;
		esac
	done
}

list_jobs()
{
	local bench

	for bench in $(bench_names); do
		if [ -f "appbench/apps/$bench/bench.sh" ]; then
			echo "app $bench"
		else
			bench_jobs "$bench" ||
				die "unknown bench '$bench'; there are $micro_benches,$apps_quick,$apps_full"
		fi
	done
}

# Whether a job is measured on a system. linux and sip run everything. What is left out elsewhere is left out
# for time, or because it does not depend on what makes the system different (files under eip, say).
system_fits()
{
	local system=$1 job=$2

	case "$system $job" in	# of the model of SGX, whatever runs on it
	sip\ switch\ *|sip\ create\ *|sip\ epc\ *|sip+*\ switch\ *|sip+*\ create\ *|sip+*\ epc\ *) return 0 ;;
	*\ switch\ *|*\ create\ *|*\ epc\ *) return 1 ;;
	esac
	case $system in
	eip)
		case $job in
		spawn\ *-cold) return 1 ;;
		syscall\ *|spawn\ *|fork\ exit-2m|fork\ exec-static-pie|pipe\ *|boot\ true) ;;
		app\ fish|app\ gcc) ;;
		*) return 1 ;;
		esac ;;
	eip+*)
		case $job in
		spawn\ *-cold) return 1 ;;
		spawn\ *|pipe\ rtt-1|pipe\ tput-*|syscall\ *|app\ fish) ;;
		app\ gcc) [ -n "$FULL" ] ;;
		*) return 1 ;;
		esac ;;
	sip+*)
		case $job in
		edmm\ 65536|fork\ *-1g|fork\ touch*) [ -n "$FULL" ] ;;
		syscall\ *|spawn\ *|fork\ *|pipe\ *|script\ *|tcp\ echo-16|boot\ *|signal\ self|thread\ futex-processes|edmm\ *|memory\ *) ;;
		app\ fish|app\ gcc|app\ lighttpd) ;;
		*) return 1 ;;
		esac ;;
	esac
}

# How often a job is started on a system in one round: a cold case gives one sample a start, the largest heap too. Where Linux
# puts two processes or threads, on one CPU or on two, is decided once a start and makes most of the number.
job_starts()
{
	case "$1 $2" in
	*-cold) echo 8 ;;
	eip*|*-1cpu) echo 1 ;;
	*\ edmm\ 65536) echo 2 ;;
	*\ thread\ futex*|*\ signal\ process|*\ ipc\ *|*\ pipe\ rtt-1) echo 3 ;;
	*) echo 1 ;;
	esac
}

# Rounds of a job. Applications are long: the quick run takes two rounds of them, and one in enclaves of their own.
job_rounds()
{
	local most=$ROUNDS

	case "$1 $2" in
	eip*\ app\ *) most=1 ;;
	*\ app\ *) most=2 ;;
	esac
	echo $((most < ROUNDS && !${#FULL} ? most : ROUNDS))
}

# MiB that a job takes, an enclave around it included, where that is much.
job_memory()
{
	case $1 in
	memory\ *m) echo $((${1//[!0-9]/} * 5 / 4 + 512)) ;;
	fork\ *-1g|create\ 1g) echo 2560 ;;
	*) echo 0 ;;
	esac
}

# Seconds until a run is given up.
job_timeout()
{
	case "$1${FULL:+ full}" in
	*full) echo 600 ;;
	app\ *) echo 180 ;;
	*) echo 60 ;;
	esac
}

# The words that run a job on the system `prefix` belongs to.
job_command()
{
	local system=$1 job=$2

	system_prefix "$system"
	case $job in
	"boot true") cmd=("$bin/boot" true "${prefix[@]}" /bin/true) ;;
	"boot busybox") cmd=("$bin/boot" busybox "${prefix[@]}" "$bin/helpers/busybox" true) ;;
	switch\ *|create\ *|epc\ *)	# on the host, with the system's costs
		cmd=("$bin/${job%% *}" "${job#* }")
		[[ $system != *+* ]] || cmd=(env "OCCLUM_SGX_COST=spin:${system#*+}" "${cmd[@]}") ;;
	memory\ *)	# the model cannot slow memory down: a modelled column beside what was measured
		cmd=("${prefix[@]}" "$bin/memory" "${job#* }")
		[[ $system != *+* ]] || cmd=("$bin/epcmodel" "${system#*+}" "${cmd[@]}") ;;
	tcp\ *) cmd=("$bin/tcp" "${job#* }" "${prefix[@]}") ;;
	app\ *) cmd=(appbench/run.sh "$system" "${job#* }" "$work/apps" "${prefix[@]}") ;;
	*) cmd=("${prefix[@]}" "$bin/${job%% *}" "${job#* }") ;;
	esac
}
