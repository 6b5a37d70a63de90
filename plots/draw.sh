#!/bin/bash
# Draws OUT/*.svg from a run's micro.csv and app.csv: draw.sh [RUN [OUT]]   (results/latest, plots/out)
# and the same for narrow screens in OUT/narrow/. draw.sh --list: the figures there can be. A figure none of whose cases was measured is passed over with
# a line, and its old picture is removed.
set -u
set -o pipefail
export LC_ALL=C

run=$(realpath -m -- "${1:-$(dirname "$0")/../results/latest}")
out=$(realpath -m "${2:-$(dirname "$0")/out}")
cd "$(dirname "$0")/.." || exit 1

figures="fig5a-fish fig5b-gcc fig5c-lighttpd fig6a-spawn fig6b-pipe fig6c-read fig6d-write
	eip-breakdown sgx-micro epc creation creation-parts edmm edmm-ops memory spawn latency"

[ "${1:-}" != --list ] || { echo $figures; exit; }

# The words `cases = "..."` of a figure's script, or what its `# needs:` line says, as a pattern for the start of rows.
needs()
{
	sed -n 's/^# needs: //p' "plots/$1.gp" | grep . && return
	sed -n '/^cases = /,/[^\\]$/p' "plots/$1.gp" | grep -o '[a-z]*/[a-z0-9-]*' | sed 's,/,\,,; s,$,\,,; s,^,^,' | paste -sd '|'
}

draw()
{
	gnuplot -e "figure='$1'; data='$data'; published='plots/published.csv'; svg='$2'; narrow=$3" "plots/$1.gp"
}

[ -r "$run/micro.csv" ] || [ -r "$run/app.csv" ] ||
	{ echo "draw.sh: no results in $run" >&2; exit 1; }
command -v gnuplot >/dev/null || { echo "No figures: gnuplot is not installed (Debian: gnuplot-nox)." >&2; exit 0; }
mkdir -p "$out/narrow" || exit 1
data=$(mktemp) || exit 1
trap 'rm -f "$data"' EXIT
cat "$run"/micro.csv "$run"/app.csv 2>/dev/null >"$data"
status=0 missing= drawn=0
for figure in $figures; do
	rm -f "$out/$figure.svg" "$out/narrow/$figure.svg"
	[ -f "plots/$figure.gp" ] || continue
	if ! grep -Eq "$(needs "$figure")" "$data"; then
		missing+=" $figure"
	elif draw "$figure" "$out/$figure.svg" 0 && draw "$figure" "$out/narrow/$figure.svg" 1; then
		drawn=$((drawn + 1))
	else
		echo "draw.sh: $figure could not be drawn" >&2
		rm -f "$out/$figure.svg" "$out/narrow/$figure.svg"
		status=1
	fi
done
echo "Figures: $drawn in ${out#"$PWD"/}"
[ -z "$missing" ] || echo "No figure, as none of its cases was measured:$missing"
exit $status
