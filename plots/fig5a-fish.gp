# Fig. 5a: fish runs sort, od, grep, wc; one round.
title = "Fig. 5a  Fish: a round of sort, od, grep, wc"
cases = "fish/round"
names = "8 processes with files and pipes"
metric = "latency"; unit = "ms"; axis = "milliseconds"; bottom = 0.1
load "plots/bars.gp"
