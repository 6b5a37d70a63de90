# `make plots` draws the figures of the last run again; `make bench` draws them too.

.PHONY: plots
plots: ## draw the figures of results/latest again, and its report
	@plots/draw.sh results/latest && plots/report.sh results/latest
