/* epoll.c: epoll(7).
 *
 * An item ties one open file, under one descriptor number, to an epoll instance. It keeps waiters on the file's
 * queues for good; their notify puts the item on the ready list and wakes who waits on the instance. epoll_wait takes
 * items from the list, asks their files what is really ready, and puts level-triggered ones back.
 *
 * Lifetimes: an item holds no reference on its file: when the last reference goes, file_put calls
 * epoll_forget_file(), which takes the item out. The instance frees its items when it is released. An instance that is
 * watched by another one counts as a file like any other; loops are refused when they are made (-ELOOP). */
#include "base/heap.h"
#include "base/string.h"
#include "ipc/anonfd.h"
#include "ipc/epoll.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "net/events.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "time/clock.h"

#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3
#define NEST_MAX 5 /* levels of instances */
#define NEST_LOOP 1000
#define ITEM_WAITERS 3
#define CONTROL_BITS (EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE)
#define EXCLUSIVE_OK (EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)
#define EVENTS_MAX (INT32_MAX / 12)

struct epoll_event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

struct epoll {
	struct file *file;          /* its own; no reference */
	struct list items;          /* item.in_epoll */
	struct list ready;          /* item.in_ready */
	struct waitq wait;          /* epoll_wait and those who poll the instance */
	uint64_t seen;              /* the last check for loops that came here, and what it found */
	unsigned levels;
};

struct item {
	struct list in_epoll, in_ready, in_file;
	struct epoll *epoll;
	struct file *file;
	int fd;
	uint32_t events;            /* as given, and EPOLLERR | EPOLLHUP; only control bits after a oneshot fired */
	uint64_t data;
	bool keeps;                 /* a reference on the file after all: see epoll_watch_add */
	struct waiter waiters[ITEM_WAITERS];
	unsigned waiter_count;
};

struct item_table { /* registers an item's waiters */
	struct poll_table table;
	struct item *item;
};

static const struct file_ops epoll_ops;

static void item_ready(struct item *it)
{
	if (!list_empty(&it->in_ready))
		return;
	list_push_back(&it->epoll->ready, &it->in_ready);
	waitq_wake(&it->epoll->wait, 1, EPOLLIN | EPOLLRDNORM);
}

/* The waiter's thread field names its item: nothing wakes a thread here. */
static void item_notify(struct waiter *w, unsigned events)
{
	struct item *it = (struct item *)w->thread;

	if (!(events ? events & it->events : it->events & ~CONTROL_BITS))
		return;
	w->woken = !waitq_empty(&it->epoll->wait); /* asked for by waitq_wake if exclusive */
	item_ready(it);
}

static void item_wait(struct poll_table *pt, struct waitq *q)
{
	struct item *it = container_of(pt, struct item_table, table)->item;
	struct waiter *w;

	if (it->waiter_count == ITEM_WAITERS) {
		pt->err = -ENOMEM;
		return;
	}
	w = &it->waiters[it->waiter_count++];
	*w = (struct waiter){ .thread = (struct thread *)it, .notify = item_notify,
			      .exclusive = it->events & EPOLLEXCLUSIVE };
	waitq_add(q, w);
}

static unsigned file_events(struct file *f, struct poll_table *pt)
{
	return f->ops->poll ? f->ops->poll(f, pt) : EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;
}

/* pt: NULL if nobody is to wait. */
static unsigned item_events(struct item *it, struct poll_table *pt)
{
	struct poll_table look = { 0 };

	if (!pt)
		pt = &look;
	pt->want = it->events;
	return file_events(it->file, pt) & it->events;
}

static void item_unregister(struct item *it)
{
	for (unsigned i = 0; i < it->waiter_count; i++)
		waitq_remove(&it->waiters[i]);
	it->waiter_count = 0;
}

static void item_free(struct item *it)
{
	struct file *kept = it->keeps ? it->file : NULL;

	item_unregister(it);
	list_remove(&it->in_ready);
	list_remove(&it->in_epoll);
	list_remove(&it->in_file);
	kfree(it);
	if (kept)
		file_put(kept);
}

void epoll_forget_file(struct file *f)
{
	while (!list_empty(&f->epolls))
		item_free(list_first(&f->epolls, struct item, in_file));
}

static struct item *item_find(struct epoll *ep, const struct file *f, int fd)
{
	struct item *it;

	list_for_each(it, &f->epolls, in_file)
		if (it->epoll == ep && it->fd == fd)
			return it;
	return NULL;
}

struct file *epoll_target(const struct file *f, int fd, unsigned skip, int *err)
{
	struct epoll *ep = f->priv;
	struct item *it;

	*err = f->ops == &epoll_ops ? 0 : -EINVAL;
	if (*err)
		return NULL;
	list_for_each(it, &ep->items, in_epoll)
		if (it->fd == fd && !skip--)
			return it->file;
	*err = -ENOENT;
	return NULL;
}

static uint64_t check_count;

/* Levels of instances from ep downwards, itself included; NEST_LOOP if `top` is among them. Each is looked at once. */
static unsigned levels_below(struct epoll *ep, const struct epoll *top)
{
	struct item *it;

	if (ep == top)
		return NEST_LOOP;
	if (ep->seen == check_count)
		return ep->levels;
	ep->seen = check_count;
	ep->levels = 1;
	list_for_each(it, &ep->items, in_epoll) {
		if (it->file->ops == &epoll_ops)
			ep->levels = MAX(ep->levels, 1 + levels_below(it->file->priv, top));
	}
	return ep->levels;
}

/* Likewise upwards: instances that watch ep, and so on. */
static unsigned levels_above(struct epoll *ep)
{
	struct item *it;

	if (ep->seen == check_count)
		return ep->levels;
	ep->seen = check_count;
	ep->levels = 1;
	list_for_each(it, &ep->file->epolls, in_file)
		ep->levels = MAX(ep->levels, 1 + levels_above(it->epoll));
	return ep->levels;
}

/* Would watching f from ep close a loop, or nest too deep? Notifications recurse upwards, polling downwards. */
static bool nests_badly(const struct file *f, struct epoll *ep)
{
	unsigned below;

	if (f->ops != &epoll_ops)
		return false;
	check_count++;
	below = levels_below(f->priv, ep);
	check_count++;
	return below + levels_above(ep) > NEST_MAX;
}

static int item_add(struct epoll *ep, struct file *f, int fd, const struct epoll_event *ev)
{
	struct item_table t = { .table = { .wait = item_wait } };
	struct item *it;

	if (item_find(ep, f, fd))
		return -EEXIST;
	if (nests_badly(f, ep))
		return -ELOOP;
	if ((ev->events & EPOLLEXCLUSIVE) && ((ev->events & ~EXCLUSIVE_OK) || f->ops == &epoll_ops))
		return -EINVAL;
	it = kzalloc(sizeof(*it));
	if (!it)
		return -ENOMEM;
	it->epoll = ep;
	it->file = f;
	it->fd = fd;
	it->events = ev->events | EPOLLERR | EPOLLHUP;
	it->data = ev->data;
	list_init(&it->in_ready);
	list_push_back(&ep->items, &it->in_epoll);
	list_push_back(&f->epolls, &it->in_file);
	t.item = it;
	if (item_events(it, &t.table))
		item_ready(it);
	if (t.table.err)
		item_free(it);
	return t.table.err;
}

static int item_modify(struct item *it, const struct epoll_event *ev)
{
	if ((it->events | ev->events) & EPOLLEXCLUSIVE)
		return -EINVAL;
	it->events = ev->events | EPOLLERR | EPOLLHUP;
	it->data = ev->data;
	if (item_events(it, NULL))
		item_ready(it);
	return 0;
}

static int ctl(struct epoll *ep, int op, struct file *f, int fd, const struct epoll_event *ev)
{
	struct item *it;

	if (op == EPOLL_CTL_ADD)
		return item_add(ep, f, fd, ev);
	it = item_find(ep, f, fd);
	if (op != EPOLL_CTL_DEL && op != EPOLL_CTL_MOD)
		return -EINVAL;
	if (!it)
		return -ENOENT;
	if (op == EPOLL_CTL_MOD)
		return item_modify(it, ev);
	item_free(it);
	return 0;
}

SYSCALL_DEFINE(epoll_ctl, int, epfd, int, op, int, fd, uaddr_t, uevent)
{
	struct epoll_event ev = { 0 };
	struct file *ep, *f;
	long err;

	if (op != EPOLL_CTL_DEL && get_user(ev, uevent))
		return -EFAULT;
	ep = fd_get(epfd, false);
	if (!ep)
		return -EBADF;
	f = fd_get(fd, false);
	if (!f)
		err = -EBADF;
	else if (!f->ops->poll)
		err = -EPERM;
	else if (f == ep || ep->ops != &epoll_ops)
		err = -EINVAL;
	else
		err = ctl(ep->priv, op, f, fd, &ev);
	if (f)
		file_put(f);
	file_put(ep);
	return err;
}

/* Moves up to max ready events into out. Level-triggered items go back to the end of the list, for the next
 * caller. An item whose file turns out not to be ready is just dropped from the list. */
static int collect(struct epoll *ep, struct epoll_event *out, int max)
{
	struct list again = LIST_INIT(again);
	int n = 0;

	while (n < max && !list_empty(&ep->ready)) {
		struct item *it = list_first(&ep->ready, struct item, in_ready);
		unsigned events = item_events(it, NULL);

		list_remove(&it->in_ready);
		if (!events)
			continue;
		out[n++] = (struct epoll_event){ events, it->data };
		if (it->events & EPOLLONESHOT)
			it->events &= CONTROL_BITS;
		else if (!(it->events & EPOLLET))
			list_push_back(&again, &it->in_ready);
	}
	while (!list_empty(&again)) {
		struct list *node = again.next;

		list_remove(node);
		list_push_back(&ep->ready, node);
	}
	return n;
}

/* Somebody else may take what is left. */
static void pass_on(struct epoll *ep)
{
	if (!list_empty(&ep->ready))
		waitq_wake(&ep->wait, 1, EPOLLIN | EPOLLRDNORM);
}

static int wait_for_events(struct epoll *ep, struct epoll_event *out, int max, nsec_t deadline)
{
	for (;;) {
		struct waiter w;
		int err, n = collect(ep, out, max);

		if (n)
			return n;
		if (deadline <= clock_mono())
			return net_look() ? collect(ep, out, max) : 0;
		waiter_init(&w);
		w.exclusive = true;
		waitq_add(&ep->wait, &w);
		err = thread_block(WAIT_INTERRUPTIBLE, deadline);
		waitq_remove(&w);
		if (err && !w.woken) {
			n = collect(ep, out, max);
			return n ? n : err == -ETIMEDOUT ? 0 : err;
		}
	}
}

static long do_epoll_wait(int epfd, uaddr_t uevents, int max, nsec_t timeout)
{
	nsec_t now = clock_mono();
	nsec_t deadline = timeout >= NSEC_NEVER - now ? NSEC_NEVER : now + timeout;
	struct epoll_event *out;
	struct file *f;
	long n;

	if (max <= 0 || max > (int)EVENTS_MAX)
		return -EINVAL;
	f = fd_get(epfd, false);
	if (!f)
		return -EBADF;
	if (f->ops != &epoll_ops) {
		file_put(f);
		return -EINVAL;
	}
	max = MIN(max, 4096);
	out = kmalloc((size_t)max * sizeof(*out));
	n = out ? wait_for_events(f->priv, out, max, deadline) : -ENOMEM;
	if (n > 0 && copy_to_user(uevents, out, (size_t)n * sizeof(*out)))
		n = -EFAULT;
	pass_on(f->priv);
	kfree(out);
	file_put(f);
	return n;
}

static nsec_t timeout_of_ms(int ms)
{
	return ms < 0 ? NSEC_NEVER : (nsec_t)ms * 1000000;
}

SYSCALL_DEFINE(epoll_wait, int, epfd, uaddr_t, uevents, int, max, int, timeout_ms)
{
	return do_epoll_wait(epfd, uevents, max, timeout_of_ms(timeout_ms));
}

SYSCALL_DEFINE(epoll_pwait, int, epfd, uaddr_t, uevents, int, max, int, timeout_ms, uaddr_t, umask, size_t, size)
{
	int err = umask ? signal_set_temp_mask(umask, size) : 0;

	return err ? err : do_epoll_wait(epfd, uevents, max, timeout_of_ms(timeout_ms));
}

SYSCALL_DEFINE(epoll_pwait2, int, epfd, uaddr_t, uevents, int, max, uaddr_t, uts, uaddr_t, umask, size_t, size)
{
	nsec_t timeout = NSEC_NEVER;
	struct timespec ts;
	int err = 0;

	if (uts) {
		if (get_user(ts, uts))
			return -EFAULT;
		if (!timespec_valid(&ts))
			return -EINVAL;
		timeout = timespec_to_ns(&ts);
	}
	if (umask)
		err = signal_set_temp_mask(umask, size);
	return err ? err : do_epoll_wait(epfd, uevents, max, timeout);
}

static unsigned epoll_poll(struct file *f, struct poll_table *pt)
{
	struct epoll *ep = f->priv;
	struct item *it;

	poll_wait(pt, &ep->wait);
	list_for_each(it, &ep->ready, in_ready)
		if (item_events(it, NULL))
			return EPOLLIN | EPOLLRDNORM;
	return 0;
}

static void epoll_release(struct file *f)
{
	struct epoll *ep = f->priv;

	while (!list_empty(&ep->items))
		item_free(list_first(&ep->items, struct item, in_epoll));
	kfree(ep);
}

static const struct file_ops epoll_ops = { .name = "eventpoll", .poll = epoll_poll, .release = epoll_release };

static struct epoll *epoll_alloc(void)
{
	struct epoll *ep = kzalloc(sizeof(*ep));

	if (!ep)
		return NULL;
	list_init(&ep->items);
	list_init(&ep->ready);
	waitq_init(&ep->wait);
	return ep;
}

static long do_epoll_create(int flags)
{
	struct epoll *ep = epoll_alloc();
	long fd;

	if (!ep)
		return -ENOMEM;
	fd = anonfd_install(&epoll_ops, ep, (unsigned)flags);
	if (fd >= 0)
		ep->file = fdtable_lookup(current_files(), (int)fd);
	return fd;
}

struct file *epoll_open(void)
{
	struct epoll *ep = epoll_alloc();
	struct file *f = ep ? file_alloc(&epoll_ops, O_RDWR, NULL, NULL) : NULL;

	if (!f) {
		kfree(ep);
		return NULL;
	}
	f->priv = ep;
	ep->file = f;
	return f;
}

bool epoll_watch_at(const struct file *f, unsigned n, struct epoll_watch *out)
{
	struct epoll *ep = f->priv;
	struct item *it;

	if (f->ops != &epoll_ops)
		return false;
	list_for_each(it, &ep->items, in_epoll) {
		if (n--)
			continue;
		*out = (struct epoll_watch){ it->file, it->fd, it->events, it->data };
		return true;
	}
	return false;
}

bool file_is_epoll(const struct file *f)
{
	return f->ops == &epoll_ops;
}

int epoll_watch_add(struct file *f, const struct epoll_watch *w, bool keep)
{
	struct epoll *ep = f->priv;
	struct epoll_event ev = { w->events, w->data };
	int err = w->file == f || !w->file->ops->poll ? -EINVAL : item_add(ep, w->file, w->fd, &ev);

	if (!err) {
		struct item *it = item_find(ep, w->file, w->fd);

		it->events = w->events; /* a oneshot that has fired waits for nothing */
		it->keeps = keep;
		if (keep)
			file_get(w->file);
	}
	return err;
}

SYSCALL_DEFINE(epoll_create, int, size)
{
	return size <= 0 ? -EINVAL : do_epoll_create(0);
}

SYSCALL_DEFINE(epoll_create1, int, flags)
{
	return flags & ~O_CLOEXEC ? -EINVAL : do_epoll_create(flags);
}
