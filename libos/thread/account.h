/* account.h: CPU time of threads, split into the program's and the LibOS's. Giant lock. */
#pragma once
#include "entry/vcpu.h"
#include "thread/thread.h"

void account_enter_now(struct vcpu *v);
void account_leave_now(struct vcpu *v);

/* The current thread has come in from user code by a system call (exceptions: account_enter_now). */
static inline void account_enter(struct vcpu *v)
{
	if (!v->sample_in) {
		account_enter_now(v);
	} else {
		v->sample_in--;
		v->unsampled++;
	}
}

/* It is about to go back there. */
static inline void account_leave(struct vcpu *v)
{
	if (!v->charge_user)
		account_leave_now(v);
}

/* What of thread_cpu_time() was in user code. */
nsec_t thread_user_time(struct thread *t);
