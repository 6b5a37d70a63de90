# Fig. 6a of the paper: creating a process, by the size of its program.
title = "Fig. 6a  Process creation by size of the program"
cases = "spawn/static-pie-14k spawn/static-pie-400k spawn/static-pie-14m"
names = "14 KB|400 KB|14 MB"
metric = "latency"; unit = "us"; axis = "microseconds"; bottom = 1
load "plots/bars.gp"
