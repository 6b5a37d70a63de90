# headline.awk: the cards with headline ratios, and a list of those that were not measured. Usage: awk -f headline.awk headlines.csv micro.csv app.csv
# A ratio says how many times better `ours` is than `other`. What was not measured says so; nothing is ever guessed.

function key(b, c, s, m) { return b SUBSEP c SUBSEP s SUBSEP m }

function better(h, a, b) { return metric[h] == "throughput" ? a / b : b / a }

# Sets `ratio` (0: not measured) and `shown_case`.
function ratio_of(h,    n, i, name, a, b, r, best_a, best_b) {
	ratio = best_a = best_b = 0
	shown_case = ""
	n = split(cases[h], name, " ")
	for (i = 1; i <= n; i++) {
		a = value[key(bench[h], name[i], ours[h], metric[h])]
		b = value[key(bench[h], name[i], other[h], metric[h])]
		if (a == "" || b == "")
			continue
		if (a + 0 > best_a) best_a = a + 0
		if (b + 0 > best_b) best_b = b + 0
		r = better(h, a, b)
		if (kind[h] != "peak" && (!ratio || r < ratio)) {
			ratio = r
			shown_case = name[i]
		}
	}
	if (kind[h] == "peak" && best_b)
		ratio = best_a / best_b
}

# Three digits behind the point where two would look like a goal that was not reached.
function commas(v, goal,    text, out) {
	if (goal != "" && v < goal && sprintf("%.2f", v) + 0 >= goal)
		return sprintf("%.3f", v)
	if (v < 100)
		return sprintf(v < 10 ? "%.2f" : "%.1f", v)
	text = sprintf("%.0f", v)
	while (length(text) > 3) {
		out = "," substr(text, length(text) - 2) out
		text = substr(text, 1, length(text) - 3)
	}
	return text out
}

function card(h,    state, verdict) {
	state = least[h] == "" ? "plain" : ratio >= least[h] ? "good" : "short"
	verdict = state == "good" ? "reaches " least[h] "x &middot; " : state == "short" ? "short of " least[h] "x &middot; " : ""
	printf "<li class=\"card %s\"><b class=\"ratio\" data-id=\"%s\">%s<small>x</small></b>", state, id[h], commas(ratio, least[h])
	printf "<span>%s%s</span>", what[h], kind[h] == "worst" ? " (" substr(shown_case, 6) " bytes)" : ""
	printf "<em>%spaper: %s</em></li>\n", verdict, paper[h]
}

function absent(h) {
	return sprintf("<li>%s: <b class=\"ratio\" data-id=\"%s\">not measured</b> (paper: %s)</li>\n", what[h], id[h], paper[h])
}

BEGIN { FS = "|" }
FILENAME ~ /headlines.csv$/ {
	if ($1 !~ /^#/ && NF == 10) {
		id[++nr] = $1; what[nr] = $2; kind[nr] = $3; metric[nr] = $4; bench[nr] = $5
		cases[nr] = $6; ours[nr] = $7; other[nr] = $8; least[nr] = $9; paper[nr] = $10
	}
	next
}
{ n = split($0, f, ","); value[key(f[1], f[2], f[3], f[4])] = f[5] }
END {
	print "<ul class=\"cards\">"
	for (h = 1; h <= nr; h++) {
		ratio_of(h)
		if (ratio)
			card(h)
		else
			missing = missing absent(h)
	}
	print "</ul><ul class=\"soft\">" missing "</ul>"
}
