/* pollwait.c: waiters for poll and select, the first few on the caller's behalf without allocation per file: chunks of
 * CHUNK_WAITERS. */
#include "ipc/pollwait.h"
#include "base/heap.h"
#include "linux/errno.h"
#include "thread/thread.h"

#define CHUNK_WAITERS 32

struct poll_chunk {
	struct poll_chunk *next;
	unsigned used;
	struct waiter waiters[CHUNK_WAITERS];
};

static void poll_wait_add(struct poll_table *pt, struct waitq *q)
{
	struct poll_waiters *w = container_of(pt, struct poll_waiters, table);
	struct poll_chunk *c = w->chunks;
	struct waiter *x;

	if (!c || c->used == CHUNK_WAITERS) {
		c = kmalloc(sizeof(*c));
		if (!c) {
			pt->err = -ENOMEM;
			return;
		}
		c->used = 0;
		c->next = w->chunks;
		w->chunks = c;
	}
	x = &c->waiters[c->used++];
	*x = (struct waiter){ .thread = current };
	waitq_add(q, x);
	w->registered++;
}

void poll_waiters_init(struct poll_waiters *w)
{
	*w = (struct poll_waiters){ .table = { .wait = poll_wait_add } };
	current->wake_pending = false; /* what wakes us from now on counts */
}

void poll_waiters_free(struct poll_waiters *w)
{
	while (w->chunks) {
		struct poll_chunk *c = w->chunks;

		w->chunks = c->next;
		for (unsigned i = 0; i < c->used; i++)
			waitq_remove(&c->waiters[i]);
		kfree(c);
	}
}
