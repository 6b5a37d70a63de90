/* eventfd.c: a counter that can be read, written and polled, eventfd(2). Readers wait while it is 0, writers while an
 * addition would reach the maximum. */
#include "base/heap.h"
#include "base/string.h"
#include "ipc/anonfd.h"
#include "ipc/eventfd.h"
#include "linux/errno.h"
#include "signal/signal.h"
#include "syscall/define.h"

#define EFD_SEMAPHORE 1
#define EFD_CLOEXEC O_CLOEXEC
#define EFD_NONBLOCK O_NONBLOCK
#define COUNT_MAX (UINT64_MAX - 1)

static const struct file_ops eventfd_ops;

struct eventfd {
	uint64_t count;
	bool semaphore;
	struct waitq readers, writers;
};

static ssize_t eventfd_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct eventfd *e = f->priv;
	uint64_t value;

	(void)pos;
	if (to->count < sizeof(value))
		return -EINVAL;
	while (!e->count) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (waitq_wait(&e->readers, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
	value = e->semaphore ? 1 : e->count;
	e->count -= value;
	waitq_wake_all(&e->writers, EPOLLOUT | EPOLLWRNORM);
	return copy_to_iter(&value, sizeof(value), to);
}

static ssize_t eventfd_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct eventfd *e = f->priv;
	uint64_t value;
	ssize_t n;

	(void)pos;
	if (from->count < sizeof(value))
		return -EINVAL;
	n = copy_from_iter(&value, sizeof(value), from);
	if (n != sizeof(value))
		return n < 0 ? n : -EFAULT;
	if (value == UINT64_MAX)
		return -EINVAL;
	while (e->count > COUNT_MAX || value > COUNT_MAX - e->count) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (waitq_wait(&e->writers, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
	e->count += value;
	waitq_wake_all(&e->readers, EPOLLIN | EPOLLRDNORM);
	return sizeof(value);
}

bool file_is_eventfd(const struct file *f)
{
	return f->ops == &eventfd_ops;
}

int eventfd_signal(struct file *f)
{
	struct eventfd *e = f->priv;

	if (f->ops != &eventfd_ops)
		return -EINVAL;
	if (e->count < UINT64_MAX)
		e->count++;
	waitq_wake_all(&e->readers, EPOLLIN | EPOLLRDNORM | (e->count == UINT64_MAX ? EPOLLERR : 0));
	return 0;
}

static unsigned eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd *e = f->priv;

	poll_wait(pt, &e->readers);
	poll_wait(pt, &e->writers);
	return (e->count ? EPOLLIN | EPOLLRDNORM : 0) | (e->count < COUNT_MAX ? EPOLLOUT | EPOLLWRNORM : 0) |
	       (e->count == UINT64_MAX ? EPOLLERR : 0);
}

static void eventfd_release(struct file *f)
{
	kfree(f->priv);
}

static size_t eventfd_show(struct file *f, char *buf, size_t size)
{
	struct eventfd *e = f->priv;

	return (size_t)snprintf(buf, size, "eventfd-count: %16lx\n", e->count);
}

static const struct file_ops eventfd_ops = {
	.name = "eventfd", .read = eventfd_read, .write = eventfd_write, .poll = eventfd_poll,
	.release = eventfd_release, .show_fdinfo = eventfd_show,
};

static long do_eventfd(unsigned initval, int flags)
{
	struct eventfd *e;

	if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	e = kzalloc(sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->count = initval;
	e->semaphore = flags & EFD_SEMAPHORE;
	waitq_init(&e->readers);
	waitq_init(&e->writers);
	return anonfd_install(&eventfd_ops, e, (unsigned)flags);
}

SYSCALL_DEFINE(eventfd, unsigned, initval)
{
	return do_eventfd(initval, 0);
}

SYSCALL_DEFINE(eventfd2, unsigned, initval, int, flags)
{
	return do_eventfd(initval, flags);
}
