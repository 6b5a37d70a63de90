/* cputime.h: CPU time of processes and threads, and clock numbers that name them. */
#pragma once
#include "base/types.h"

struct process;

enum cputime_kind { CPUTIME_PROF, CPUTIME_VIRTUAL, CPUTIME_SCHED }; /* PROF and SCHED: user + system */

/* What a clock number measures. tid != 0: that thread; else process pid. */
struct cpu_clock {
	enum cputime_kind kind;
	kpid_t pid, tid;
};
/* Decodes CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID and the negative numbers that name a process or
 * one of the caller's threads. -EINVAL. */
int cpu_clock_parse(int clock, struct cpu_clock *out) must_check;
/* false: process or thread is gone. */
bool cpu_clock_read(const struct cpu_clock *c, nsec_t *now) must_check;
