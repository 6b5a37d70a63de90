/* priority.h: whose threads one may schedule differently, and how nice they may be made. */
#pragma once
#include "thread/thread.h"

/* Is t the caller's, by effective user? */
bool sched_same_owner(const struct thread *t);
/* May t get this nice value without the capability for it (RLIMIT_NICE)? Or with it. */
bool nice_allowed(const struct thread *t, int nice);
/* A new thread gets what its maker has: policy, nice value, I/O priority; unless that asked for a reset. */
void sched_inherit(struct thread *t, const struct thread *from);
