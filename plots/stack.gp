# Bars of parts that add up, as shares of their sum, a group for each size. Wants: title, cases (of one part, to find the
# systems), part_metric, sizes, size_names, parts, titles (in '|'), colours; and key_of, the awk expression of a row's
# "SIZE PART" (from fields $1 to $4), with what belongs to no bar being anything else.
load "plots/style.gp"

systems = systems_of(cases, part_metric)
part_title(i) = system(sprintf("echo '%s' | cut -d '|' -f %d", titles, i))

# One line for each bar: position, the share of the first n parts in percent, the whole in ms.
sums(sys, at, n) = sprintf("< awk -F, -v s='%s' -v sizes='%s' -v parts='%s' -v at=%g -v n=%d 'BEGIN { ns = split(sizes, size, \" \"); " . \
	"np = split(parts, part, \" \") } $3 == s { v[%s] = $5 / 1000 } END { for (i = 1; i <= ns; i++) { some = all = 0; " . \
	"for (k = 1; k <= np; k++) { all += v[size[i] \" \" part[k]]; if (k == n) some = all } " . \
	"if (all) print i + at \",\" some * 100 / all \",\" all } print \"NaN,NaN,NaN\" }' '%s'", sys, sizes, parts, at, n, key_of, data)
whole(sys, ms) = ms >= 1000 ? sprintf("%s\n%.1f s", sys, ms / 1000) : sprintf(ms < 10 ? "%s\n%.2g" : "%s\n%.0f", sys, ms) . (narrow ? "" : " ms")

set label 1 heading(title) at screen 0.02, screen 0.955 left textcolor rgb ink
set key maxcols 3 width 1
set ylabel (narrow ? "percent (above: ms)" : "percent") textcolor rgb ink
set xrange [0.45:words(sizes) + 0.55]
set yrange [0:119]
set xtics ("" 0) scale 0
do for [i=1:words(sizes)] { set xtics add (word(size_names, i) i) }
set ytics 0, 20, 100
bar_width = 0.86 / words(systems)
set boxwidth bar_width * 0.9
set style fill solid 1.0 noborder
offset_of(k) = (k - (words(systems) + 1) / 2.0) * bar_width
plot for [k=1:words(systems)] for [n=words(parts):1:-1] sums(word(systems, k), offset_of(k), n) using 1:2 with boxes \
	linecolor rgb word(colours, n) title (k == 1 ? part_title(n) : ""), \
	for [k=1:words(systems)] sums(word(systems, k), offset_of(k), words(parts)) using 1:2:(whole(word(systems, k), $3)) \
	with labels font sprintf(",%d", font_size - 3) textcolor rgb ink offset 0, 1.1 notitle noenhanced
