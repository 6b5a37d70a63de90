# `make plots` draws the figures of the last run again; `make bench` draws them too.

.PHONY: plots
plots:
	plots/draw.sh results/latest
