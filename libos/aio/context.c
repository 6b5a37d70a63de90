/* context.c: aio contexts: io_setup, io_destroy, fetching what is done.
 *
 * Operations are done while they are submitted (aio/submit.c), as Linux does too for most files that are cached; a context
 * is the list of their results. */
#include "abi/layout.h"
#include "aio/aio.h"
#include "aio/context.h"
#include "base/heap.h"
#include "base/log.h"
#include "linux/errno.h"
#include "linux/mman.h"
#include "linux/time.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/clock.h"
#include "vm/vm.h"

#define MAX_EVENTS 65536u /* /proc/sys/fs/aio-max-nr */

struct aio_context *aio_find(uint64_t id)
{
	struct aio_context *c;

	list_for_each(c, &current_process()->aio_contexts, node) {
		if (c->id == id)
			return c;
	}
	return NULL;
}

void aio_put(struct aio_context *c)
{
	struct aio_done *d, *next;

	if (--c->ref)
		return;
	list_for_each_safe(d, next, &c->done, node)
		kfree(d);
	kfree(c);
}

/* No longer to be found; who waits in it gives up. */
static void context_end(struct aio_context *c)
{
	list_remove(&c->node);
	c->dead = true;
	waitq_wake_all(&c->waiters, 0);
	aio_put(c);
}

void aio_exit(struct process *p)
{
	while (!list_empty(&p->aio_contexts))
		context_end(list_first(&p->aio_contexts, struct aio_context, node));
}

static int context_make(unsigned capacity, struct aio_context **out)
{
	struct process *p = current_process();
	struct aio_context *c = kzalloc(sizeof(*c));
	long page;

	if (!c)
		return -ENOMEM;
	page = vm_mmap(p->space, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	if (page < 0) {
		kfree(c);
		return (int)page;
	}
	c->ref = 1;
	c->id = (uint64_t)page;
	c->capacity = capacity;
	list_init(&c->done);
	waitq_init(&c->waiters);
	list_push_back(&p->aio_contexts, &c->node);
	*out = c;
	return 0;
}

static void context_destroy(struct aio_context *c)
{
	uaddr_t page = c->id;

	context_end(c);
	if (vm_munmap(current_process()->space, page, PAGE_SIZE))
		log_debug("the page of an aio context stays: out of memory");
}

SYSCALL_DEFINE(io_setup, unsigned, capacity, uaddr_t, uid)
{
	struct aio_context *c = NULL;
	uint64_t id;
	int err;

	if (get_user(id, uid))
		return -EFAULT;
	if (id || !capacity)
		return -EINVAL;
	if (capacity > MAX_EVENTS)
		return capacity > INT32_MAX ? -EINVAL : -EAGAIN;
	err = context_make(capacity, &c);
	if (err)
		return err;
	if (put_user(c->id, uid) == 0)
		return 0;
	context_destroy(c);
	return -EFAULT;
}

SYSCALL_DEFINE(io_destroy, uint64_t, id)
{
	struct aio_context *c = aio_find(id);

	if (!c)
		return -EINVAL;
	context_destroy(c);
	return 0;
}

/* Up to n results to the program. */
static long fetch(struct aio_context *c, long n, uaddr_t to)
{
	long done = 0;

	while (done < n && !list_empty(&c->done)) {
		struct aio_done *d = list_first(&c->done, struct aio_done, node);
		int err;

		list_remove(&d->node); /* the copy may sleep */
		c->count--;
		err = put_user(d->event, to + (uaddr_t)done * sizeof(d->event));
		kfree(d);
		if (err)
			return done ? done : -EFAULT;
		done++;
	}
	return done;
}

static long wait_and_fetch(struct aio_context *c, long min, long n, uaddr_t to, nsec_t deadline)
{
	int err = 0;

	while (!err && !c->dead && c->count < min)
		err = deadline ? waitq_wait(&c->waiters, WAIT_INTERRUPTIBLE, deadline) : -ETIMEDOUT;
	if (c->dead)
		return -EINVAL;
	if (err == -EINTR && !c->count)
		return -EINTR;
	return fetch(c, n, to);
}

/* deadline 0: do not wait. */
static int read_timeout(uaddr_t utimeout, nsec_t *deadline)
{
	struct timespec ts;

	*deadline = NSEC_NEVER;
	if (!utimeout)
		return 0;
	if (get_user(ts, utimeout))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	*deadline = ts.tv_sec || ts.tv_nsec ? clock_mono() + timespec_to_ns(&ts) : 0;
	return 0;
}

static long get_events(uint64_t id, long min, long n, uaddr_t to, nsec_t deadline)
{
	struct aio_context *c = aio_find(id);
	long ret;

	if (!c || min < 0 || n < 0 || min > n)
		return -EINVAL;
	c->ref++;
	ret = wait_and_fetch(c, min, n, to, deadline);
	aio_put(c);
	return ret;
}

SYSCALL_DEFINE(io_getevents, uint64_t, id, long, min, long, n, uaddr_t, to, uaddr_t, utimeout)
{
	nsec_t deadline;
	int err = read_timeout(utimeout, &deadline);

	return err ? err : get_events(id, min, n, to, deadline);
}

SYSCALL_DEFINE(io_pgetevents, uint64_t, id, long, min, long, n, uaddr_t, to, uaddr_t, utimeout, uaddr_t, usig)
{
	struct { uaddr_t mask; size_t size; } sig = { 0, 0 };
	nsec_t deadline;
	int err = read_timeout(utimeout, &deadline);

	if (!err && usig)
		err = get_user(sig, usig) ? -EFAULT : 0;
	if (!err)
		err = signal_set_temp_mask(sig.mask, sig.size);
	return err ? err : get_events(id, min, n, to, deadline);
}

/* What was submitted is done: there is nothing to cancel. */
SYSCALL_DEFINE(io_cancel, uint64_t, id, uaddr_t, uiocb, uaddr_t, result)
{
	struct iocb cb;

	(void)id, (void)result;
	return get_user(cb, uiocb) ? -EFAULT : -EINVAL;
}
