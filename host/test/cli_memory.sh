# cli_memory.sh: how the enclave gets memory (modes, SGX1, drivers, stale translations), and hosts that lie about it; part of
# cli.sh.
# shellcheck shell=bash

# shellcheck disable=SC2016
memory_work='x=$(for i in 1 2 3; do /bin/echo $i | /bin/cat; done); echo $x; python3 -c "
l = [bytearray(1 << 20) for _ in range(30)]
del l[::2]
l += [b\"x\" * 300000 for _ in range(50)]
print(sum(map(len, l)))"'

# memory_mode NAME SETTING... -- OPTION...: the same work gives the same result.
memory_mode() {
	local name=$1 settings=()

	shift
	while [ "$1" != -- ]; do settings+=("$1"); shift; done
	shift
	t "$name" 0 $'=1 2 3\n30728640' env "${settings[@]}" "$OCCLUM" try "$@" /bin/bash -c "$memory_work"
}

# lying NAME STATUS EXPECTED LIE [PROGRAM...]
lying() {
	local name=$1 want=$2 expected=$3 lie=$4

	shift 4
	[ $# -gt 0 ] || set -- /bin/bash -c "$memory_work"
	t "$name" "$want" "$expected" env OCCLUM_HOME="$BUILD" OCCLUM_SGX_TLB=stale LIE="$lie" "$BUILD/cli/memory-liar" try "$@"
}

enclave_memory() {
	local mode

	for mode in eager lazy adaptive; do
		memory_mode "memory/$mode" -- --commit $mode
	done
	memory_mode memory/stale OCCLUM_SGX_TLB=stale --
	memory_mode memory/linux-driver OCCLUM_SGX_DRIVER=linux --
	memory_mode memory/linux-driver-stale OCCLUM_SGX_DRIVER=linux OCCLUM_SGX_TLB=stale --
	memory_mode memory/sgx1 OCCLUM_SGX_CPU=sgx1 OCCLUM_SGX_STATS="$WORK/sgx1.json" -- --sgx1
	t memory/sgx1-leaves 0 '=none' python3 -c "import json; n = json.load(open('$WORK/sgx1.json'))['total']
print([e for e in n if e in ('EAUG', 'EACCEPT', 'EMODPE', 'EMODPR', 'EMODT', 'EACCEPTCOPY', 'ETRACK')] or 'none')"
	t memory/sgx1-full 0 'user_space_size larger' occlum try --sgx1 /usr/bin/python3 -c '
l = []
try:
    while True:
        l.append(bytearray(64 << 20))
except MemoryError:
    del l
print(len(bytearray(100 << 20)))'
	t memory/no-sgx2 125 'vm.sgx to 1' env OCCLUM_SGX_CPU=sgx1 "$OCCLUM" try /bin/true
	t memory/no-exinfo 125 'EXINFO' env OCCLUM_SGX_CPU=cfl "$OCCLUM" try --sgx1 /bin/true
	t memory/no-avx 125 'vector registers' env OCCLUM_SGX_CPU=glk "$OCCLUM" try --sgx1 /bin/true
	t memory/mode-wrong 125 'eager, lazy or adaptive' occlum try --commit never /bin/true
	t memory/driver-wrong 125 'linux or batch' env OCCLUM_SGX_DRIVER=x "$OCCLUM" try /bin/true
	# Each lie is found out when it is told, and nothing of the program runs on.
	for lie in no-augment augment-beside augment-less no-restrict restrict-more no-track; do
		lying "lie/$lie" 125 'did not do what it said' "$lie"
	done
	lying lie/no-trim 125 'did not do what it said' no-trim /usr/bin/python3 -c 'b = bytearray(300 << 20); del b; b = bytearray(300 << 20)'
	# What the EPCM says holds whatever the page tables say.
	lying lie/augment-executable 0 '^PASS' augment-executable "$BUILD/compat/mm/exec_code" not_executable
	lying lie/open-tables 0 '^PASS' open-tables "$BUILD/compat/mm/exec_code" write_then_execute
}
