# Pipe throughput between two processes over the size of one write.
load "plots/style.gp"

cases = "pipe/tput-16 pipe/tput-64 pipe/tput-256 pipe/tput-1024 pipe/tput-4096 pipe/tput-16384 pipe/tput-65536"
size(pos) = 16 * 4 ** (pos - 1)
set label "Pipe throughput (median, bars from p5 to p95)" at graph 0, 1.08 left font ",15"
set xlabel "bytes in one write"
set ylabel "MB/s, log scale"
set margins 11, 3, 5, 3
set logscale x 4
set logscale y
set xrange [10:100000]
set xtics ("16" 16, "64" 64, "256" 256, "1 Ki" 1024, "4 Ki" 4096, "16 Ki" 16384, "64 Ki" 65536)
plot for [k=1:words(systems)] rows(word(systems, k), "throughput", cases) \
	using (size($1)):2:3:4 with yerrorbars linetype k linewidth 1 notitle, \
	for [k=1:words(systems)] rows(word(systems, k), "throughput", cases) \
	using (size($1)):2 with linespoints linetype k title word(systems, k)
