# One operation: system calls, a context switch, a pipe round trip.
title = "One operation"
cases = "syscall/getpid syscall/trapped ctxswitch/yield-2 pipe/rtt-1 pipe/rtt-1-1cpu"
names = narrow ? "getpid|trapped|yield|pipe|1 CPU" : "getpid|trapped getpid|yield, 2 threads|pipe round trip|same, one CPU"
metric = "latency"; unit = "us"; axis = "microseconds"; bottom = 0.001
load "plots/bars.gp"
