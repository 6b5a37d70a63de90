/* cpu_limit.h: RLIMIT_CPU. */
#pragma once

struct process;

/* After the limit was set or inherited. -ENOMEM (then it is not enforced). */
int cpu_limit_update(struct process *p);
void cpu_limit_drop(struct process *p);
