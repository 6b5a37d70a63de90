/* msg.c: message queues: msgget, msgsnd, msgrcv.
 *
 * A message is copied in before the queue is looked at and copied out after it has left it, so nothing sleeps in
 * between but those who wait for room or for a message. */
#include "sysv/msg.h"
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

uint64_t msg_total_bytes, msg_total_count;

static void unlink_msg(struct msg_queue *q, struct msg *m)
{
	list_remove(&m->node);
	q->bytes -= m->size;
	q->count--;
	msg_total_bytes -= m->size;
	msg_total_count--;
}

static void queue_free(struct ipc_object *o)
{
	kfree(msg_queue_of(o));
}

void msg_remove(struct msg_queue *q)
{
	struct msg *m, *tmp;

	list_for_each_safe(m, tmp, &q->messages, node) {
		unlink_msg(q, m);
		kfree(m);
	}
	q->ipc.removed = true;
	waitq_wake_all(&q->senders, 0);
	waitq_wake_all(&q->receivers, 0);
	ipc_remove(&msg_ids, &q->ipc);
}

static int queue_create(int key, int flags)
{
	struct msg_queue *q = kzalloc(sizeof(*q));
	int err;

	if (!q)
		return -ENOMEM;
	q->ipc.free = queue_free;
	q->limit = msg_queue_bytes;
	q->ctime = ipc_now();
	list_init(&q->messages);
	waitq_init(&q->senders);
	waitq_init(&q->receivers);
	err = ipc_add(&msg_ids, &q->ipc, key, flags);
	if (err) {
		kfree(q);
		return err;
	}
	return q->ipc.id;
}

SYSCALL_DEFINE(msgget, int, key, int, flags)
{
	struct ipc_object *o;
	int found = ipc_resolve(&msg_ids, key, flags, &o);

	if (found < 0)
		return found;
	if (found)
		return queue_create(key, flags);
	return ipc_may(o, (uint32_t)flags) ? o->id : -EACCES;
}

static int load_msg(uaddr_t from, size_t size, long type, struct msg **out)
{
	struct msg *m = kmalloc(sizeof(*m) + size);

	if (!m)
		return -ENOMEM;
	m->type = type;
	m->size = size;
	list_init(&m->node);
	if (copy_from_user(m->data, from, size)) {
		kfree(m);
		return -EFAULT;
	}
	*out = m;
	return 0;
}

static bool fits(const struct msg_queue *q, size_t size)
{
	return size + q->bytes <= q->limit && 1 + q->count <= q->limit;
}

static int wait_for_room(struct msg_queue *q, size_t size, int flags)
{
	for (;;) {
		if (q->ipc.removed)
			return -EIDRM;
		if (!ipc_may(&q->ipc, 0222))
			return -EACCES;
		if (fits(q, size))
			return 0;
		if (flags & IPC_NOWAIT)
			return -EAGAIN;
		int err = waitq_wait(&q->senders, WAIT_INTERRUPTIBLE, NSEC_NEVER);
		if (err && !q->ipc.removed)
			return -ERESTARTNOHAND;
	}
}

static int send_msg(int id, struct msg *m, int flags)
{
	struct ipc_object *o = ipc_find(&msg_ids, id);
	struct msg_queue *q;
	int err;

	if (!o)
		return -EINVAL;
	q = msg_queue_of(ipc_get(o));
	err = wait_for_room(q, m->size, flags);
	if (!err) {
		list_push_back(&q->messages, &m->node);
		q->bytes += m->size;
		q->count++;
		msg_total_bytes += m->size;
		msg_total_count++;
		q->lspid = current_process()->pid;
		q->stime = ipc_now();
		waitq_wake_all(&q->receivers, 0);
	}
	ipc_put(o);
	return err;
}

SYSCALL_DEFINE(msgsnd, int, id, uaddr_t, ubuf, size_t, size, int, flags)
{
	struct msg *m;
	long type;
	int err;

	if (get_user(type, ubuf))
		return -EFAULT;
	if (size > msg_max_bytes || (long)size < 0 || id < 0 || type < 1)
		return -EINVAL;
	err = load_msg(ubuf + sizeof(type), size, type, &m);
	if (err)
		return err;
	err = send_msg(id, m, flags);
	if (err)
		kfree(m);
	return err;
}

/* The message that type and flags ask for: msgrcv(2). With MSG_COPY type is a place in the queue. */
static struct msg *find_msg(const struct msg_queue *q, long type, int flags)
{
	unsigned long lowest = type == INT64_MIN ? (unsigned long)INT64_MAX : (unsigned long)-type;
	struct msg *m, *best = NULL;

	list_for_each(m, &q->messages, node) {
		if (flags & MSG_COPY) {
			if (type-- == 0)
				return m;
		} else if (type < 0) {
			if ((unsigned long)m->type <= lowest && (!best || m->type < best->type))
				best = m;
		} else if (!type || (m->type == type) != ((flags & MSG_EXCEPT) != 0)) {
			return m;
		}
	}
	return best;
}

/* The message is the caller's then: a copy with MSG_COPY. */
static int take_msg(struct msg_queue *q, struct msg *m, size_t room, int flags, struct msg **out)
{
	if (m->size > room && !(flags & MSG_NOERROR))
		return -E2BIG;
	if (flags & MSG_COPY) {
		*out = kmalloc(sizeof(*m) + m->size);
		if (!*out)
			return -ENOMEM;
		memcpy(*out, m, sizeof(*m) + m->size);
		return 0;
	}
	unlink_msg(q, m);
	q->lrpid = current_process()->pid;
	q->rtime = ipc_now();
	waitq_wake_all(&q->senders, 0);
	*out = m;
	return 0;
}

static int receive_from(struct msg_queue *q, size_t room, long type, int flags, struct msg **out)
{
	for (;;) {
		if (q->ipc.removed)
			return -EIDRM;
		if (!ipc_may(&q->ipc, 0444))
			return -EACCES;
		struct msg *m = find_msg(q, type, flags);
		if (m)
			return take_msg(q, m, room, flags, out);
		if (flags & IPC_NOWAIT)
			return -ENOMSG;
		int err = waitq_wait(&q->receivers, WAIT_INTERRUPTIBLE, NSEC_NEVER);
		if (err && !q->ipc.removed)
			return -ERESTARTNOHAND;
	}
}

SYSCALL_DEFINE(msgrcv, int, id, uaddr_t, ubuf, size_t, room, long, type, int, flags)
{
	struct ipc_object *o;
	struct msg *m;
	long ret;

	if (id < 0 || (long)room < 0)
		return -EINVAL;
	if ((flags & MSG_COPY) && ((flags & MSG_EXCEPT) || !(flags & IPC_NOWAIT)))
		return -EINVAL;
	o = ipc_find(&msg_ids, id);
	if (!o)
		return -EINVAL;
	ipc_get(o);
	ret = receive_from(msg_queue_of(o), room, type, flags, &m);
	ipc_put(o);
	if (ret)
		return ret;
	ret = (long)MIN(room, m->size);
	if (put_user(m->type, ubuf) || copy_to_user(ubuf + sizeof(m->type), m->data, (size_t)ret))
		ret = -EFAULT;
	kfree(m);
	return ret;
}
