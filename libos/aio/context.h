/* context.h: an aio context: finished operations that wait to be fetched. */
#pragma once
#include "base/list.h"
#include "linux/aio.h"
#include "sync/waitq.h"

struct aio_done {
	struct list node;
	struct io_event event;
};

struct aio_context {
	struct list node;    /* process.aio_contexts */
	unsigned ref;        /* the list, and who sleeps in it */
	uint64_t id;         /* address of a page of the program, as Linux has it: libaio looks there */
	unsigned capacity, count;
	bool dead;
	struct list done;
	struct waitq waiters;
};

struct aio_context *aio_find(uint64_t id); /* of the current process; borrowed. NULL */
void aio_put(struct aio_context *c);
