/* sched.h: the M:N scheduler, used by entry, sync and the vCPU start. Public thread calls: thread.h. */
#pragma once
#include "thread/thread.h"

struct vcpu;

/* Gives the vCPU to the next thread; current must be queued, blocked or dead. Giant lock held. */
void schedule(void);
/* Timers, host completions; then, if somebody waits, yields. Giant lock held. May sleep. */
void sched_poll(void);
/* Something is waiting that only a tick or a schedule would notice. */
bool sched_work_waiting(void);
void sched_update_tick(struct vcpu *v);
/* Wakes a parked vCPU that may run t, if there is one. */
void sched_offer(struct thread *t);
/* A vCPU's life after boot: never returns. Giant lock held on entry. */
void sched_idle_loop(struct vcpu *v) noreturn_fn;
/* After the first switch to a new thread. */
void sched_finish_switch(void);
/* CPU time of t including the current slice. */
nsec_t thread_cpu_time(struct thread *t);
/* Returns when no other vCPU runs user code of that space (NULL: of any): those that did wait for the giant lock, which
 * the caller holds and must not let go of before it is done with what must not be seen half-way. */
struct vm_space;
void sched_quiesce(struct vm_space *space);
/* Does a thread of that space run on another vCPU, or would it run if it had one? */
bool sched_space_running(const struct vm_space *space);
/* No other vCPU runs anything. */
bool sched_alone(void);
void sched_stats(uint64_t *switches, nsec_t *idle, unsigned *runnable);
/* Charges what the current thread has run since it was last charged. */
void sched_charge(struct vcpu *v);
/* Its thread_rt() has changed: it gets another place among those that wait for a vCPU. */
void sched_reprioritise(struct thread *t);
