/* msg.h: message queues (sysv/msg*.c). */
#pragma once
#include "base/list.h"
#include "sync/waitq.h"
#include "sysv/ids.h"

struct msg {
	struct list node;
	long type;
	size_t size;
	char data[];
};

struct msg_queue {
	struct ipc_object ipc;
	struct list messages;
	size_t bytes, count, limit; /* limit: msg_qbytes */
	int64_t stime, rtime, ctime;
	kpid_t lspid, lrpid;
	struct waitq senders, receivers; /* woken by every change; who finds the queue removed gives up */
};

extern uint64_t msg_total_bytes, msg_total_count;
static inline struct msg_queue *msg_queue_of(struct ipc_object *o) { return container_of(o, struct msg_queue, ipc); }
void msg_remove(struct msg_queue *q);
