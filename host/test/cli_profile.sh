# cli_profile.sh: what people who profile use; part of cli.sh.
# shellcheck shell=bash

# The map that `occlum try --perf` has written names the LibOS's functions and the programs'.
perf_map() {
	local map

	"$OCCLUM" try --perf /bin/bash -c 'echo ready; sleep 5' >"$WORK/out" 2>"$WORK/err" &
	await_ready "$WORK/out"
	map=/tmp/perf-$!.map
	out=$(grep -E ' (syscall_dispatch \[libos|[a-z_]+ \[bash\]|[a-z_]+ \[libc\.so\.6\])' "$map" | cut -d ' ' -f 3- | sort)
	kill -KILL $! && wait $! 2>/dev/null
	status=0
	err=
	verdict profile/perf-map 0 'syscall_dispatch \[libos.*' && verdict profile/perf-map-bash 0 'execute_command \[bash\]' &&
		verdict profile/perf-map-libc 0 'fork \[libc.so.6\]'
	rm -f "$map"
}

# perf itself finds its way. Its sampling needs leave of the kernel.
perf_report() {
	if ! perf record -q -e cpu-clock -o "$WORK/perf" true >/dev/null 2>&1; then
		skip profile/perf "perf cannot record here"
		return
	fi
	perf record -q -e cpu-clock -o "$WORK/perf" sh -c 'echo $$ >"$1"; exec "$2" try --perf /bin/bash -c "$3"' - \
		"$WORK/pid" "$OCCLUM" 'for ((i = 0; i < 100000; i++)); do x=$x; done' >/dev/null 2>&1
	run perf report -i "$WORK/perf" --stdio -F symbol
	verdict profile/perf 0 '\[bash\]'
	rm -f "/tmp/perf-$(cat "$WORK/pid").map"
}

profiling() {
	wanted profile/perf-map && perf_map
	wanted profile/perf && perf_report
	t profile/numa-node 0 '0' occlum try --numa 0 /bin/bash -c 'echo 0'
	t profile/numa-spread 0 'ok' occlum try --numa spread /bin/bash -c 'echo ok'
	t profile/numa-none 125 '--numa 63: expected the number of a node or "spread"; nodes with processors for us: 0.*' occlum try --numa 63 /bin/true
	t profile/numa-missing 125 '--numa: expected' occlum run --numa
	t profile/nowhere 125 'unknown option --perff' occlum run --perff /bin/true
}
