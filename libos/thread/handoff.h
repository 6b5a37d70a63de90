/* handoff.h: threads that hand something to and fro (for sched.c).
 *
 * Who wakes a thread by a futex or a signal may be about to sleep, so that the woken one best runs here next, or go on for
 * long, so that another vCPU should come for it. What the waker did the last times decides: once it has slept soon after
 * waking somebody HANDOFFS_SURE times in a row, it is expected to do so again; once it has not, or others have waited for its
 * vCPU too long (offer_work() in syscall/dispatch.c), it has to show it anew. Giant lock. */
#pragma once
#include "entry/vcpu.h"
#include "thread/thread.h"
#include "time/clock.h"
#include "tunables.h"

/* The running thread of v, this vCPU, wakes another: will it sleep at once? What a timer or the host wakes (v->polling) is not
 * its doing. Once sure of a thread, not each time is looked at the clock. */
static inline bool handoff_expected(const struct vcpu *v)
{
	struct thread *waker = v->running;

	if (!waker || v->polling || v->run_count)
		return false;
	if (waker->handoffs >= HANDOFFS_SURE && ++waker->wakes % HANDOFFS_TRUSTED)
		return true;
	waker->woke_at = clock_mono();
	return waker->handoffs >= HANDOFFS_SURE;
}

/* t leaves its vCPU: does it sleep, and how soon after it woke somebody? */
static inline void handoff_note(struct thread *t, nsec_t now)
{
	if (!t->woke_at || t->state != THREAD_BLOCKED)
		return;
	if (now - t->woke_at >= HANDOFF_NS)
		t->handoffs = 0;
	else if (t->handoffs < HANDOFFS_SURE)
		t->handoffs++;
	t->woke_at = 0;
}
