# cli_valgrind.sh: `--valgrind-friendly`, natively and under valgrind; part of cli.sh.
# shellcheck shell=bash
VALGRIND_NAMES=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../microbench" && pwd)/valgrind-names.sh

# Natively: it is also the way to run where there is no FSGSBASE or Syscall User Dispatch.
plain_natively() {
	local plain=(occlum try --valgrind-friendly)

	t valgrind/native 0 '=hi' "${plain[@]}" /bin/echo hi
	t valgrind/native-shell 0 '=3' "${plain[@]}" /bin/bash -c 'printf "a\nb\nc\n" | sort | wc -l'
	t valgrind/native-status 7 '' "${plain[@]}" /bin/sh -c 'exit 7'
	t valgrind/native-crash 139 '' "${plain[@]}" /bin/sh -c 'kill -SEGV $$'
	t valgrind/native-threads 0 '' "${plain[@]}" "$BUILD/compat/thread/mutex"
	# System calls that no table knows of: code that a program makes.
	t valgrind/native-made-code 0 '' "${plain[@]}" "$BUILD/compat/mm/exec_code"
	t valgrind/native-static-pie 0 '' "${plain[@]}" "$BUILD/cli/probe-static-pie"
	t valgrind/native-short 0 '=ours' "${plain[@]}" "$BUILD/cli/valgrind-errors" short
	t valgrind/fixed-addresses 126 'probe-static: linked to fixed addresses.*--valgrind-friendly.*-pie' \
		"${plain[@]}" "$BUILD/cli/probe-static"
	t valgrind/and-eip 125 '--valgrind-friendly and --eip exclude each other: valgrind follows one enclave' "${plain[@]}" --eip /bin/true
	t valgrind/and-sgx1 125 '--valgrind-friendly and --sgx1 exclude each other' "${plain[@]}" --sgx1 /bin/true
	t valgrind/and-hardware 125 "--valgrind-friendly runs on the model of SGX only, but OCCLUM_SGX_BACKEND is 'hw'" \
		env OCCLUM_SGX_BACKEND=hw "$OCCLUM" try --valgrind-friendly /bin/true
	t valgrind/and-sgx1-cpu 125 'the processor sgx1 has no SGX2, without which --valgrind-friendly has no memory' \
		env OCCLUM_SGX_CPU=sgx1 "$OCCLUM" try --valgrind-friendly /bin/true
	t valgrind/image-missing 125 'libos-plain.elf, which --valgrind-friendly needs' \
		env OCCLUM_HOME=/nonexistent "$OCCLUM" try --valgrind-friendly /bin/true
}

# under NAME EXPECTED TOOL OPTION PROGRAM...: valgrind's other options are added by the command itself.
under() {
	local name=$1 expected=$2 tool=$3 option=$4

	wanted "valgrind/$name" || return 0
	shift 4
	out=$(timeout -k 2 180 valgrind -q --tool="$tool" --log-file="$WORK/valgrind" ${option:+"$option"} "$OCCLUM" try \
		--valgrind-friendly "$@" 2>"$WORK/err")
	status=$?
	err=$(cat "$WORK/err")
	verdict "valgrind/$name" 0 "$expected"
}

plain_under_valgrind() {
	local map

	if ! command -v valgrind >/dev/null; then
		wanted valgrind/none && skip valgrind "there is no valgrind here"
		return
	fi
	t valgrind/without 125 "valgrind keeps part of it for itself; run the program with --valgrind-friendly" \
		valgrind -q --tool=none "$OCCLUM" try /bin/true
	under none '=hi' none '' /bin/echo hi
	under shell '=3' none '' /bin/bash -c 'printf "a\nb\nc\n" | sort | wc -l'
	under short '=ours' none '' "$BUILD/cli/valgrind-errors" short
	under callgrind '=hi' callgrind "--callgrind-out-file=$WORK/callgrind" --perf /bin/echo hi
	wanted valgrind/callgrind && {
		map=/tmp/perf-$(sed -n 's/^pid: //p' "$WORK/callgrind").map
		run "$VALGRIND_NAMES" "$WORK/callgrind"
		verdict valgrind/callgrind-names 0 '^c?fn=\([0-9]*\) syscall_dispatch \[libos-plain.elf\]'
		rm -f "$map"
	}
	under memcheck '=42' memcheck '' "$BUILD/cli/valgrind-errors" none
	under memcheck-uninitialised '=not seen' memcheck '' "$BUILD/cli/valgrind-errors" uninitialised
	wanted valgrind/memcheck-uninitialised && {
		out=$(grep -c 'depends on uninitialised value' "$WORK/valgrind")
		verdict valgrind/memcheck-report 0 '[1-9]'
	}
}

valgrind_friendly() {
	plain_natively
	plain_under_valgrind
}
