# EDMM: the first touch of memory, for each page, over the size of the mapping.
title = "EDMM: first touch of a page" . (narrow ? "" : ", by size of the mapping")
cases = "edmm/touch-1 edmm/touch-4 edmm/touch-16 edmm/touch-64 edmm/touch-256 edmm/touch-1024 edmm/touch-4096 " . \
	"edmm/touch-16384 edmm/touch-65536"
xs = "1 4 16 64 256 1024 4096 16384 65536"; xnames = "1 4 16 64 256 1K 4K 16K 64K"; xaxis = "pages"
metric = "latency"; unit = "us"; axis = "microseconds a page"; per_x = 1; yformat = "%g"
load "plots/lines.gp"
