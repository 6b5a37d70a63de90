/* crypto: see syscall/table.h for the form. */
SYS(318, getrandom, 3, "pux", FULL, 0)
