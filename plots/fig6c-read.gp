# Fig. 6c: reading a file in sequence.
title = "Fig. 6c  Reading a file in sequence (warm)"
cases = "file/tmp-seq-read-4k file/tmp-seq-read-16k file/tmp-seq-read-64k file/tmp-seq-read-256k file/tmp-seq-read-1024k"
xs = "4 16 64 256 1024"; xnames = xs; xaxis = "KiB in one read"
metric = "throughput"; unit = "us"; axis = "MB/s"
load "plots/lines.gp"
