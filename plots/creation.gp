# Building and destroying an enclave, by size.
title = "Enclave creation and destruction, by size"
cases = "create/1m create/4m create/10m create/16m create/64m create/80m create/100m create/256m create/1g"
xs = "1 4 10 16 64 80 100 256 1024"; xnames = "1 4 10 16 64 ~ ~ 256 1024"; xaxis = "MB of heap"
metric = "total"; unit = "ms"; axis = "milliseconds"; yformat = "%g"
metric2 = "total-measured"; name2 = ", all measured"
load "plots/lines.gp"
