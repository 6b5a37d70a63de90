# posix_spawn, exit and wait of other programs, and the first time in a new system.
title = "Process creation of other kinds of programs"
cases = "spawn/busybox spawn/dynamic-glibc spawn/static-pie-14k-cold spawn/busybox-cold spawn/dynamic-glibc-cold"
names = narrow ? "busybox|dynamic|14K cold|bb cold|dyn cold" : \
	"busybox, static|dynamic glibc|14 KB, cold|busybox, cold|dynamic, cold"
metric = "latency"; unit = "us"; axis = "microseconds"; bottom = 1
load "plots/bars.gp"
