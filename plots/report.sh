#!/bin/bash
# Writes RUN/report.html from a run's env.json, micro.csv, app.csv and its figures: report.sh RUN [FIGURES]
# One page that needs nothing else, no network either. FIGURES (plots/out) is where draw.sh drew this run.
set -u
set -o pipefail
export LC_ALL=C

run=$(realpath "${1:?which run?}")
cd "$(dirname "$0")/.." || exit 1
figures=$(realpath -m "${2:-plots/out}")
parts=plots/report
env=$run/env.json
[ -r "$env" ] || { echo "report.sh: no env.json in $run" >&2; exit 1; }
csv=$(for kind in micro app; do [ -r "$run/$kind.csv" ] && echo "$run/$kind.csv"; done)

escape()
{
	sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'
}

# A value of env.json that stands on one line, without its quotes.
value()
{
	sed -n "s/^  \"$1\": \(.*\)\$/\1/p" "$env" | sed 's/,$//; s/^"\(.*\)"$/\1/; s/\\"/"/g' | head -n 1 | escape
}

# An object of strings on one line, as words.
pairs()
{
	value "$1" | sed 's/^{ *//; s/ *}$//; s/&quot;\([^&]*\)&quot;: &quot;&quot;/\1: directly/g; s/&quot;\([^&]*\)&quot;: &quot;\([^&]*\)&quot;/\1: \2/g; s/, /; /g'
}

# The objects of a list of env.json as table rows: rows NAME KEY...
rows()
{
	local name=$1 key

	shift
	sed -n "/^  \"$name\": \[/,/\]\(,\|\$\)/p" "$env" | grep '^    {' | while read -r line; do
		printf '<tr>'
		for key in "$@"; do
			printf '<td>%s' "$(sed -n "s/.*\"$key\": \"\(\([^\"\\\\]\|\\\\.\)*\)\".*/\1/p" <<<"$line" | sed 's/\\\(.\)/\1/g' | escape)"
		done
		echo '</tr>'
	done
}

# A figure of gnuplot made part of a page: its greys become classes, its names its own.
inline_svg()
{
	local name=$1 class=$2 file=$3 id=$1-$2

	sed -e '/<?xml/d; /<desc>/d; /<filter/,/<\/filter>/d; s/ font-family="Helvetica"//g' \
		-e "s,<title>.*</title>,<title>$name</title>," \
		-e "s/^<svg *\$/<svg class=\"$class\" role=\"img\"/" \
		-e '/<rect x="0" y="0" .* fill="#ffffff"\/>/d' \
		-e "s/id=\(['\"]\)/id=\1$id-/g; s/href='#/href='#$id-/g" \
		-e 's/fill="rgb(48,53,59)"/class="ink"/g' \
		-e "s/stroke='rgb(223, 227, 232)' class=\"gridline\"/class=\"grid\"/g" \
		-e "s/stroke=.rgb( *90, *96, *104)./class=\"axis\"/g; s/stroke=.rgb( *48, *53, *59)./class=\"inkline\"/g" \
		-e "s/stroke=.rgb(194, *37, *92)./class=\"red\"/g" "$file"
}

published_note()
{
	awk -v fig="$1" -f $parts/published.awk plots/published.csv | escape
}

figure_html()
{
	local name=$1

	[ -f "$figures/$name.svg" ] || return 0
	echo "<figure id=\"$name\">"
	inline_svg "$name" wide "$figures/$name.svg"
	inline_svg "$name" narrow "$figures/narrow/$name.svg"
	echo "<figcaption>$(published_note "$name")</figcaption></figure>"
}

banners()
{
	local warnings

	[ "$(value partial)" = true ] && echo "<p class=\"banner\"><b>Partial run:</b> $(value partial_why).</p>"
	warnings=$(value warnings | sed 's/^\[//; s/\]$//; s/&quot;//g')
	[ -z "$warnings" ] || echo "<p class=\"banner\"><b>Warning:</b> $warnings</p>"
	[ "$(value disturbed)" -gt 0 ] 2>/dev/null &&
		echo "<p class=\"banner\"><b>Disturbed:</b> while $(value disturbed) runs of a job were measured, other programs used the CPUs.</p>"
	[ "$(value git_dirty)" = true ] && echo '<p class="banner">Files were changed after that revision.</p>'
	return 0
}

definition()
{
	[ -z "$2" ] || echo "<dt>$1<dd>$2"
}

machine()
{
	echo '<dl>'
	definition Processor "$(value cpu_model), $(value cpus) CPUs$([ -n "$(value hypervisor)" ] && echo ", virtual ($(value hypervisor))")"
	definition Memory "$(awk -v k="$(value memory_kib)" 'BEGIN { printf "%.1f GiB", k / 1048576 }')"
	definition Kernel "$(value kernel)"
	definition Distribution "$(value distribution), $(value libc), $(value compiler)"
	definition Occlum "$(value occlum), revision $(value git_rev)"
	definition "Load before" "$(value load_before)"
	definition Pinning "$(value pinning)"
	definition "How programs are started" "$(pairs commands)"
	definition Tools "$(pairs tools)"
	definition Duration "$(value seconds) s, $(value rounds_done) of $(value rounds) rounds$(
		[ "$(value repeated)" -gt 0 ] 2>/dev/null && echo ", $(value repeated) disturbed runs of a job done again")"
	echo '</dl>'
}

failures()
{
	local rows

	rows=$(rows failed system job reason)
	[ -z "$rows" ] || echo "<h3>Failed</h3><table class=\"text\"><tr><th>system<th>job<th>reason</tr>$rows</table>"
	rows=$(rows skipped job reason)
	[ -z "$rows" ] || echo "<h3>Passed over</h3><table class=\"text\"><tr><th>job<th>reason</tr>$rows</table>"
}

page()
{
	cat <<-END
	<!doctype html>
	<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
	<title>Occlum, run $(value run)</title>
	<style>
	END
	cat $parts/style.css
	cat <<-END
	</style></head><body><main>
	<h1>Many processes in one enclave</h1>
	<p class="lead">Benchmark run $(value run) on $(value cpu_model), $(value cpus) CPUs. Native Linux (<code>linux</code>), all processes in
	one enclave (<code>sip</code>, this system) and an enclave for each process (<code>eip</code>, the way without multitasking)
	were measured in turn, with the same programs. SGX is a software model here.</p>
	END
	banners
	# shellcheck disable=SC2086
	awk -f $parts/headline.awk $parts/headlines.csv $csv || return
	echo '<p class="soft">A ratio says how many times better: time or throughput of medians. Green reaches the goal of this project.</p>'
	echo '<h2>Figures</h2><div class="figures">'
	for name in $(plots/draw.sh --list); do figure_html "$name"; done
	echo '</div><p class="soft">Medians; thin lines from the 5th to the 95th percentile. Red: published, on other machines.</p>'
	echo '<h2>How it was measured</h2>'
	cat $parts/method.html
	echo '<h2>Machine</h2>'
	machine
	echo '<h2>What is modelled, and what is missing</h2>'
	cat $parts/missing.html
	failures
	echo '<h2>All numbers</h2>'
	for file in $csv; do
		echo "<details><summary>$(basename "$file")</summary>"
		awk -F, -f $parts/table.awk "$file" || return
		echo '</details>'
	done
	echo '</main></body></html>'
}

page >"$run/report.html.new" && mv "$run/report.html.new" "$run/report.html" ||
	{ rm -f "$run/report.html.new"; echo "report.sh: cannot write $run/report.html" >&2; exit 1; }
echo "Report: $run/report.html"
