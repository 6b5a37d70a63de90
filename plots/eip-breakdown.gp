# Where a spawn spends its time if each process has an enclave of its own.
title = narrow ? "An enclave for each process: its spawn" : "Spawn with an enclave for each process: where the time goes"
cases = "breakdown/static-pie-14k-process breakdown/static-pie-400k-process breakdown/static-pie-14m-process"
part_metric = "latency"
sizes = "static-pie-14k static-pie-400k static-pie-14m"; size_names = "14KB 400KB 14MB"
parts = "process create add einit boot attest load other run"
titles = "process|ECREATE|EADD+EEXTEND|EINIT|start|attestation|load|other|run"
colours = "#8b929b #c9b458 #d9822b #a8503a #5b8fd9 #7a5fb4 #3a9a5b #b9bec6 #4d545d"
# "static-pie-14k-add" is the part "add" of "static-pie-14k".
key_of = "$1 == \"breakdown\" && match($2, /-[a-z]+$/) ? substr($2, 1, RSTART - 1) \" \" substr($2, RSTART + 1) : 0"
load "plots/stack.gp"
