# counters.sh: hardware counters of every job, where the machine has any. Sourced by run.sh.
#
# microbench/counters counts, with PAPI, what a job's processes do in user mode from start to end, the system's own code among
# it. A job's counts are therefore no counts of one operation: compare systems and runs by them. counters.csv has a row
# for each job and system, the median of its runs, and "n/a" where nothing was counted.

COUNTERS=${COUNTERS:-}			# "off": do not look for any
readonly counter_events="cycles instructions llc-misses dtlb-misses branch-misses"
counters=				# what there is, in words; "n/a: reason" if nothing

counters_probe()
{
	if [ "$COUNTERS" = off ]; then
		counters="n/a: switched off"
	else
		counters=$("$bin/counters" 2>/dev/null) || counters=${counters:-"n/a: $bin/counters does not run"}
	fi
	echo "Counters: $counters"
}

# Puts the tool before the words of a job, in `cmd`.
counters_wrap()
{
	rm -f "$work/counts"
	[[ $counters == n/a* ]] || cmd=("$bin/counters" "$work/counts" "${cmd[@]}")
}

# The counts of a run that ended well: lines "system,job,event,value".
save_counters()
{
	local event

	if [ -s "$work/counts" ]; then
		sed "s|^|$1,$2,|" "$work/counts"
	else
		for event in $counter_events; do echo "$1,$2,$event,n/a"; done
	fi >>"$work/raw-counters.csv"
}

write_counters()
{
	[ -s "$work/raw-counters.csv" ] || return 0
	sort -t, -k1,3 -k4,4n "$work/raw-counters.csv" | awk -F, -v OFS=, -v events="$counter_events" '
		function end_of_event() {
			if (n) median[job, event] = n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
			n = 0
		}
		BEGIN {
			columns = split(events, name, " ")
			gsub(" ", ",", events)
			print "job,system," events
		}
		{
			if ($2 OFS $1 != job || $3 != event) end_of_event()
			job = $2 OFS $1
			event = $3
			if (!(job in seen)) { seen[job] = 1; order[++jobs] = job }
			if ($4 != "n/a") v[++n] = $4
		}
		END {
			end_of_event()
			for (i = 1; i <= jobs; i++) {
				line = order[i]
				for (c = 1; c <= columns; c++)
					line = line OFS ((order[i], name[c]) in median ? sprintf("%.0f", median[order[i], name[c]]) : "n/a")
				print line
			}
		}' >"$out/counters.csv"
}
