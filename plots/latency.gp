# The time of one operation: system calls, a context switch, a pipe round trip.
load "plots/style.gp"

cases = "syscall/getpid syscall/trapped ctxswitch/yield-2 pipe/rtt-1 pipe/rtt-1-1cpu"
set label "One operation (median, bars from p5 to p95)" at graph 0, 1.08 left font ",15"
set ylabel "microseconds, log scale"
set logscale y
set xrange [0.4:5.6]
set xtics ("getpid" 1, "trapped getpid" 2, "yield, 2 threads" 3, "pipe 1 B\nround trip" 4, \
	"same,\none CPU" 5) scale 0
set boxwidth bar_width * 0.92
set style fill solid 1.0 noborder
set yrange [0.001:*]
plot for [k=1:words(systems)] rows(word(systems, k), "latency", cases) \
	using (bar_x($1, k)):2 with boxes linetype k title word(systems, k), \
	for [k=1:words(systems)] rows(word(systems, k), "latency", cases) \
	using (bar_x($1, k)):2:3:4 with yerrorbars linecolor rgb "#30353b" linewidth 1 pointtype 0 notitle, \
	for [k=1:words(systems)] rows(word(systems, k), "latency", cases) \
	using (bar_x($1, k)):($4 * 1.15):(sprintf("%.3g", $2)) with labels font ",10" offset 0,0.5 notitle
