#!/bin/sh
# fuzz.sh BUILD SECONDS NAME...: runs fuzz programs one after the other, a line each; exit status 1 if one found
# something.
build=$(cd "$1" && pwd)
seconds=$2
shift 2
failed=0

# Inputs to begin with, where chance would need long to find one that gets past the first checks.
seed() {
	case $1 in
	config) cp "$seeds/Occlum.json" "$2" ;;
	hashfs) cp "$seeds/build/rootfs.img" "$2" ;;
	elf | sites) cp "$build/vdso.so" "$2" ;;
	request)
		# A configuration with its length before it, and a request to run /bin/a in /.
		size=$(stat -c %s "$seeds/build/config.bin")
		{
			# shellcheck disable=SC2059
			printf "\\$(printf %o $((size % 256)))\\$(printf %o $((size / 256)))\\1\\0"
			cat "$seeds/build/config.bin"
			printf '\1\0\0\0\7\0\0\0\0\0\0\0'
			printf '\377\377\377\377\377\377\377\377\377\377\377\377\0\0\0\0\0\0\0\0'
			printf '\1\0\0\0\1\0\0\0\22\0\0\0\26\0\0\0/\0/bin/a\0/bin/a\0A=bcd\0'
		} >"$2/request"
		;;
	path)
		printf '\0\0d\0\0\0d/e\0\17\6d/f\0\5\0../d\0d/l\0\10\0d/l\0' >"$2/path"
		printf '\6\0../../d/f\0\3\0/d/f\0g\0\15\0d\0\10\0../..\0' >>"$2/path"
		;;
	esac
}

seeds=$(mktemp -d) || exit 1 # no enclave in the root directory
trap 'rm -rf "$seeds"' EXIT
(cd "$seeds" && "$build/occlum" init && "$build/occlum" build) >"$build/fuzz/seeds.log" 2>&1 || {
	echo "FAIL seeds: $(cat "$build/fuzz/seeds.log")"
	exit 1
}
for name; do
	mkdir -p "$build/fuzz/$name.corpus"
	seed "$name" "$build/fuzz/$name.corpus"
	rm -f "$build/fuzz/$name"-crash-* "$build/fuzz/$name"-leak-* "$build/fuzz/$name"-timeout-*
	"$build/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1500 -max_len=200000 -verbosity=1 \
		-artifact_prefix="$build/fuzz/$name-" "$build/fuzz/$name.corpus" >"$build/fuzz/$name.log" 2>&1
	status=$?
	runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$build/fuzz/$name.log")
	cov=$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$build/fuzz/$name.log" | tail -n 1)
	if [ "$status" = 0 ]; then
		echo "ok    fuzz $name: ${runs:-0} runs, ${cov:-0} edges"
	else
		failed=1
		echo "FAIL  fuzz $name (status $status):" \
			"$(grep -aE 'ERROR|runtime error|SUMMARY|deadly signal' "$build/fuzz/$name.log" | head -n 3)"
		echo "      log $build/fuzz/$name.log; input $(ls "$build/fuzz/$name"-* 2>/dev/null | head -n 1)"
	fi
done
exit $failed
