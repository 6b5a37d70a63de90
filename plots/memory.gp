# Memory: random reads of 8 bytes over the size of the region.
title = "Random reads of 8 bytes"
cases = "memory/rand-4m-8 memory/rand-16m-8 memory/rand-64m-8 memory/rand-256m-8 memory/rand-1024m-8 memory/rand-4096m-8"
xs = "4 16 64 256 1024 4096"; xnames = xs; xaxis = "MB of memory"
metric = "throughput"; unit = "us"; axis = "MB/s"
metric2 = "modelled-curve"; name2 = ", EPC modelled"
load "plots/lines.gp"
