/* pollwait.h: a poll_table whose waiters wake the calling thread; for poll and select. */
#pragma once
#include "ipc/poll.h"

struct poll_waiters {
	struct poll_table table; /* first */
	struct poll_chunk *chunks;
	unsigned registered;
};

void poll_waiters_init(struct poll_waiters *w);
void poll_waiters_free(struct poll_waiters *w); /* off all queues */
