# Fig. 6d: writing a file in sequence.
title = "Fig. 6d  Writing a file in sequence (not synced)"
cases = "file/tmp-seq-write-4k file/tmp-seq-write-16k file/tmp-seq-write-64k file/tmp-seq-write-256k file/tmp-seq-write-1024k"
xs = "4 16 64 256 1024"; xnames = xs; xaxis = "KiB in one write"
metric = "throughput"; unit = "us"; axis = "MB/s"
load "plots/lines.gp"
