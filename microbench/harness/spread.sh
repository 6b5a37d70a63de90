#!/bin/bash
# spread.sh [A B]: measures twice and lists the medians that differ by 10 % or more, the target on an idle machine; or compares two
# runs that are there. The two measurements take turns (A B A B, ROUNDS rounds of each), so that what the machine does
# meanwhile meets both: what differs is the harness's.
set -u
cd "$(dirname "$0")/../.." || exit 1
export BENCH=${BENCH:-micro}
ROUNDS=${ROUNDS:-3}
bin=$BUILD/microbench
work=$bin/spread

# One round of all jobs, as round $2 of measurement $1.
measure()
{
	local run status

	ROUNDS=1 RESULTS=$work/results FIGURES=$work/figures microbench/run.sh >"$work/log" 2>&1
	status=$?
	[ $status -le 1 ] || { tail -n 5 "$work/log" >&2; exit $status; }
	grep '^Disturbed' "$work/log"
	run=$(readlink "$work/results/latest")
	awk -F, -v OFS=, -v round="$2" '{ $2 = round; print }' "$bin/runs/$run/raw-micro.csv" >>"$work/$1/raw.csv"
	cp "$work/results/$run/env.json" "$work/$1/"
}

runs=("$@")
if [ ${#runs[@]} -lt 2 ]; then
	rm -rf "$work"
	mkdir -p "$work/A" "$work/B" "$work/results"
	for ((round = 0; round < ROUNDS; round++)); do
		for which in A B; do
			echo "Measurement $which, round $((round + 1)) of $ROUNDS"
			measure $which $round
		done
	done
	for which in A B; do "$bin/stats" csv <"$work/$which/raw.csv" >"$work/$which/micro.csv" || exit 2; done
	runs=("$work/A" "$work/B")
fi
microbench/harness/compare.sh "$bin/compare" "${runs[@]}" spread
