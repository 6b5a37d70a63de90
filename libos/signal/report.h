/* report.h: what the operator is told when a program crashes. */
#pragma once
#include "signal/signal.h"

/* One warning line; registers at level info. May sleep. */
void report_crash(const struct regs *regs, int sig, const struct siginfo *info);
