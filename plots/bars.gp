# Bars, a group for each case. Wants: title, cases, names (one in '|' for each case), metric, unit, axis.
load "plots/style.gp"

systems = systems_of(cases, metric)
groups = words(cases)
bar_width = 0.84 / words(systems)
bar_x(pos, k) = pos + (k - (words(systems) + 1) / 2.0) * bar_width
group_name(i) = system(sprintf("echo '%s' | cut -d '|' -f %d", names, i))

set label 1 heading(title) at screen 0.02, screen 0.955 left textcolor rgb ink
set ylabel axis . ", log scale" textcolor rgb ink offset (narrow ? 1.5 : 0), 0
set logscale y
set xrange [0.45:groups + 0.55]
set yrange [bottom:*]
if (bottom >= 0.01) { set format y (bottom >= 1 ? "%.0s%c" : "%g") }
if (bottom < 1) { set lmargin 11 }	# room for 100000
set xtics ("" 0)
set for [i=1:groups] xtics add (group_name(i) i) scale 0
set boxwidth bar_width * 0.9
set style fill solid 1.0 noborder
set offsets 0, 0, graph 0.12, 0
plot for [k=1:words(systems)] rows(word(systems, k), metric, cases, unit) \
	using (bar_x($1, k)):2 with boxes linecolor rgb colour(word(systems, k)) title word(systems, k) noenhanced, \
	for [k=1:words(systems)] rows(word(systems, k), metric, cases, unit) \
	using (bar_x($1, k)):3:(0):($4 - $3) with vectors nohead linewidth 1.5 linecolor rgb ink notitle, \
	pub(cases, systems, unit) using (($2 > 0 ? bar_x($1, $2) : $1) - bar_width * 0.48):3:(bar_width * 0.96):(0) \
	with vectors nohead linewidth 3 linecolor rgb "#c2255c" title shown_published, \
	for [k=1:words(systems)] rows(word(systems, k), metric, cases, unit) \
	using (bar_x($1, k)):($4 * 1.12):(short($2)) with labels font sprintf(",%d", font_size - 3) \
	textcolor rgb ink offset 0, (narrow ? 0.9 : 0.5) rotate by (narrow ? 90 : 0) notitle
