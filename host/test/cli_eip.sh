# cli_eip.sh: enclaves that enclaves start (occlum try --eip), and hosts that lie to them; part of cli.sh.
# shellcheck shell=bash

# liar NAME STATUS EXPECTED LIE [PROGRAM ARGS]: the parent enclave must live to tell of it.
liar() {
	local name=$1 want=$2 expected=$3 lie=$4

	wanted "$name" || return 0
	shift 4
	out=$(LIAR=$lie LD_PRELOAD=$BUILD/cli/liar.so timeout -k 2 40 "$OCCLUM" try --eip --enclave-size 64M \
		"$PROBE-static" spawn "$@" 2>"$WORK/err")
	status=$?
	err=$(cat "$WORK/err")
	verdict "$name" "$want" "$expected"
}

enclaves_of_enclaves() {
	local spawn=("$PROBE-static" spawn "$PROBE-static") eip=(occlum try --eip --enclave-size 64M) pid child at

	t eip/one-program 7 "" "${eip[@]}" "$PROBE-static" exit 7
	t eip/spawn 0 '=exited 9' "${eip[@]}" "${spawn[@]}" exit 9
	t eip/twice 0 $'=exited 9\nexited 0' "${eip[@]}" "$PROBE-static" spawn "${spawn[@]}" exit 9
	t eip/killed 0 '=killed 6' "${eip[@]}" "${spawn[@]}" raise 6
	t eip/out-and-status 0 '^exited 0$' "${eip[@]}" "${spawn[@]}" lines 3
	t eip/stats 0 '"event": "spawn".*"create_ns": [1-9].*"pages": [1-9].*"load_ns": [1-9]' \
		bash -c 'export OCCLUM_EIP_STATS=$WORK/stats; "$OCCLUM" try --eip "$@" && cat "$WORK/stats"' - "${spawn[@]}" exit 0
	t eip/size-without 125 'is for --eip' occlum try --enclave-size 64M /bin/true
	t eip/size-wrong 125 'from 32MB to 16GB' occlum try --eip --enclave-size 1M /bin/true
	t eip/command-by-hand 125 "for occlum's own use" occlum eip-child 3 4 5 6
	# Bits of the parent's key, of the child's key and REPORT: found by the parent, whose program cannot spawn.
	for at in 9 35; do
		liar "eip/flip-parent-$at" 0 'other keys.*|no enclave' "parent:$at" "$PROBE-static" exit 9
	done
	for at in 9 45 110 200 400 460; do
		liar "eip/flip-child-$at" 0 'spawn: ' "child:$at" "$PROBE-static" exit 9
	done
	# Of the parent's REPORT, of records: found by the child, which is gone then, as if killed.
	for at in 45 300 460 475 480 600; do
		liar "eip/flip-parent-$at" 0 '^(killed 9|spawn: )' "parent:$at" "$PROBE-static" exit 9
	done
	liar eip/cut-child-greeting 0 'spawn: ' child:cut:100 "$PROBE-static" exit 9
	liar eip/cut-child-record 0 '^(killed 9|spawn: )' child:cut:480 "$PROBE-static" exit 9
	liar eip/flip-child-record 0 '^(killed 9|spawn: )' child:480 "$PROBE-static" exit 9
	# The first process is killed: its children's go with it.
	if wanted eip/nobody-left; then
		: >"$WORK/out"
		"$OCCLUM" try --eip --enclave-size 64M "${spawn[@]}" hold >"$WORK/out" 2>/dev/null </dev/null &
		pid=$!
		await_ready "$WORK/out"
		child=$(pgrep -P $pid -f eip-child)
		kill -KILL $pid
		wait $pid 2>/dev/null
		for ((at = 0; at < 100; at++)); do
			[[ $(ps -o stat= -p "${child:-1}") =~ ^(Z.*)?$ ]] && break
			sleep 0.05
		done
		status=$((at < 100 ? 0 : 1)) out= err="process '$child' is still there"
		verdict eip/nobody-left 0 ""
	fi
}
