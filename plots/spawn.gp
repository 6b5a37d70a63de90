# posix_spawn + exit + waitpid, warm and cold.
load "plots/style.gp"

cases = "spawn/static-pie-14k spawn/busybox spawn/dynamic-glibc spawn/static-pie-14m"
cold(list) = system("echo '" . list . "' | sed 's/\\([^ ]*\\)/\\1-cold/g'")
all_cases = cases . " " . cold(cases)
set label "Spawn of a process, its exit and wait (median, bars from p5 to p95)" at graph 0, 1.08 left font ",15"
set ylabel "microseconds, log scale"
set logscale y
set xrange [0.4:8.6]
set xtics ("static PIE\n14 KB" 1, "busybox\nstatic" 2, "dynamic\nglibc" 3, "static PIE\n14 MB" 4, \
	"14 KB\ncold" 5, "busybox\ncold" 6, "dynamic\ncold" 7, "14 MB\ncold" 8) scale 0
set arrow from 4.5, graph 0 to 4.5, graph 1 nohead linecolor rgb "#c4c9d0" dashtype 2
set boxwidth bar_width * 0.92
set style fill solid 1.0 noborder
set yrange [1:*]
plot for [k=1:words(systems)] rows(word(systems, k), "latency", all_cases) \
	using (bar_x($1, k)):2 with boxes linetype k title word(systems, k), \
	for [k=1:words(systems)] rows(word(systems, k), "latency", all_cases) \
	using (bar_x($1, k)):2:3:4 with yerrorbars linecolor rgb "#30353b" linewidth 1 pointtype 0 notitle, \
	for [k=1:words(systems)] rows(word(systems, k), "latency", all_cases) \
	using (bar_x($1, k)):($4 * 1.15):(sprintf("%.0f", $2)) with labels font ",10" offset 0,0.5 notitle
