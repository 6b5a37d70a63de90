# Fig. 5c: lighttpd, a page of 10 KiB.
title = "Fig. 5c  Lighttpd: a page of 10 KiB, two workers"
cases = "lighttpd/10k-1 lighttpd/10k-2 lighttpd/10k-4 lighttpd/10k-8 lighttpd/10k-16 lighttpd/10k-32 lighttpd/10k-64 " . \
	"lighttpd/10k-128 lighttpd/10k-256"
xs = "1 2 4 8 16 32 64 128 256"; xnames = xs; xaxis = "clients"
metric = "throughput"; unit = "us"; axis = "thousand requests a second"
load "plots/lines.gp"
