/* eventfd.c: a counter that can be read, written and polled, eventfd(2). Readers wait while it is 0, writers while an
 * addition would reach the maximum. One that other enclaves have open too has its counter there (`far`). */
#include "base/heap.h"
#include "base/string.h"
#include "eip/counter.h"
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
	struct eip_counter *far; /* counts instead; NULL: nobody else has it */
	bool semaphore;
	struct waitq readers, writers;
};

/* 0, -EAGAIN: there is nothing; or another -errno. */
static int take(struct eventfd *e, uint64_t *value)
{
	if (e->far)
		return eip_counter_take(e->far, e->semaphore, value);
	if (!e->count)
		return -EAGAIN;
	*value = e->semaphore ? 1 : e->count;
	e->count -= *value;
	return 0;
}

/* 0, -EAGAIN: there is no room; or another -errno. */
static int add(struct eventfd *e, uint64_t value)
{
	if (e->far)
		return eip_counter_add(e->far, value, COUNT_MAX);
	if (e->count > COUNT_MAX || value > COUNT_MAX - e->count)
		return -EAGAIN;
	e->count += value;
	return 0;
}

static ssize_t eventfd_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct eventfd *e = f->priv;
	uint64_t value;
	int err;

	(void)pos;
	if (to->count < sizeof(value))
		return -EINVAL;
	while ((err = take(e, &value))) {
		if (err != -EAGAIN || f->flags & O_NONBLOCK)
			return err;
		if (waitq_wait(&e->readers, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
	waitq_wake_all(&e->writers, EPOLLOUT | EPOLLWRNORM);
	return copy_to_iter(&value, sizeof(value), to);
}

static ssize_t eventfd_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct eventfd *e = f->priv;
	uint64_t value;
	ssize_t n;
	int err;

	(void)pos;
	if (from->count < sizeof(value))
		return -EINVAL;
	n = copy_from_iter(&value, sizeof(value), from);
	if (n != sizeof(value))
		return n < 0 ? n : -EFAULT;
	if (value == UINT64_MAX)
		return -EINVAL;
	while ((err = add(e, value))) {
		if (err != -EAGAIN || f->flags & O_NONBLOCK)
			return err;
		if (waitq_wait(&e->writers, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
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
	if (e->far)
		return eip_counter_add(e->far, 1, COUNT_MAX);
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
	if (e->far)
		return (eip_counter_ready(e->far) ? EPOLLIN | EPOLLRDNORM : 0) | EPOLLOUT | EPOLLWRNORM;
	return (e->count ? EPOLLIN | EPOLLRDNORM : 0) | (e->count < COUNT_MAX ? EPOLLOUT | EPOLLWRNORM : 0) |
	       (e->count == UINT64_MAX ? EPOLLERR : 0);
}

static void eventfd_release(struct file *f)
{
	struct eventfd *e = f->priv;

	if (e->far)
		eip_counter_free(e->far);
	kfree(e);
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

static struct eventfd *eventfd_alloc(uint64_t count, bool semaphore)
{
	struct eventfd *e = kzalloc(sizeof(*e));

	if (!e)
		return NULL;
	e->count = count;
	e->semaphore = semaphore;
	waitq_init(&e->readers);
	waitq_init(&e->writers);
	return e;
}

static long do_eventfd(unsigned initval, int flags)
{
	struct eventfd *e;

	if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	e = eventfd_alloc(initval, flags & EFD_SEMAPHORE);
	if (!e)
		return -ENOMEM;
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

int eventfd_pack(struct file *f, struct pack *p, int fds[2])
{
	struct eventfd *e = f->priv;

	if (!e->far)
		e->far = eip_counter_create(e->count, &e->readers);
	if (!e->far)
		return -ENOMEM;
	pack_u32(p, f->flags);
	pack_u32(p, e->semaphore);
	eip_counter_pack(e->far, p, fds);
	return 0;
}

struct file *eventfd_unpack(struct unpack *u, const int fds[2])
{
	unsigned flags = unpack_u32(u);
	struct eventfd *e = eventfd_alloc(0, unpack_u32(u));
	struct file *f;

	if (!e)
		return NULL;
	e->far = eip_counter_unpack(u, fds, &e->readers);
	f = e->far ? file_alloc(&eventfd_ops, flags, NULL, NULL) : NULL;
	if (f) {
		f->priv = e;
		return f;
	}
	if (e->far)
		eip_counter_free(e->far);
	kfree(e);
	return NULL;
}
