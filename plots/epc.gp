# Paging between the EPC and memory: one access, over the working set.
title = "An access to a page at random, with an EPC of 32 MB"
cases = "epc/rand-8m epc/rand-16m epc/rand-32m epc/rand-64m epc/rand-128m"
xs = "8 16 32 64 128"; xnames = xs; xaxis = "MB of working set"
metric = "latency"; unit = "ns"; axis = "nanoseconds"
load "plots/lines.gp"
