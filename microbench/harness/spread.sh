#!/bin/bash
# spread.sh [A B]: measures twice and lists the medians that differ by 10 % or more, the target on an idle machine; or takes two runs
# that are there.
set -u
cd "$(dirname "$0")/../.." || exit 1
export BENCH=${BENCH:-micro}
runs=("$@")
for ((i = 1; ${#runs[@]} < 2; i++)); do
	echo "Run $i of 2"
	microbench/run.sh >"$BUILD/microbench/spread.log" 2>&1
	status=$?
	[ $status -le 1 ] || { tail -n 5 "$BUILD/microbench/spread.log" >&2; exit $status; }
	grep '^Disturbed' "$BUILD/microbench/spread.log"
	runs+=("$(realpath "${RESULTS:-results}/latest")")
done
microbench/harness/compare.sh "$BUILD/microbench/compare" "${runs[@]}" spread
