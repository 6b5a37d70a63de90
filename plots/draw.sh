#!/bin/bash
# Draws plots/out/*.svg from the micro.csv of a run: plots/draw.sh [results/<run>].
# A figure none of whose cases was measured is not drawn, and its old picture is removed.
set -u
export LC_ALL=C

cd "$(dirname "$0")/.." || exit 1
run=${1:-results/latest}
data=$run/micro.csv
out=plots/out

# figure -> the samples it needs at least one of
declare -A needs=(
	[latency]='^(syscall|ctxswitch|pipe),[^,]*,[^,]*,latency,'
	[spawn]='^spawn,'
	[pipe]='^pipe,[^,]*,[^,]*,throughput,'
)

[ -r "$data" ] || { echo "draw.sh: no results in $run" >&2; exit 1; }
command -v gnuplot >/dev/null || { echo "No plots: gnuplot is not installed." >&2; exit 0; }
mkdir -p $out
status=0
for figure in latency spawn pipe; do
	svg=$out/$figure.svg
	rm -f "$svg"
	grep -Eq "${needs[$figure]}" "$data" || continue
	if gnuplot -e "data='$data'; svg='$svg'" plots/$figure.gp; then
		echo "Plot: $svg"
	else
		echo "draw.sh: $figure could not be drawn" >&2
		status=1
	fi
done
exit $status
