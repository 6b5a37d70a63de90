# The model's own costs: into an enclave and back, beside what processors were measured to take.
title = "SGX: into an enclave and back (EENTER, EEXIT)"
cases = "switch/empty switch/in switch/out switch/inout"
names = "empty|\\[in\\] 1 KiB|\\[out\\]|\\[in,out\\]"
metric = "latency"; unit = "ns"; axis = "nanoseconds"; bottom = 10
load "plots/bars.gp"
