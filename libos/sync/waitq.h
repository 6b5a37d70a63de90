/* waitq.h: sleeping until something happens.
 *
 * The idiom (giant lock held, so no wake-up can be lost between the test and the sleep):
 *
 *	while (!condition) {
 *		int err = waitq_wait(&obj->readers, WAIT_INTERRUPTIBLE, NSEC_NEVER);
 *		if (err)
 *			return err;
 *	}
 *
 * To wait on several queues at once (poll), put one waiter per queue, then thread_block(). */
#pragma once
#include "base/list.h"

struct thread;
struct waiter;

struct waitq {
	struct list waiters;
};

struct waiter {
	struct list node;      /* in waitq.waiters; self-linked when on no queue */
	struct thread *thread; /* woken by the default action */
	/* If set, called instead of waking the thread (epoll); must not sleep. Stays on the queue. */
	void (*notify)(struct waiter *w, unsigned events);
	unsigned events; /* what it waits for, EPOLL* bits; 0 = anything */
	bool exclusive;  /* waitq_wake(n) counts only these; with notify: told until one sets woken */
	bool woken;
};

#define WAITQ_INIT(q) { LIST_INIT((q).waiters) }
void waitq_init(struct waitq *q);
static inline bool waitq_empty(const struct waitq *q) { return list_empty(&q->waiters); }
void waiter_init(struct waiter *w);             /* for the current thread */
void waitq_add(struct waitq *q, struct waiter *w);
void waitq_remove(struct waiter *w);            /* harmless if on no queue */

enum wait_mode {
	WAIT_UNINTERRUPTIBLE,
	WAIT_INTERRUPTIBLE, /* any unblocked signal ends the wait */
	WAIT_KILLABLE,      /* only a fatal one does */
};
/* Sleeps until woken. 0 woken; -EINTR a signal is pending (see signal/signal.h for restart codes);
 * -ETIMEDOUT the monotonic deadline passed. May sleep. Spurious 0 is possible: test again. */
int waitq_wait(struct waitq *q, enum wait_mode mode, nsec_t deadline) must_check;
/* Same sleep, for a thread that has put its own waiters on queues. */
int thread_block(enum wait_mode mode, nsec_t deadline) must_check;

/* Wake every waiter / at most n exclusive ones (and all non-exclusive), passing events to notify. */
void waitq_wake_all(struct waitq *q, unsigned events);
void waitq_wake(struct waitq *q, int n, unsigned events);
