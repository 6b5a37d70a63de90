/* itimer.c: setitimer, getitimer and alarm: three timers per process, made on first use.
 * They outlive execve; the POSIX timers on the same list do not. */
#include "time/itimer.h"
#include "base/heap.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

static const int signal_of[] = { SIGALRM, SIGVTALRM, SIGPROF };

static void expire(struct utimer *u)
{
	struct process_timer *pt = container_of(u, struct process_timer, timer);

	(void)signal_send_process(pt->process, signal_of[pt->which], NULL);
	if (!u->interval)
		return;
	utimer_forward(u);
	utimer_arm(u, MAX(u->expires, utimer_now(u) + UTIMER_PERIOD_MIN));
}

static struct process_timer *find(struct process *p, int which)
{
	struct process_timer *pt;

	list_for_each(pt, &p->itimers, node)
		if (pt->which == which)
			return pt;
	return NULL;
}

static struct process_timer *create(struct process *p, int which)
{
	struct cpu_clock cpu = { .kind = which == ITIMER_PROF ? CPUTIME_PROF : CPUTIME_VIRTUAL, .pid = p->pid };
	struct process_timer *pt = kzalloc(sizeof(*pt));

	if (!pt)
		return NULL;
	pt->process = p;
	pt->which = which;
	utimer_init(&pt->timer, expire, which == ITIMER_REAL ? NULL : &cpu);
	list_push_back(&p->itimers, &pt->node);
	return pt;
}

static void read_timer(struct process *p, int which, nsec_t *value, nsec_t *interval)
{
	struct process_timer *pt = find(p, which);

	*value = pt ? utimer_remaining(&pt->timer) : 0;
	*interval = pt ? pt->timer.interval : 0;
}

static int set_timer(struct process *p, int which, nsec_t value, nsec_t interval)
{
	struct process_timer *pt = find(p, which);

	if (!pt && !value)
		return 0;
	if (!pt)
		pt = create(p, which);
	if (!pt)
		return -ENOMEM;
	utimer_disarm(&pt->timer);
	pt->timer.interval = value ? interval : 0;
	if (value)
		utimer_arm(&pt->timer, utimer_now(&pt->timer) + value);
	return 0;
}

/* A running timer never reads as zero, which would mean that it is off. */
static struct itimerval to_itimerval(nsec_t value, nsec_t interval)
{
	return (struct itimerval){ ns_to_timeval(interval), ns_to_timeval(value ? MAX(value, 1000UL) : 0) };
}

SYSCALL_DEFINE(getitimer, int, which, uaddr_t, uvalue)
{
	struct itimerval it;
	nsec_t value, interval;

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	read_timer(current->process, which, &value, &interval);
	it = to_itimerval(value, interval);
	return copy_to_user(uvalue, &it, sizeof(it));
}

SYSCALL_DEFINE(setitimer, int, which, uaddr_t, unew, uaddr_t, uold)
{
	struct itimerval it = { 0 }, old;
	nsec_t value, interval;
	int err;

	if (unew && get_user(it, unew))
		return -EFAULT;
	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	if (!timeval_valid(&it.it_value) || !timeval_valid(&it.it_interval))
		return -EINVAL;
	read_timer(current->process, which, &value, &interval);
	old = to_itimerval(value, interval);
	err = set_timer(current->process, which, timeval_to_ns(&it.it_value), timeval_to_ns(&it.it_interval));
	if (err)
		return err;
	return uold ? copy_to_user(uold, &old, sizeof(old)) : 0;
}

SYSCALL_DEFINE(alarm, unsigned, seconds)
{
	nsec_t value, interval, left;
	int err;

	read_timer(current->process, ITIMER_REAL, &value, &interval);
	err = set_timer(current->process, ITIMER_REAL, seconds * NSEC_PER_SEC, 0);
	if (err)
		return err;
	/* Rounded, but never to zero while something is left. */
	left = (value + NSEC_PER_SEC / 2) / NSEC_PER_SEC;
	return (long)(value && !left ? 1 : left);
}

void itimers_exec(struct process *p)
{
	struct process_timer *pt, *tmp;

	list_for_each_safe(pt, tmp, &p->itimers, node)
		if (pt->which == TIMER_POSIX)
			posix_timer_free(pt);
}

void itimers_exit(struct process *p)
{
	struct process_timer *pt, *tmp;

	itimers_exec(p);
	list_for_each_safe(pt, tmp, &p->itimers, node) {
		utimer_disarm(&pt->timer);
		list_remove(&pt->node);
		kfree(pt);
	}
}
