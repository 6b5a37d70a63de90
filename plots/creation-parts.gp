# What building an enclave consists of.
load "plots/style.gp"
cases = "create/16m create/64m create/256m"
parts = "ecreate eadd eextend einit destroy"
titles = "ECREATE EADD EEXTEND EINIT EREMOVE"
colours = "#c9b458 #d9822b #f0bf8d #a8503a #8b929b"

# One line for each bar: position and the parts' medians in ms, summed up from below.
sums(sys, first, n) = sprintf("< awk -F, -v s='%s' -v sizes='16m 64m 256m' -v parts='%s' -v at=%g -v n=%d 'BEGIN { ns = split(sizes, size, \" \"); " . \
	"np = split(parts, part, \" \") } $1 == \"create\" && $3 == s { v[$2, $4] = $5 / 1000 } END { for (i = 1; i <= ns; i++) { sum = 0; " . \
	"for (k = 1; k <= n; k++) sum += v[size[i], part[k]]; if (sum) print i + at \",\" sum } " . \
	"print \"NaN,NaN\" }' '%s'", sys, parts, first, n, data)

systems = systems_of(cases, "eadd")
set label 1 heading("Enclave creation: all pages added and measured") at screen 0.02, screen 0.955 left textcolor rgb ink
set key maxcols 3 width 1
set ylabel "milliseconds" textcolor rgb ink
set xrange [0.45:3.55]
set yrange [0:*]
set xtics ("16 MB" 1, "64 MB" 2, "256 MB" 3) scale 0
bar_width = 0.8 / words(systems)
set boxwidth bar_width * 0.9
set style fill solid 1.0 noborder
offset_of(k) = (k - (words(systems) + 1) / 2.0) * bar_width
plot for [k=1:words(systems)] for [n=words(parts):1:-1] sums(word(systems, k), offset_of(k), n) using 1:2 with boxes \
	linecolor rgb word(colours, n) title (k == 1 ? word(titles, n) : ""), \
	for [k=1:words(systems)] sums(word(systems, k), offset_of(k), words(parts)) using 1:2:(word(systems, k)) with labels \
	font sprintf(",%d", font_size - 3) textcolor rgb ink offset 0, 0.6 notitle noenhanced
