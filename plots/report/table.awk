# table.awk: all rows of a results file as tables, one for each bench, systems side by side. Usage: awk -F, -f table.awk FILE
# Behind each value: how many times better than the first system.

function shown(v) { return v < 10 ? sprintf("%.3g", v) : v < 1000 ? sprintf("%.4g", v) : sprintf("%.0f", v) }

function ratio(a, b, unit,    r) {
	if (a == "" || b == "" || a + 0 == 0 || b + 0 == 0)
		return ""
	r = unit ~ /\/s/ ? b / a : a / b
	return sprintf(r < 0.1 ? "%.1gx" : r < 10 ? "%.2fx" : "%.0fx", r)
}

function table(bench,    i, j, v) {
	printf "<h3>%s</h3>\n<div class=\"scroll\"><table><thead><tr><th>case<th>unit", bench
	for (j = 1; j <= nr_sys; j++)
		if ((bench, sys[j]) in runs_on) printf "<th>%s", sys[j]
	print "</thead><tbody>"
	for (i = 1; i <= nr_cases; i++) {
		if (bench_of[i] != bench)
			continue
		printf "<tr><td>%s<td>%s", name_of[i] (metric_of[i] ~ /latency|throughput/ ? "" : " " metric_of[i]), unit_of[i]
		for (j = 1; j <= nr_sys; j++) {
			if (!((bench, sys[j]) in runs_on))
				continue
			v = value[list[i], sys[j]]
			if (v == "")
				printf "<td>&ndash;"
			else
				printf "<td title=\"p5 %s, p95 %s, %s samples\">%s%s", low[list[i], sys[j]],
					high[list[i], sys[j]], samples[list[i], sys[j]], shown(v),
					(j > 1 ? " <i>" ratio(value[list[i], sys[1]], v, unit_of[i]) "</i>" : "")
		}
		print "</tr>"
	}
	print "</tbody></table></div>"
}

$1 == "bench" { next }
{
	if (!($1 in seen_bench)) { seen_bench[$1] = 1; benches[++nr_benches] = $1 }
	if (!($3 in seen_sys)) { seen_sys[$3] = 1; sys[++nr_sys] = $3 }
	k = $1 SUBSEP $2 SUBSEP $4 SUBSEP $6
	if (!(k in seen_case)) {
		seen_case[k] = 1
		list[++nr_cases] = k
		bench_of[nr_cases] = $1; name_of[nr_cases] = $2; metric_of[nr_cases] = $4; unit_of[nr_cases] = $6
	}
	value[k, $3] = $5; samples[k, $3] = $7; low[k, $3] = $8; high[k, $3] = $9
	runs_on[$1, $3] = 1
}
END {
	for (b = 1; b <= nr_benches; b++)
		table(benches[b])
}
