/* waitq.c: wait queues. A thread that blocks has waiters on queues and sleeps until wake_pending. */
#include "sync/waitq.h"
#include "linux/errno.h"
#include "signal/signal.h"
#include "sync/giant.h"
#include "thread/sched.h"
#include "thread/thread.h"
#include "time/clock.h"

void waitq_init(struct waitq *q)
{
	list_init(&q->waiters);
}

void waiter_init(struct waiter *w)
{
	*w = (struct waiter){ .thread = current };
	list_init(&w->node);
	current->wake_pending = false;
}

void waitq_add(struct waitq *q, struct waiter *w)
{
	list_push_back(&q->waiters, &w->node);
}

void waitq_remove(struct waiter *w)
{
	list_remove(&w->node);
}

static bool wait_interrupted(struct thread *t, enum wait_mode mode)
{
	if (mode == WAIT_UNINTERRUPTIBLE)
		return false;
	if (mode == WAIT_KILLABLE)
		return t->exiting;
	return t->sig_check && signal_pending(t);
}

struct sleep_timer {
	struct ktimer timer;
	struct thread *thread;
	bool fired;
};

static void sleep_timer_fire(struct ktimer *k)
{
	struct sleep_timer *s = container_of(k, struct sleep_timer, timer);

	s->fired = true;
	thread_wake(s->thread, false);
}

int thread_block(enum wait_mode mode, nsec_t deadline)
{
	struct thread *t = current;
	struct sleep_timer s = { .thread = t };
	int err = 0;

	if (t->wake_pending)
		goto out;
	if (wait_interrupted(t, mode)) {
		err = -EINTR;
		goto out;
	}
	if (deadline != NSEC_NEVER) {
		if (deadline <= clock_mono()) {
			err = -ETIMEDOUT;
			goto out;
		}
		ktimer_init(&s.timer, sleep_timer_fire);
		ktimer_arm(&s.timer, deadline);
	}
	t->wait_mode = (int)mode;
	t->state = THREAD_BLOCKED;
	schedule();
	if (deadline != NSEC_NEVER)
		ktimer_cancel(&s.timer);
	if (s.fired)
		err = -ETIMEDOUT;
	else if (wait_interrupted(t, mode))
		err = -EINTR;
out:
	t->wake_pending = false;
	return err;
}

int waitq_wait(struct waitq *q, enum wait_mode mode, nsec_t deadline)
{
	struct waiter w;
	int err;

	waiter_init(&w);
	waitq_add(q, &w);
	err = thread_block(mode, deadline);
	waitq_remove(&w);
	return w.woken ? 0 : err;
}

static void wake_one(struct waiter *w, unsigned events)
{
	if (w->notify) {
		w->notify(w, events);
		return;
	}
	w->woken = true;
	thread_wake(w->thread, true);
}

/* Of the exclusive ones that are told (EPOLLEXCLUSIVE), told until one has woken somebody. */
static bool tell_exclusive(struct waiter *w, unsigned events, bool done)
{
	bool woke;

	if (done)
		return true;
	wake_one(w, events);
	woke = w->woken;
	w->woken = false;
	return woke;
}

void waitq_wake(struct waitq *q, int n, unsigned events)
{
	struct waiter *w, *tmp;
	bool told = false;

	list_for_each_safe(w, tmp, &q->waiters, node) {
		if (events && w->events && !(w->events & events))
			continue;
		if (w->exclusive && w->notify) {
			told = tell_exclusive(w, events, told);
			continue;
		}
		if (w->exclusive) {
			if (!n || w->woken)
				continue;
			n--;
		}
		wake_one(w, events);
	}
}

void waitq_wake_all(struct waitq *q, unsigned events)
{
	waitq_wake(q, INT32_MAX, events);
}
