/* sched_internal.h: what sched.c and idle.c share: run queues, and changing to a thread. Giant lock, but for the volatile words. */
#pragma once
#include "abi/layout.h"
#include "entry/vcpu.h"
#include "thread/sched.h"

/* What idle vCPUs see of a queue: its head, as a number that changes with it (0: empty), and whether to hurry. */
extern volatile uint32_t sched_queue_head[VCPU_MAX];
extern volatile bool sched_queue_urgent[VCPU_MAX];
extern volatile unsigned sched_parked_count;

void sched_dequeue(struct vcpu *v, struct thread *t);
/* The first thread in from's queue that may run on `to` and would not only wait there; NULL. */
struct thread *sched_first_allowed(struct vcpu *from, struct vcpu *to);
/* The thread that v runs next, taken from its queue, or NULL. */
struct thread *sched_pick(struct vcpu *v);
/* t is v's running thread from now on; thread_switch_asm() is next. */
void sched_load_thread(struct vcpu *v, struct thread *t);
void thread_switch_asm(uint64_t *save_rsp, uint64_t load_rsp);
/* Timers and host completions, but not the network. */
void sched_poll_local(void);
void sched_tick_want(struct vcpu *v, bool wanted);
/* Another vCPU runs something. */
bool sched_others_run(const struct vcpu *v);
