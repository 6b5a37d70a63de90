# EDMM: what memory calls cost for a mapping of 256 pages.
title = "EDMM: calls on 256 pages" . (narrow ? "" : " (mprotect: read-only, writable)")
cases = "edmm/mmap-256 edmm/touch-256 edmm/touch-again-256 edmm/mprotect-r-256 edmm/mprotect-rw-256 edmm/munmap-256 edmm/brk-256"
names = narrow ? "mmap|touch|again|to r|to rw|munmap|brk" : "mmap|touch|again|read-only|writable|munmap|brk, touch"
metric = "latency"; unit = "us"; axis = "microseconds"; bottom = 0.1
load "plots/bars.gp"
