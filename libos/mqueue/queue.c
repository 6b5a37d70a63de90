/* queue.c: what happens in a message queue: order, waiting, notification.
 *
 * Messages pass hand to hand where somebody waits: a sender gives its message to the receiver that has waited longest, a
 * receiver puts the message of the longest waiting sender into the room it made. So nobody is overtaken, and a
 * notification is sent only when a message really comes to lie in the empty queue. */
#include "base/heap.h"
#include "base/string.h"
#include "ipc/poll.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "mqueue/mqueue.h"
#include "net/netlink.h"
#include "process/process.h"
#include "signal/signal.h"

#define NOTIFY_WOKEN_UP 1
#define NOTIFY_REMOVED 2

static void insert(struct mqueue *q, struct mq_message *m)
{
	struct list *at = q->messages.prev;

	while (at != &q->messages && list_entry(at, struct mq_message, node)->prio < m->prio)
		at = at->prev;
	list_insert_after(&m->node, at);
	q->count++;
	q->bytes += m->size;
}

static struct mq_message *take_first(struct mqueue *q)
{
	struct mq_message *m = list_first(&q->messages, struct mq_message, node);

	list_remove(&m->node);
	q->count--;
	q->bytes -= m->size;
	return m;
}

void mq_free_messages(struct mqueue *q)
{
	while (!list_empty(&q->messages))
		kfree(take_first(q));
}

static struct mq_wait *longest_waiting(struct list *waits)
{
	struct mq_wait *w = list_first(waits, struct mq_wait, node);

	list_remove(&w->node);
	w->done = true;
	return w;
}

/* 0 when the other side has done it. */
static int wait_on(struct list *waits, struct mq_wait *w, nsec_t deadline)
{
	int err = 0;

	waitq_init(&w->woken);
	list_push_back(waits, &w->node);
	while (!w->done && !err)
		err = waitq_wait(&w->woken, WAIT_INTERRUPTIBLE, deadline);
	if (w->done)
		return 0;
	list_remove(&w->node);
	return err == -ETIMEDOUT ? err : -ERESTARTSYS;
}

/* The last byte says why. */
static void send_cookie(struct mq_notify *n, char why)
{
	n->cookie[MQ_COOKIE_LEN - 1] = why;
	netlink_deliver(n->netlink, n->cookie, MQ_COOKIE_LEN);
}

/* May sleep. */
static void mq_tell(struct mqueue *q)
{
	struct mq_notify n = q->notify;
	struct siginfo info = { .signo = n.signo, .code = SI_MESGQ };

	q->notify.process = NULL;
	q->notify.netlink = NULL;
	if (n.netlink) {
		send_cookie(&n, NOTIFY_WOKEN_UP);
		file_put(n.netlink);
		return;
	}
	if (n.how != SIGEV_SIGNAL || process_find(n.pid) != n.process)
		return;
	info.rt.pid = current_process()->pid;
	info.rt.uid = current_process()->cred.uid;
	info.rt.value = n.value;
	signal_send_process(n.process, n.signo, &info);
}

int mq_send(struct mqueue *q, struct mq_message *m, bool nonblock, nsec_t deadline)
{
	struct mq_wait w = { .message = m }, *receiver;

	if (q->count >= q->max_messages)
		return nonblock ? -EAGAIN : wait_on(&q->senders, &w, deadline);
	if (!list_empty(&q->receivers)) {
		receiver = longest_waiting(&q->receivers);
		receiver->message = m;
		waitq_wake_all(&receiver->woken, 0);
		return 0;
	}
	insert(q, m);
	waitq_wake_all(&q->poll, EPOLLIN | EPOLLRDNORM);
	if (q->count == 1 && q->notify.process)
		mq_tell(q);
	return 0;
}

int mq_receive(struct mqueue *q, bool nonblock, nsec_t deadline, struct mq_message **out)
{
	struct mq_wait w = { 0 }, *sender;
	int err;

	if (!q->count) {
		err = nonblock ? -EAGAIN : wait_on(&q->receivers, &w, deadline);
		*out = w.message;
		return err;
	}
	*out = take_first(q);
	if (list_empty(&q->senders)) {
		waitq_wake_all(&q->poll, EPOLLOUT | EPOLLWRNORM);
		return 0;
	}
	sender = longest_waiting(&q->senders);
	insert(q, sender->message);
	waitq_wake_all(&sender->woken, 0);
	return 0;
}

int mq_notify_set(struct mqueue *q, const struct user_sigevent *ev, struct file *netlink, const char *cookie)
{
	struct process *me = current_process();

	if (!ev) {
		mq_notify_drop(q, me);
		return 0;
	}
	if (q->notify.process)
		return -EBUSY;
	q->notify = (struct mq_notify){
		.process = me, .pid = me->pid, .value = ev->value, .how = ev->notify, .signo = ev->signo,
		.netlink = netlink,
	};
	memcpy(q->notify.cookie, cookie, MQ_COOKIE_LEN);
	return 0;
}

void mq_notify_drop(struct mqueue *q, const struct process *p)
{
	struct mq_notify n = q->notify;

	if (n.process != p)
		return;
	q->notify.process = NULL;
	q->notify.netlink = NULL;
	if (n.netlink) {
		send_cookie(&n, NOTIFY_REMOVED);
		file_put(n.netlink);
	}
}
