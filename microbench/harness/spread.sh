#!/bin/bash
# spread.sh: measures twice and shows by how much the medians differ. On an idle machine the target is 10 %.
set -u
cd "$(dirname "$0")/../.." || exit 1
export BENCH=${BENCH:-micro}
runs=()
for i in 1 2; do
	echo "Run $i of 2"
	microbench/run.sh >"$BUILD/microbench/spread.log" 2>&1
	status=$?
	[ $status -le 1 ] || { tail -n 5 "$BUILD/microbench/spread.log" >&2; exit $status; }
	runs+=("$(readlink results/latest)")
done
microbench/harness/compare.sh "$BUILD/microbench/compare" "${runs[@]}"
