/* pid.h: the numbers of threads, processes, process groups and sessions: one name space.
 *
 * A number stays taken while a thread, a process (zombies too), a group or a session bears it. The
 * thread part of the interface (tid_alloc, tid_free, thread_find) is in thread/thread.h. */
#pragma once
#include "base/types.h"

#define PID_MAX 4194304 /* numbers are below this, as /proc/sys/kernel/pid_max says */

struct process;
struct thread;

extern uint64_t pid_last; /* the number given last */
extern unsigned thread_limit, process_limit; /* at a time (configuration) */
/* This enclave gives out numbers in [first, end) only, after those given so far; first 0: goes on behind the last. */
void pid_set_range(uint64_t first, uint64_t end);
unsigned thread_total(void);  /* threads that have a number */

/* The number is (not any more) that of process p. */
void pid_attach(kpid_t pid, struct process *p);
void pid_detach(kpid_t pid);
/* One more (less) process has the number as its pgid or sid. */
void pid_hold(kpid_t id);
void pid_release(kpid_t id);
/* exec by a thread that does not lead: t takes over the number of its dead leader. */
void tid_take_over(struct thread *t, kpid_t pid);
