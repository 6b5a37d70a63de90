# What all figures share. draw.sh passes `data` (rows of micro.csv and app.csv), `published`, `svg` (output), `figure`
# (its name) and `narrow` (1: the size for a phone). A system keeps its colour in every figure; what it is with the
# model's costs ("+icx") has a lighter shade of it. report.sh knows these colours: it replaces the greys in the dark.

width = narrow ? 380 : 640
height = narrow ? 400 : 410
font_size = narrow ? 11 : 13
set terminal svg size width,height dynamic font sprintf("Helvetica,%d", font_size) background rgb "white"
set output svg
set datafile separator ","
set border 3 linecolor rgb "#5a6068" linewidth 1
set tics nomirror textcolor rgb "#30353b"
set grid ytics linecolor rgb "#dfe3e8" linewidth 1 linetype 1
set key at graph 1, screen 0.9 right top horizontal samplen 0.8 width -1 textcolor rgb "#30353b" maxcols (narrow ? 3 : 5)
set lmargin 9
set rmargin 2
set tmargin (narrow ? 7.5 : 5.5)
set bmargin 3.6

heading(text) = sprintf("{/:Bold %s}", text)
ink = "#30353b"

colour(sys) = sys[1:5] eq "linux" ? "#8b929b" : sys eq "sip" ? "#2563c9" : sys eq "eip" ? "#d9822b" : \
	sys[1:4] eq "sip+" ? "#8fb4ee" : sys[1:4] eq "eip+" ? "#f0bf8d" : sys[1:7] eq "gramine" ? "#3a9a5b" : "#a05fb4"

# The systems that have one of `cases` ("bench/case" words), in the order of the file.
systems_of(cases, metric) = system(sprintf("awk -F, -v want='%s' -v m=%s 'BEGIN { n = split(want, w, \" \"); " . \
	"for (i = 1; i <= n; i++) at[w[i]] = 1 } $4 == m && ($1 \"/\" $2) in at && !seen[$3]++ { print $3 }' '%s'", \
	cases, metric, data))

# rows(...): one line "position,value,p5,p95" for each case of a list, of one system, times in `unit` (ns, us, ms or s).
# A case that was not measured leaves a gap.
rows(sys, metric, cases, unit) = sprintf("< awk -F, -v want='%s' -v s='%s' -v m=%s -v out=%s ", \
	cases, sys, metric, unit) . \
	"'BEGIN { n = split(want, w, \" \"); for (i = 1; i <= n; i++) at[w[i]] = i; " . \
	"f[\"ns\"] = 1; f[\"us\"] = 1e3; f[\"ms\"] = 1e6; f[\"s\"] = 1e9 } " . \
	"$3 == s && $4 == m && ($1 \"/\" $2) in at { k = $6 in f ? f[$6] / f[out] : 1; found = 1; " . \
	"print at[$1 \"/\" $2] \",\" $5 * k \",\" $8 * k \",\" $9 * k } " . \
	"END { if (!found) print \"NaN,NaN,NaN,NaN\" }' '" . data . "'"

# pub(...): "position,place of the system,value" of what was published for this figure; `systems` say the places.
pub(cases, systems, unit) = sprintf("< sed 's/\"[^\"]*\"//g' '%s' | awk -F, -v want='%s' -v sys='%s' -v fig='%s' -v out=%s ", \
	published, cases, systems, figure, unit) . \
	"'BEGIN { n = split(want, w, \" \"); for (i = 1; i <= n; i++) at[w[i]] = i; n = split(sys, w, \" \"); " . \
	"for (i = 1; i <= n; i++) place[w[i]] = i; f[\"ns\"] = 1; f[\"us\"] = 1e3; f[\"ms\"] = 1e6; f[\"s\"] = 1e9 } " . \
	"$1 == fig && $5 != \"\" && $2 in at { k = $6 in f ? f[$6] / f[out] : 1; found = 1; " . \
	"print at[$2] \",\" ($3 in place ? place[$3] : 0) \",\" $5 * k } END { if (!found) print \"NaN,NaN,NaN\" }'"

# How many values were published for this figure; what the key says of them: nothing if nothing was asked.
nr_published = 0 + system(sprintf("sed 's/\"[^\"]*\"//g' '%s' | awk -F, -v fig='%s' '$1 == fig && $5 != \"\"' | wc -l", published, figure))
in_paper = 0 + system(sprintf("grep -c '^%s,' '%s'", figure, published))
shown_published = nr_published ? "published" : in_paper ? "published: not found" : ""
short(v) = v < 10 ? sprintf("%.2g", v) : v < 1000 ? sprintf("%.0f", v) : v < 1e6 ? sprintf("%.3gk", v / 1e3) : sprintf("%.2gM", v / 1e6)
