# What all figures share. A figure sets `data` (micro.csv) and `svg` (output) before it
# loads this; draw.sh passes both. A system keeps its colour in every figure.

set terminal svg size 760,420 dynamic font "Helvetica,13" background rgb "white"
set output svg
set datafile separator ","
set border 3 linecolor rgb "#5a6068" linewidth 1
set tics nomirror textcolor rgb "#30353b"
set grid ytics linecolor rgb "#dfe3e8" linewidth 1 linetype 1
set key at graph 1, 1.11 right top horizontal samplen 1.5
set margins 11, 3, 4, 3
set errorbars 0.6

set linetype 1 linecolor rgb "#8b929b" linewidth 2 pointtype 7 pointsize 0.8
set linetype 2 linecolor rgb "#2563c9" linewidth 2 pointtype 7 pointsize 0.8
set linetype 3 linecolor rgb "#d9822b" linewidth 2 pointtype 7 pointsize 0.8
set linetype 4 linecolor rgb "#3a9a5b" linewidth 2 pointtype 7 pointsize 0.8

# Systems in the order of the file; the first is the baseline.
systems = system("awk -F, 'NR > 1 && !seen[$3]++ { print $3 }' " . data)

# rows(...): one line "position,value,p5,p95" for each case of a list, of one system.
# `cases` are "bench/case" words; a case that was not measured leaves a gap.
rows(sys, metric, cases) = sprintf("< awk -F, -v want='%s' -v s=%s -v m=%s ", cases, sys, metric) . \
	"'BEGIN { n = split(want, w, \" \"); for (i = 1; i <= n; i++) at[w[i]] = i } " . \
	"$3 == s && $4 == m && ($1 \"/\" $2) in at { k = $6 == \"us\" ? 1 : $6 == \"ns\" ? 0.001 : 1; " . \
	"print at[$1 \"/\" $2] \",\" $5 * k \",\" $8 * k \",\" $9 * k; n = 0 } " . \
	"END { if (n) print \"NaN,NaN,NaN,NaN\" }' " . data

# Bars stand side by side, centred on the case's position.
bar_width = 0.8 / words(systems)
bar_x(pos, k) = pos + (k - (words(systems) + 1) / 2.0) * bar_width
