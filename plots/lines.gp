# Lines over a size. Wants: title, cases, xs (the x of each case), xnames (its label), xaxis, metric, unit, axis.
load "plots/style.gp"

systems = systems_of(cases, metric)
if (!exists("metric2")) metric2 = "none"	# a second metric of the same cases, dotted, named name2
if (!exists("name2")) name2 = ""
systems2 = systems_of(cases, metric2)
if (!exists("per_x")) per_x = 0		# 1: values are divided by their x
y_of(pos, v) = per_x ? v / x_of(pos) : v
x_of(pos) = pos >= 1 ? 0 + word(xs, int(pos)) : NaN

set label 1 heading(title) at screen 0.02, screen 0.955 left textcolor rgb ink
set xlabel xaxis textcolor rgb ink
set ylabel axis . ", log scale" textcolor rgb ink offset (narrow ? 1.5 : 0), 0
set bmargin 4.2
set logscale x 2
set logscale y
if (!exists("yformat")) yformat = "%.0s%c"
set format y yformat
if (yformat eq "%g") { set lmargin 11 }	# room for 100000
set offsets graph 0.03, graph 0.03, 0, 0
set xtics ("" 0) scale 0
do for [i=1:words(xs)] { set xtics add ((word(xnames, i) eq "~" ? "" : word(xnames, i)) 0 + word(xs, i)) }
# Published values that belong to no x are level lines.
flat = system(sprintf("sed 's/\"[^\"]*\"//g' '%s' | awk -F, -v fig='%s' '$1 == fig && $5 != \"\" && $2 !~ \"/\" { print $5 }'", \
	published, figure))
flat_names = system(sprintf("sed 's/\"[^\"]*\"//g' '%s' | awk -F, -v fig='%s' '$1 == fig && $5 != \"\" && $2 !~ \"/\" { " . \
	"gsub(\" \", \"~\", $4); print $4 }'", published, figure))
level(i) = i <= words(flat) ? 0 + word(flat, i) : NaN
unspace(s) = system("echo '" . s . "' | tr '~' ' '")
do for [i=1:words(flat)] {
	set label 10 + i unspace(word(flat_names, i)) at graph 0.02, first word(flat, i) offset 0, 0.6 left \
		font sprintf(",%d", font_size - 2) textcolor rgb "#c2255c"
}
dash(sys) = strstrt(sys, "+") ? 2 : 1
plot for [k=1:words(systems)] rows(word(systems, k), metric, cases, unit) \
	using (x_of($1)):(y_of($1, $3)):(0):(y_of($1, $4 - $3)) with vectors nohead linewidth 1 linecolor rgb colour(word(systems, k)) notitle, \
	for [k=1:words(systems)] rows(word(systems, k), metric, cases, unit) \
	using (x_of($1)):(y_of($1, $2)) smooth unique with linespoints linecolor rgb colour(word(systems, k)) linewidth 2 pointtype 7 \
	pointsize 0.6 dashtype dash(word(systems, k)) title word(systems, k) noenhanced, \
	for [k=1:words(systems2)] rows(word(systems2, k), metric2, cases, unit) \
	using (x_of($1)):(y_of($1, $2)) smooth unique with linespoints linecolor rgb colour(word(systems2, k)) linewidth 2 \
	pointtype 6 pointsize 0.6 dashtype 3 title word(systems2, k) . name2 noenhanced, \
	for [i=1:2] level(i) with lines dashtype 3 linewidth 2 linecolor rgb "#c2255c" notitle, \
	pub(cases, systems, unit) using (x_of($1)):3 with points pointtype 13 pointsize 1.1 \
	linecolor rgb "#c2255c" title shown_published
