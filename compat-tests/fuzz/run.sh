#!/bin/bash
# run.sh BUILD [options of the fuzzer]: runs the system call fuzzer in an enclave and watches it from outside. One line:
# ok or FAIL, with what to run to see it again. It fails when the enclave stops, the fuzzer finds something, or no
# round has begun for HANG_SECONDS.
set -u
HANG_SECONDS=${HANG_SECONDS:-60}
build=$(realpath "$1")
shift
log=$build/fuzz/syscall.log

begun() {
	stat -c %s "$log"
}

fail() {
	echo "FAIL  fuzz syscall: $1"
	echo "      last: $(grep -a '^round' "$log" | tail -n 1); log $log"
	echo "      again: $build/occlum try $build/fuzz/syscall --in-enclave --seed N --workers 3"
	exit 1
}

# A network of its own, where that is allowed: random addresses reach nobody.
private=()
if unshare -n true 2>/dev/null; then
	private=(unshare -n)
fi
"${private[@]}" "$build/occlum" try "$build/fuzz/syscall" --in-enclave "$@" >"$log" 2>"$log.err" </dev/null &
pid=$!
trap 'kill -9 $pid 2>/dev/null' EXIT
size=0
quiet=0
while kill -0 $pid 2>/dev/null; do
	sleep 0.5
	now=$(begun)
	if [[ $now != "$size" ]]; then
		size=$now quiet=0
	elif ((++quiet > HANG_SECONDS * 2)); then
		kill -9 $pid
		fail "nothing happens any more"
	fi
done
wait $pid
status=$?
trap - EXIT
if ((status)); then
	fail "$({ grep -a '^FAIL' "$log"; grep -a 'occlum: error\|enclave stopped' "$log.err" | head -n 3; } | tr '\n' ' ') (status $status)"
fi
echo "ok    fuzz syscall: $(tail -n 1 "$log" | cut -c 4-)"
