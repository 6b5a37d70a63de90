# Fig. 6b: pipe throughput over the size of a write.
title = "Fig. 6b  Pipe between two processes"
cases = "pipe/tput-16 pipe/tput-64 pipe/tput-256 pipe/tput-1024 pipe/tput-4096 pipe/tput-16384 pipe/tput-65536"
xs = "16 64 256 1024 4096 16384 65536"; xnames = "16 64 256 1K 4K 16K 64K"; xaxis = "bytes in one write"
metric = "throughput"; unit = "us"; axis = "MB/s"
load "plots/lines.gp"
