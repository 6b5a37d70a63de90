/* access.h: who may look into another process. */
#pragma once
#include "base/types.h"

struct process;
struct thread;

/* As ptrace(2) decides it (PTRACE_MODE_ATTACH_REALCREDS): the same user in every respect, or CAP_SYS_PTRACE. */
bool process_may_access(const struct process *target);
/* The thread's living process if the current one may look into it; else NULL and *err -ESRCH or -EPERM. */
struct thread *thread_for_access(kpid_t tid, int *err);
