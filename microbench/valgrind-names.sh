#!/bin/sh
# Names of code in the enclave for what valgrind wrote about `occlum try --perf --valgrind-friendly PROGRAM`: callgrind's file or
# a report of memcheck, of which addresses are all that valgrind knows there. What is named goes to stdout.
set -eu
[ $# = 1 ] || [ $# = 2 ] || {
	echo "usage: valgrind-names.sh FILE [MAP]   (MAP: /tmp/perf-PID.map of that run, else by the PID in FILE)" >&2
	exit 2
}
pid=$(sed -n 's/^pid: \([0-9]*\)$/\1/p; s/^==\([0-9]*\)==.*/\1/p' "$1" | head -n 1)
map=${2-/tmp/perf-$pid.map}
[ -r "$map" ] || {
	echo "valgrind-names.sh: no $map: was the program run with --perf?" >&2
	exit 1
}
sorted=$(mktemp)
trap 'rm -f "$sorted"' EXIT
awk '{ printf "%16s %s\n", $1, $0 }' "$map" | LC_ALL=C sort | cut -c 18- >"$sorted"
awk -v map="$sorted" '
function number(hex,   i, v) {
	v = 0
	hex = tolower(hex)
	for (i = 1; i <= length(hex); i++)
		v = v * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
	return v
}
# The last name of those that begin at or before the address and reach it.
function named(v,   lo, hi, mid, i) {
	lo = 0
	hi = n
	while (lo < hi) {
		mid = int((lo + hi) / 2)
		if (start[mid] <= v) lo = mid + 1; else hi = mid
	}
	for (i = lo - 1; i >= 0 && i > lo - 20; i--)
		if (v < start[i] + size[i])
			return name[i]
	return ""
}
BEGIN {
	while ((getline line <map) > 0) {
		split(line, part, " ")
		start[n] = number(part[1])
		size[n] = number(part[2])
		name[n++] = substr(line, length(part[1]) + length(part[2]) + 3)
	}
}
# callgrind: "fn=(12) 0x0000000800002960"; memcheck: "   at 0x800002960: ???"
/^c?fn=\([0-9]*\) 0x[0-9a-f]*/ || /(at|by) 0x[0-9A-F]*: \?\?\?/ {
	match($0, /0x[0-9a-fA-F]+/)
	found = named(number(substr($0, RSTART + 2, RLENGTH - 2)))
	if (found != "" && /^c?fn/)
		$0 = substr($0, 1, RSTART - 1) found substr($0, RSTART + RLENGTH)
	else if (found != "")
		sub(/\?\?\?/, found)
}
{ print }' "$1"
