# Where a spawn spends its time if each process has an enclave of its own.
load "plots/style.gp"
cases = "breakdown/static-pie-14k-process breakdown/static-pie-400k-process breakdown/static-pie-14m-process"
sizes = "14k 400k 14m"
parts = "process create add einit boot attest load other run"
titles = "process|ECREATE|EADD+EEXTEND|EINIT|start|attestation|load|other|run"
colours = "#8b929b #c9b458 #d9822b #a8503a #5b8fd9 #7a5fb4 #3a9a5b #b9bec6 #4d545d"
part_title(i) = system(sprintf("echo '%s' | cut -d '|' -f %d", titles, i))

# One line for each bar: position and the parts' medians in ms, summed up from below.
sums(sys, first, n) = sprintf("< awk -F, -v s='%s' -v sizes='%s' -v parts='%s' -v at=%g -v n=%d 'BEGIN { ns = split(sizes, size, \" \"); " . \
	"np = split(parts, part, \" \") } $1 == \"breakdown\" && $3 == s { v[$2] = $5 / 1000 } END { for (i = 1; i <= ns; i++) { sum = 0; " . \
	"for (k = 1; k <= n; k++) sum += v[\"static-pie-\" size[i] \"-\" part[k]]; if (sum) print i + at \",\" sum } " . \
	"print \"NaN,NaN\" }' '%s'", sys, sizes, parts, first, n, data)

systems = systems_of(cases, "latency")
set label 1 heading("Spawn with an enclave for each process: where the time goes") at screen 0.02, screen 0.955 left textcolor rgb ink
set key maxcols 3 width 1
if (narrow) { set tmargin 8 }
set ylabel "milliseconds" textcolor rgb ink
set xrange [0.45:3.55]
set yrange [0:*]
set xtics ("14 KB" 1, "400 KB" 2, "14 MB" 3) scale 0
bar_width = 0.8 / words(systems)
set boxwidth bar_width * 0.9
set style fill solid 1.0 noborder
offset_of(k) = (k - (words(systems) + 1) / 2.0) * bar_width
plot for [k=1:words(systems)] for [n=words(parts):1:-1] sums(word(systems, k), offset_of(k), n) using 1:2 with boxes \
	linecolor rgb word(colours, n) title (k == 1 ? part_title(n) : ""), \
	for [k=1:words(systems)] sums(word(systems, k), offset_of(k), words(parts)) using 1:2:(word(systems, k)) with labels \
	font sprintf(",%d", font_size - 3) textcolor rgb ink offset 0, 0.6 notitle noenhanced
