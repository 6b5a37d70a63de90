/* poll.c: poll(2), ppoll(2), select(2), pselect6.
 *
 * All files are asked once with a table that puts waiters on their queues; after that, each time the thread is
 * woken they are asked again without one, until something is ready, the time is over or a signal comes. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "ipc/pollwait.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "linux/time.h"
#include "net/events.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "time/clock.h"

struct pollfd {
	int32_t fd;
	int16_t events, revents;
};

/* One file asked for during a call: held until the call ends. */
struct asked {
	struct file *file; /* NULL: not open (or fd < 0) */
	unsigned want, got;
	bool bad;          /* fd >= 0 but not open */
};

#define ALWAYS (EPOLLERR | EPOLLHUP)

static unsigned ask(struct asked *a, struct poll_table *pt)
{
	struct poll_table look = { 0 };
	unsigned events;

	if (!a->file)
		return a->got = a->bad ? EPOLLNVAL : 0;
	if (!pt)
		pt = &look;
	pt->want = a->want | ALWAYS;
	events = a->file->ops->poll ? a->file->ops->poll(a->file, pt)
				    : EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;
	return a->got = events & (a->want | ALWAYS);
}

static long ask_all(struct asked *a, size_t n, struct poll_table *pt)
{
	long ready = 0;

	for (size_t i = 0; i < n; i++)
		if (ask(&a[i], ready ? NULL : pt))
			ready++;
	return ready;
}

/* Ready count, 0 at the deadline, -EINTR, -ENOMEM. */
static long wait_ready(struct asked *a, size_t n, nsec_t deadline)
{
	struct poll_waiters w;
	long ready;

	poll_waiters_init(&w);
	ready = ask_all(a, n, &w.table);
	if (!ready && w.table.err)
		ready = w.table.err;
	if (ready >= 0 && (ready || deadline <= clock_mono()) && net_look()) /* does not sleep: nobody else will look */
		ready = ask_all(a, n, NULL);
	while (!ready) {
		int err = thread_block(WAIT_INTERRUPTIBLE, deadline);

		ready = ask_all(a, n, NULL);
		if (err && !ready) {
			ready = err == -ETIMEDOUT ? 0 : err;
			break;
		}
	}
	poll_waiters_free(&w);
	return ready;
}

static void take_file(struct asked *a, int fd, unsigned want)
{
	a->want = want;
	if (fd < 0)
		return;
	a->file = fd_get(fd, false);
	a->bad = !a->file;
}

static void put_files(struct asked *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].file)
			file_put(a[i].file);
	kfree(a);
}

static long poll_fds(struct pollfd *fds, size_t n, nsec_t deadline)
{
	struct asked *a = kzalloc(MAX(n, (size_t)1) * sizeof(*a));
	long ready;

	if (!a)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		take_file(&a[i], fds[i].fd, (uint16_t)fds[i].events);
	ready = wait_ready(a, n, deadline);
	for (size_t i = 0; i < n; i++)
		fds[i].revents = (int16_t)a[i].got;
	put_files(a, n);
	return ready;
}

static long poll_user(uaddr_t ufds, unsigned n, nsec_t deadline)
{
	struct pollfd *fds;
	long ready;

	if (n > current_process()->rlim[RLIMIT_NOFILE].cur)
		return -EINVAL;
	fds = kmalloc(MAX(n, 1u) * sizeof(*fds));
	if (!fds)
		return -ENOMEM;
	ready = copy_from_user(fds, ufds, n * sizeof(*fds));
	if (!ready)
		ready = poll_fds(fds, n, deadline);
	for (unsigned i = 0; ready >= 0 && i < n; i++)
		if (put_user(fds[i].revents, ufds + i * sizeof(*fds) + offsetof(struct pollfd, revents)))
			ready = -EFAULT;
	kfree(fds);
	return ready;
}

static nsec_t deadline_after(nsec_t timeout)
{
	nsec_t now = clock_mono();

	return timeout >= NSEC_NEVER - now ? NSEC_NEVER : now + timeout;
}

static long restart_poll(struct thread *t)
{
	long ready = poll_user(t->restart_data[0], (unsigned)t->restart_data[1], t->restart_data[2]);

	return ready == -EINTR ? -ERESTART_RESTARTBLOCK : ready;
}

SYSCALL_DEFINE(poll, uaddr_t, ufds, unsigned, n, int, timeout_ms)
{
	nsec_t deadline = timeout_ms < 0 ? NSEC_NEVER : deadline_after((nsec_t)timeout_ms * 1000000);
	long ready = poll_user(ufds, n, deadline);
	struct thread *t = current;

	if (ready != -EINTR)
		return ready;
	t->restart_fn = restart_poll;
	t->restart_data[0] = ufds;
	t->restart_data[1] = n;
	t->restart_data[2] = deadline;
	return -ERESTART_RESTARTBLOCK;
}

/* Reads a relative timespec; NULL pointer: never. */
static int read_timeout(uaddr_t uts, nsec_t *deadline)
{
	struct timespec ts;
	int err;

	*deadline = NSEC_NEVER;
	if (!uts)
		return 0;
	err = get_user(ts, uts);
	if (err)
		return err;
	if (!timespec_valid(&ts))
		return -EINVAL;
	*deadline = deadline_after(timespec_to_ns(&ts));
	return 0;
}

/* Linux writes the time left back; a fault there is ignored. */
#define STICKY_TIMEOUTS 0x4000000 /* personality: as other systems, which leave it alone */

static void write_left(uaddr_t uts, nsec_t deadline, bool micro)
{
	nsec_t now = clock_mono(), left = deadline > now ? deadline - now : 0;
	struct timespec ts = ns_to_timespec(left);
	int ignored;

	if (!uts || deadline == NSEC_NEVER || current_process()->personality & STICKY_TIMEOUTS)
		return;
	if (micro)
		ts.tv_nsec /= 1000;
	ignored = put_user(ts, uts);
	(void)ignored;
}

SYSCALL_DEFINE(ppoll, uaddr_t, ufds, unsigned, n, uaddr_t, uts, uaddr_t, umask, size_t, sigsetsize)
{
	nsec_t deadline;
	long ready = read_timeout(uts, &deadline);

	if (!ready)
		ready = signal_set_temp_mask(umask, sigsetsize);
	if (ready)
		return ready;
	ready = poll_user(ufds, n, deadline);
	write_left(uts, deadline, false);
	return ready == -EINTR ? -ERESTARTNOHAND : ready;
}

/* select: three bit sets of n descriptors. */
#define FD_SETSIZE_MAX 65536
#define SET_IN (EPOLLIN | EPOLLRDNORM | EPOLLRDBAND | EPOLLHUP | EPOLLERR)
#define SET_OUT (EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND | EPOLLERR)
#define SET_EX EPOLLPRI
static const unsigned set_events[3] = { SET_IN, SET_OUT, SET_EX };

struct fd_sets {
	size_t bytes;         /* of each */
	uint8_t *bits[3];     /* NULL: not given */
	uint8_t storage[];
};

static struct fd_sets *read_sets(unsigned n, const uaddr_t usets[3], int *err)
{
	size_t bytes = (n + 63) / 64 * 8;
	struct fd_sets *s = kzalloc(sizeof(*s) + 3 * bytes + 1);

	*err = s ? 0 : -ENOMEM;
	if (!s)
		return NULL;
	s->bytes = bytes;
	for (int k = 0; !*err && k < 3; k++) {
		if (!usets[k])
			continue;
		s->bits[k] = s->storage + (size_t)k * bytes;
		*err = copy_from_user(s->bits[k], usets[k], bytes);
	}
	if (*err) {
		kfree(s);
		return NULL;
	}
	return s;
}

static bool in_set(const struct fd_sets *s, int k, unsigned fd)
{
	return s->bits[k] && (s->bits[k][fd / 8] >> (fd % 8) & 1);
}

static int ask_sets(const struct fd_sets *s, unsigned n, struct asked *a)
{
	for (unsigned fd = 0; fd < n; fd++) {
		unsigned want = 0;

		for (int k = 0; k < 3; k++)
			if (in_set(s, k, fd))
				want |= set_events[k];
		if (!want)
			continue;
		take_file(&a[fd], (int)fd, want);
		if (a[fd].bad)
			return -EBADF;
	}
	return 0;
}

static long result_sets(struct fd_sets *s, unsigned n, const struct asked *a)
{
	long count = 0;

	for (unsigned fd = 0; fd < n; fd++) {
		for (int k = 0; k < 3; k++) {
			if (!in_set(s, k, fd))
				continue;
			if (a[fd].got & set_events[k])
				count++;
			else
				s->bits[k][fd / 8] &= (uint8_t)~(1u << (fd % 8));
		}
	}
	return count;
}

/* Descriptors beyond the limit are not looked at, as on Linux. */
static unsigned select_limit(int n)
{
	uint64_t max = MIN(current_process()->rlim[RLIMIT_NOFILE].cur, (uint64_t)FD_SETSIZE_MAX);

	return (uint64_t)n > max ? (unsigned)max : (unsigned)n;
}

/* wait_ready skips entries without a file, so the sparse array serves as it is. */
static long do_select(int count, const uaddr_t usets[3], nsec_t deadline)
{
	unsigned n;
	struct fd_sets *s;
	struct asked *a;
	int err;
	long ready;

	if (count < 0)
		return -EINVAL;
	n = select_limit(count);
	s = read_sets(n, usets, &err);
	if (!s)
		return err;
	a = kzalloc((n + 1ul) * sizeof(*a));
	ready = a ? ask_sets(s, n, a) : -ENOMEM;
	if (!ready)
		ready = wait_ready(a, n, deadline);
	if (ready >= 0)
		ready = result_sets(s, n, a);
	for (int k = 0; ready >= 0 && k < 3; k++)
		if (s->bits[k] && copy_to_user(usets[k], s->bits[k], s->bytes))
			ready = -EFAULT;
	if (a)
		put_files(a, n);
	kfree(s);
	return ready == -EINTR ? -ERESTARTNOHAND : ready;
}

SYSCALL_DEFINE(select, int, n, uaddr_t, uin, uaddr_t, uout, uaddr_t, uex, uaddr_t, utv)
{
	const uaddr_t usets[3] = { uin, uout, uex };
	nsec_t deadline = NSEC_NEVER;
	struct timeval tv;
	long ready;

	if (utv) {
		if (get_user(tv, utv))
			return -EFAULT;
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		if (tv.tv_sec < INT64_MAX / 2)
			tv.tv_sec += tv.tv_usec / 1000000;
		tv.tv_usec %= 1000000;
		deadline = deadline_after(timeval_to_ns(&tv));
	}
	ready = do_select(n, usets, deadline);
	write_left(utv, deadline, true);
	return ready;
}

SYSCALL_DEFINE(pselect6, int, n, uaddr_t, uin, uaddr_t, uout, uaddr_t, uex, uaddr_t, uts, uaddr_t, usig)
{
	const uaddr_t usets[3] = { uin, uout, uex };
	struct {
		uint64_t mask, size;
	} sig = { 0, 0 };
	nsec_t deadline;
	long ready = read_timeout(uts, &deadline);

	if (!ready && usig)
		ready = get_user(sig, usig);
	if (!ready && sig.mask)
		ready = signal_set_temp_mask(sig.mask, sig.size);
	if (ready)
		return ready;
	ready = do_select(n, usets, deadline);
	write_left(uts, deadline, false);
	return ready;
}
