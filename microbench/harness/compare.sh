#!/bin/bash
# compare.sh COMPARE A B [spread]: compares two runs, named as in results/ or by path.
set -u
cd "$(dirname "$0")/../.." || exit 1
compare=$1

die()
{
	echo "bench-compare: $*" >&2
	exit 2
}

find_run()
{
	[ -n "$1" ] || die "say which runs: make bench-compare A=run B=run; there are: $(cd results && echo 2*)"
	for dir in "$1" "results/$1"; do [ -f "$dir/env.json" ] && { echo "$dir"; return; }; done
	die "there is no run '$1' (no env.json in it or in results/$1)"
}

a=$(find_run "$2") && b=$(find_run "$3") || exit 2
echo "A: $a   B: $b"
grep -l '"partial": true' "$a/env.json" "$b/env.json" | sed 's,/env.json, is a partial run,'
for kind in micro app; do
	if [ -f "$a/$kind.csv" ] && [ -f "$b/$kind.csv" ]; then
		echo "--- $kind"
		"$compare" ${4:+"$4"} "$a/$kind.csv" "$b/$kind.csv" || exit
	else
		echo "--- $kind: not in both runs"
	fi
done
