/* timerfd.c: timers that are read and polled, timerfd_create(2).
 *
 * expires is the next expiration on CLOCK_MONOTONIC, 0 while disarmed; ticks counts those not yet read. Both are
 * brought up to date whenever somebody looks. The kernel timer runs only to wake whoever waits: a periodic timer
 * that nobody waits for is not armed again until the next look, so it costs nothing however short its period. */
#include "base/heap.h"
#include "base/string.h"
#include "ipc/anonfd.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "time/clock.h"
#include "time/timens.h"
#include "time/utimer.h"

#define TFD_TIMER_ABSTIME 1
#define TFD_TIMER_CANCEL_ON_SET 2 /* accepted: the wall clock here is never set */
#define CAP_WAKE_ALARM 35

struct timerfd {
	struct ktimer timer;
	nsec_t expires, interval; /* interval 0: once */
	uint64_t ticks;
	int clock, settime_flags;
	struct waitq readers;
};

static bool on_wall_clock(const struct timerfd *t)
{
	return t->clock == CLOCK_REALTIME || t->clock == CLOCK_REALTIME_ALARM;
}

/* Counts what has expired by now and moves expires past it. */
static void count_expirations(struct timerfd *t)
{
	nsec_t now = clock_mono();
	uint64_t n;

	if (!t->expires || t->expires > now)
		return;
	n = t->interval ? (now - t->expires) / t->interval + 1 : 1;
	t->ticks += n;
	t->expires = t->interval ? t->expires + n * t->interval : 0;
}

static void arm(struct timerfd *t)
{
	if (!t->expires || t->timer.armed)
		return;
	ktimer_arm(&t->timer, t->interval ? MAX(t->expires, clock_mono() + UTIMER_PERIOD_MIN) : t->expires);
}

static void update(struct timerfd *t)
{
	count_expirations(t);
	arm(t);
}

static void expire(struct ktimer *k)
{
	struct timerfd *t = container_of(k, struct timerfd, timer);
	bool awaited = !waitq_empty(&t->readers);

	count_expirations(t);
	if (t->ticks)
		waitq_wake_all(&t->readers, EPOLLIN | EPOLLRDNORM);
	if (awaited)
		arm(t);
}

static ssize_t timerfd_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct timerfd *t = f->priv;
	uint64_t ticks;

	(void)pos;
	if (to->count < sizeof(ticks))
		return -EINVAL;
	update(t);
	while (!t->ticks) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (waitq_wait(&t->readers, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
		update(t);
	}
	ticks = t->ticks;
	t->ticks = 0;
	return copy_to_iter(&ticks, sizeof(ticks), to);
}

static unsigned timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd *t = f->priv;

	poll_wait(pt, &t->readers);
	update(t);
	return t->ticks ? EPOLLIN | EPOLLRDNORM : 0;
}

static void timerfd_release(struct file *f)
{
	struct timerfd *t = f->priv;

	ktimer_cancel(&t->timer);
	kfree(t);
}

static void read_setting(struct timerfd *t, struct itimerspec *it)
{
	nsec_t now, left = 0;

	count_expirations(t);
	now = clock_mono();
	if (t->expires) /* an armed timer never tells 0, which means disarmed */
		left = t->expires > now ? t->expires - now : 1;
	*it = (struct itimerspec){ ns_to_timespec(t->interval), ns_to_timespec(left) };
}

static size_t timerfd_show(struct file *f, char *buf, size_t size)
{
	struct timerfd *t = f->priv;
	struct itimerspec it;

	read_setting(t, &it);
	return (size_t)snprintf(buf, size,
				"clockid: %d\nticks: %lu\nsettime flags: 0%o\nit_value: (%ld, %ld)\n"
				"it_interval: (%ld, %ld)\n",
				t->clock, t->ticks, (unsigned)t->settime_flags, it.it_value.tv_sec,
				it.it_value.tv_nsec, it.it_interval.tv_sec, it.it_interval.tv_nsec);
}

static const struct file_ops timerfd_ops = {
	.name = "timerfd", .read = timerfd_read, .poll = timerfd_poll, .release = timerfd_release,
	.show_fdinfo = timerfd_show,
};

static int check_clock(int clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		return 0;
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return capable(CAP_WAKE_ALARM) ? 0 : -EPERM;
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE(timerfd_create, int, clock, int, flags)
{
	struct timerfd *t;
	int err = flags & ~(O_CLOEXEC | O_NONBLOCK) ? -EINVAL : check_clock(clock);

	if (err)
		return err;
	t = kzalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	ktimer_init(&t->timer, expire);
	t->clock = clock;
	waitq_init(&t->readers);
	return anonfd_install(&timerfd_ops, t, (unsigned)flags);
}

/* The first expiration on the monotonic clock, at least 1; what is past is due now. */
static nsec_t first_expiration(const struct timerfd *t, nsec_t value, bool absolute)
{
	nsec_t now = clock_mono(), real = clock_real();

	if (!absolute)
		return now + value;
	if (!on_wall_clock(t))
		return MAX(time_ns_real(t->clock, value), (nsec_t)1);
	return value > real ? now + (value - real) : now - MIN(real - value, now - 1);
}

static void set(struct timerfd *t, const struct itimerspec *it, int flags)
{
	nsec_t value = timespec_to_ns(&it->it_value);

	ktimer_cancel(&t->timer);
	t->ticks = 0;
	t->settime_flags = flags;
	t->interval = timespec_to_ns(&it->it_interval);
	t->expires = value ? first_expiration(t, value, flags & TFD_TIMER_ABSTIME) : 0;
	if (!t->expires)
		return;
	ktimer_arm(&t->timer, t->expires);
	count_expirations(t);
	if (t->ticks)
		waitq_wake_all(&t->readers, EPOLLIN | EPOLLRDNORM);
}

/* Referenced; *err is set if it is NULL. */
static struct file *get_timerfd(int fd, long *err)
{
	struct file *f = fd_get(fd, false);

	*err = f ? 0 : -EBADF;
	if (!f || f->ops == &timerfd_ops)
		return f;
	file_put(f);
	*err = -EINVAL;
	return NULL;
}

SYSCALL_DEFINE(timerfd_settime, int, fd, int, flags, uaddr_t, unew, uaddr_t, uold)
{
	struct itimerspec it, old;
	struct file *f;
	long err;

	if (get_user(it, unew))
		return -EFAULT;
	if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) || !timespec_valid(&it.it_value) ||
	    !timespec_valid(&it.it_interval))
		return -EINVAL;
	f = get_timerfd(fd, &err);
	if (!f)
		return err;
	read_setting(f->priv, &old);
	set(f->priv, &it, flags);
	err = uold ? copy_to_user(uold, &old, sizeof(old)) : 0;
	file_put(f);
	return err;
}

SYSCALL_DEFINE(timerfd_gettime, int, fd, uaddr_t, ucur)
{
	struct itimerspec it;
	struct file *f;
	long err;

	f = get_timerfd(fd, &err);
	if (!f)
		return err;
	read_setting(f->priv, &it);
	err = copy_to_user(ucur, &it, sizeof(it));
	file_put(f);
	return err;
}
