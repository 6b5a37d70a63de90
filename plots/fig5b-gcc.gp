# Fig. 5b: gcc compiles and links.
title = "Fig. 5b  GCC: compile and link"
cases = "gcc/lines-5 gcc/lines-5000 gcc/lines-50000"
names = "5 lines|5,000 lines|50,000 lines"
metric = "latency"; unit = "ms"; axis = "milliseconds"; bottom = 1
load "plots/bars.gp"
