/* posix_timer.c: timer_create and its family.
 *
 * A timer owns one queue entry: at most one signal of it is pending. A periodic timer starts its next period
 * when that signal is taken, and counts then what it missed: that is the overrun. So a timer that nobody listens to
 * costs nothing, however short its period. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/itimer.h"
#include "time/sys_time.h"
#include "time/timens.h"

#define IGNORED_RETRY_NS 1000000UL /* a periodic timer whose signal is ignored keeps trying this often at most */

static struct thread *target_thread(const struct process_timer *pt)
{
	struct thread *t = pt->notify == SIGEV_THREAD_ID ? thread_find(pt->tid) : NULL;

	return t && t->process == pt->process ? t : NULL;
}

static void next_period(struct process_timer *pt)
{
	pt->overrun += (int64_t)utimer_forward(&pt->timer) - 1;
	utimer_arm(&pt->timer, MAX(pt->timer.expires, utimer_now(&pt->timer) + UTIMER_PERIOD_MIN));
}

static void expire(struct utimer *u)
{
	struct process_timer *pt = container_of(u, struct process_timer, timer);
	struct thread *t = target_thread(pt);
	int missed = 1;

	if (pt->notify == SIGEV_THREAD_ID && !t)
		return;
	if (pt->notify != SIGEV_NONE)
		missed = signal_send_entry(pt->process, t, &pt->entry);
	pt->signalled = !missed;
	if (!missed || !u->interval)
		return;
	utimer_forward(u);
	utimer_arm(u, MAX(u->expires, utimer_now(u) + IGNORED_RETRY_NS));
}

static int32_t clamp_overrun(int64_t n)
{
	return (int32_t)MIN(MAX(n, 0L), (int64_t)INT32_MAX);
}

/* The signal is being taken from the queue. */
static void taken(struct sigqueue *q, struct siginfo *out)
{
	struct process_timer *pt = container_of(q, struct process_timer, entry);

	pt->signalled = false;
	if (pt->timer.interval && !pt->timer.armed)
		next_period(pt);
	pt->last_overrun = clamp_overrun(pt->overrun);
	pt->overrun = 0;
	out->timer.overrun = pt->last_overrun;
}

static void drop_signal(struct process_timer *pt)
{
	struct thread *t = target_thread(pt);

	pt->signalled = false;
	if (!list_empty(&pt->entry.node))
		pending_drop_entry(t ? pending_of_thread(t) : pending_of_process(pt->process), &pt->entry);
}

void posix_timer_free(struct process_timer *pt)
{
	utimer_disarm(&pt->timer);
	drop_signal(pt);
	list_remove(&pt->node);
	sigqueue_uncharge(pt->entry.account);
	kfree(pt);
}

static struct process_timer *find(int id)
{
	struct process_timer *pt;

	list_for_each(pt, &current->process->itimers, node)
		if (pt->which == TIMER_POSIX && pt->id == id)
			return pt;
	return NULL;
}

static int lowest_free_id(void)
{
	int id = 0;

	while (find(id))
		id++;
	return id;
}

static int check_event(const struct user_sigevent *ev)
{
	struct thread *t;

	switch (ev->notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_THREAD_ID:
		t = thread_find(ev->tid);
		if (!t || t->process != current->process)
			return -EINVAL;
		break;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		break;
	default:
		return -EINVAL;
	}
	return ev->signo > 0 && ev->signo <= NSIG ? 0 : -EINVAL;
}

static int init_clock(struct process_timer *pt, int clock)
{
	struct cpu_clock cpu;
	int err = clock_to_mono(clock, &pt->realtime);

	pt->clock = clock;

	if (!err) {
		utimer_init(&pt->timer, expire, NULL);
		return 0;
	}
	if (clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE)
		return -EOPNOTSUPP;
	err = cpu_clock_parse(clock, &cpu);
	if (!err)
		utimer_init(&pt->timer, expire, &cpu);
	return err;
}

static int timer_make(int clock, struct user_sigevent *ev, bool default_event, struct process_timer **out)
{
	struct process_timer *pt = kzalloc(sizeof(*pt));
	int err;

	if (!pt)
		return -EAGAIN;
	err = init_clock(pt, clock);
	pt->entry.account = err ? NULL : sigqueue_charge(current->process);
	if (!err && !pt->entry.account)
		err = -EAGAIN;
	if (err) {
		kfree(pt);
		return err;
	}
	pt->process = current->process;
	pt->which = TIMER_POSIX;
	pt->id = lowest_free_id();
	pt->notify = ev->notify;
	pt->tid = ev->tid;
	list_init(&pt->entry.node);
	pt->entry.taken = taken;
	pt->entry.info = (struct siginfo){ .signo = ev->signo, .code = SI_TIMER };
	pt->entry.info.timer.tid = pt->id;
	pt->entry.info.timer.value = default_event ? (uint64_t)pt->id : ev->value;
	*out = pt;
	return 0;
}

SYSCALL_DEFINE(timer_create, int, clock, uaddr_t, uevent, uaddr_t, uid)
{
	struct user_sigevent ev = { .signo = SIGALRM, .notify = SIGEV_SIGNAL };
	struct process_timer *pt;
	int err;

	if (uevent && get_user(ev, uevent))
		return -EFAULT;
	err = check_event(&ev);
	if (!err)
		err = timer_make(clock, &ev, !uevent, &pt);
	if (err)
		return err;
	list_push_back(&current->process->itimers, &pt->node);
	if (put_user((int32_t)pt->id, uid)) {
		posix_timer_free(pt);
		return -EFAULT;
	}
	return 0;
}

static void read_timer(struct process_timer *pt, struct itimerspec *it)
{
	nsec_t left = utimer_remaining(&pt->timer);

	/* Between the signal and its being taken a periodic timer runs on, as seen from outside. */
	if (pt->signalled && pt->timer.interval) {
		pt->overrun += (int64_t)utimer_forward(&pt->timer);
		left = pt->timer.expires - utimer_now(&pt->timer);
	}
	*it = (struct itimerspec){ ns_to_timespec(pt->timer.interval), ns_to_timespec(left) };
}

SYSCALL_DEFINE(timer_gettime, int, id, uaddr_t, uit)
{
	struct process_timer *pt = find(id);
	struct itimerspec it;

	if (!pt)
		return -EINVAL;
	read_timer(pt, &it);
	return copy_to_user(uit, &it, sizeof(it));
}

static void set_timer(struct process_timer *pt, const struct itimerspec *it, bool absolute)
{
	nsec_t value = timespec_to_ns(&it->it_value), now = utimer_now(&pt->timer);

	utimer_disarm(&pt->timer);
	drop_signal(pt);
	pt->overrun = 0;
	pt->last_overrun = 0;
	pt->timer.interval = 0;
	if (!value)
		return;
	if (!absolute) {
		value += now;
	} else if (pt->realtime) {
		nsec_t real = clock_real();

		value = value > real ? now + (value - real) : now - MIN(real - value, now);
	} else {
		value = time_ns_real(pt->clock, value);
	}
	pt->timer.interval = timespec_to_ns(&it->it_interval);
	utimer_arm(&pt->timer, value);
}

SYSCALL_DEFINE(timer_settime, int, id, int, flags, uaddr_t, unew, uaddr_t, uold)
{
	struct itimerspec it, old;
	struct process_timer *pt;

	if (!unew)
		return -EINVAL;
	if (get_user(it, unew))
		return -EFAULT;
	if (!timespec_valid(&it.it_value) || !timespec_valid(&it.it_interval))
		return -EINVAL;
	pt = find(id);
	if (!pt)
		return -EINVAL;
	read_timer(pt, &old);
	set_timer(pt, &it, flags & TIMER_ABSTIME);
	return uold ? copy_to_user(uold, &old, sizeof(old)) : 0;
}

SYSCALL_DEFINE(timer_getoverrun, int, id)
{
	struct process_timer *pt = find(id);

	return pt ? pt->last_overrun : -EINVAL;
}

SYSCALL_DEFINE(timer_delete, int, id)
{
	struct process_timer *pt = find(id);

	if (!pt)
		return -EINVAL;
	posix_timer_free(pt);
	return 0;
}
