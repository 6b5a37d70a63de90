/* fanotify_event.c: the events of a fanotify group: queue, reading, questions and answers.
 *
 * An event keeps the path; the reader gets a descriptor of it when it reads. Events of one process on one path are
 * merged while they are unread. A question (permission event) lies on the stack of the thread that waits for the answer;
 * it is in the queue until read, then among `asked`. When the group goes all are allowed. Giant lock. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/fanotify.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/signal.h"

#define QUEUE_MAX 16384u
#define FIONREAD 0x541bu

static kpid_t sender(const struct fan_group *g)
{
	return g->flags & FAN_REPORT_TID ? current->tid : current_process()->pid;
}

static void enqueue(struct fan_group *g, struct fan_event *e)
{
	list_push_back(&g->events, &e->node);
	g->count++;
	waitq_wake_all(&g->readers, EPOLLIN | EPOLLRDNORM);
}

static void dequeue(struct fan_group *g, struct fan_event *e)
{
	list_remove(&e->node);
	g->count--;
	if (!e->path.dentry)
		g->overflowed = false;
}

static void event_free(struct fan_event *e)
{
	if (e->path.dentry)
		path_put(&e->path);
	kfree(e);
}

static bool merged(struct fan_group *g, const struct path *p, uint32_t mask)
{
	kpid_t pid = sender(g);
	struct fan_event *e;

	list_for_each(e, &g->events, node) {
		if (!e->permission && e->path.dentry && path_equal(&e->path, p) && e->pid == pid) {
			e->mask |= mask;
			return true;
		}
	}
	return false;
}

void fan_queue(struct fan_group *g, const struct path *p, uint32_t mask)
{
	bool full = g->count >= QUEUE_MAX && !(g->flags & FAN_UNLIMITED_QUEUE);
	struct fan_event *e;

	if (merged(g, p, mask) || (full && g->overflowed))
		return;
	e = kzalloc(sizeof(*e));
	if (!e)
		return; /* as a full queue, but without memory to say so */
	e->pid = sender(g);
	e->mask = full ? FAN_Q_OVERFLOW : mask;
	if (!full) {
		e->path = *p;
		path_get(p);
	}
	g->overflowed |= full;
	enqueue(g, e);
}

int fan_ask(struct fan_group *g, const struct path *p, uint32_t mask)
{
	struct fan_event e = { .path = *p, .mask = mask, .pid = sender(g), .permission = true, .fd = FAN_NOFD };
	int err = 0;

	path_get(p);
	list_init(&e.node);
	enqueue(g, &e);
	while (!e.response && !err)
		err = waitq_wait(&g->answers, WAIT_KILLABLE, NSEC_NEVER);
	if (!e.response && !e.read) /* killed while nobody has asked */
		dequeue(g, &e);
	else
		list_remove(&e.node);
	path_put(p);
	if (err && !e.response)
		return -EINTR;
	return e.response == FAN_DENY ? -EPERM : 0;
}

/* A descriptor of the event's file for the reader. */
static int event_fd(const struct fan_group *g, const struct path *p)
{
	struct file *f;
	int err, fd;

	err = file_open_path(p, g->open_flags & ~(unsigned)O_CLOEXEC, &f);
	if (err)
		return err;
	f->nonotify = true; /* what the listener does with it is no event */
	fd = fd_install(f, 0, g->open_flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

/* The listener cannot be asked: no. */
static int refuse(struct fan_group *g, const struct path *p, int err)
{
	struct fan_event *e;

	list_for_each(e, &g->asked, node) {
		if (e->fd != FAN_NOFD || !path_equal(&e->path, p))
			continue;
		e->response = FAN_DENY;
		list_remove(&e->node);
		waitq_wake_all(&g->answers, 0);
		break;
	}
	return err;
}

/* The first event, out of the queue. The descriptor is made with the event held by its path. */
static ssize_t take_event(struct fan_group *g, struct iov_iter *to)
{
	struct fan_event *e = list_first(&g->events, struct fan_event, node);
	struct fanotify_event_metadata m = { .event_len = sizeof(m), .metadata_len = sizeof(m),
					     .vers = FANOTIFY_METADATA_VERSION, .mask = e->mask, .fd = FAN_NOFD,
					     .pid = e->pid };
	struct path p = e->path;
	bool question = e->permission;
	ssize_t n;

	dequeue(g, e);
	if (question) {
		e->read = true;
		list_push_back(&g->asked, &e->node);
	}
	if (p.dentry) {
		path_get(&p);
		m.fd = event_fd(g, &p); /* may sleep: a question may have been given up meanwhile */
		path_put(&p);
	}
	if (!question)
		event_free(e);
	else if (m.fd >= 0) {
		list_for_each(e, &g->asked, node) {
			if (e->fd == FAN_NOFD && path_equal(&e->path, &p)) {
				e->fd = m.fd;
				break;
			}
		}
	}
	if (m.fd < 0 && p.dentry)
		return question ? refuse(g, &p, m.fd) : m.fd;
	n = copy_to_iter(&m, sizeof(m), to);
	return n == sizeof(m) ? n : -EFAULT;
}

static ssize_t fan_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct fan_group *g = f->priv;
	ssize_t done = 0, n;

	(void)pos;
	if (to->count < sizeof(struct fanotify_event_metadata))
		return -EINVAL;
	while (list_empty(&g->events)) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (waitq_wait(&g->readers, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
	while (!list_empty(&g->events) && to->count >= sizeof(struct fanotify_event_metadata)) {
		n = take_event(g, to);
		if (n < 0)
			return done ? done : n;
		done += n;
	}
	return done;
}

static int answer(struct fan_group *g, const struct fanotify_response *r)
{
	struct fan_event *e;

	if (r->response != FAN_ALLOW && r->response != FAN_DENY)
		return -EINVAL;
	list_for_each(e, &g->asked, node) {
		if (e->fd != r->fd)
			continue;
		e->response = r->response;
		list_remove(&e->node);
		waitq_wake_all(&g->answers, 0);
		return 0;
	}
	return -ENOENT;
}

static ssize_t fan_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct fanotify_response r;
	int err;

	(void)pos;
	if (from->count < sizeof(r))
		return -EINVAL;
	if (copy_from_iter(&r, sizeof(r), from) != sizeof(r))
		return -EFAULT;
	err = answer(f->priv, &r);
	return err ? err : (ssize_t)sizeof(r);
}

static unsigned fan_poll(struct file *f, struct poll_table *pt)
{
	struct fan_group *g = f->priv;

	poll_wait(pt, &g->readers);
	return list_empty(&g->events) ? 0 : EPOLLIN | EPOLLRDNORM;
}

static long fan_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	const struct fan_group *g = f->priv;
	int32_t bytes = (int32_t)(g->count * sizeof(struct fanotify_event_metadata));

	return cmd == FIONREAD ? put_user(bytes, arg) : -ENOTTY;
}

static void allow(struct fan_event *e)
{
	list_remove(&e->node);
	e->response = FAN_ALLOW;
}

static void fan_group_close(struct fan_group *g)
{
	while (!list_empty(&g->asked))
		allow(list_first(&g->asked, struct fan_event, node));
	while (!list_empty(&g->events)) {
		struct fan_event *e = list_first(&g->events, struct fan_event, node);

		dequeue(g, e);
		if (e->permission)
			e->response = FAN_ALLOW;
		else
			event_free(e);
	}
	waitq_wake_all(&g->answers, 0);
}

static void fan_release(struct file *f)
{
	struct fan_group *g = f->priv;

	list_remove(&g->node);
	fan_marks_drop(g, UINT32_MAX);
	fan_group_close(g);
	fan_group_put(g);
}

const struct file_ops fanotify_ops = {
	.name = "[fanotify]", .read = fan_read, .write = fan_write, .poll = fan_poll, .ioctl = fan_ioctl, .release = fan_release,
};
