/* sys_time.c: reading clocks, and sleeping.
 *
 * The wall clock cannot be set: it is the host's. CLOCK_BOOTTIME is CLOCK_MONOTONIC (suspension of the
 * host is not seen), CLOCK_TAI is CLOCK_REALTIME (the offset is unset, as on a host without NTP's word). */
#include "base/string.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "linux/timex.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/clock.h"
#include "time/cputime.h"
#include "time/sys_time.h"
#include "time/timens.h"

#define COARSE_RES 4000000UL
#define CPU_POLL_NS 1000000UL

int clock_to_mono(int clock, bool *realtime)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI:
		*realtime = true;
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*realtime = false;
		return 0;
	}
	return -EINVAL;
}

static int clock_read(int clock, nsec_t *now)
{
	struct cpu_clock cpu;
	int err;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI:
		*now = clock_real();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*now = time_ns_shown(clock, clock_mono());
		return 0;
	}
	err = cpu_clock_parse(clock, &cpu);
	if (err)
		return err;
	return cpu_clock_read(&cpu, now) ? 0 : -EINVAL;
}

SYSCALL_DEFINE(clock_gettime, int, clock, uaddr_t, uts)
{
	struct timespec ts;
	nsec_t now;
	int err = clock_read(clock, &now);

	if (err)
		return err;
	ts = ns_to_timespec(now);
	return copy_to_user(uts, &ts, sizeof(ts));
}

SYSCALL_DEFINE(clock_getres, int, clock, uaddr_t, uts)
{
	bool coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
	struct timespec ts = ns_to_timespec(coarse ? COARSE_RES : 1);
	nsec_t now;
	int err = clock_read(clock, &now);

	if (err || !uts)
		return err;
	return copy_to_user(uts, &ts, sizeof(ts));
}

SYSCALL_DEFINE(clock_settime, int, clock, uaddr_t, uts)
{
	struct timespec ts;

	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	if (get_user(ts, uts))
		return -EFAULT;
	return timespec_valid(&ts) ? -EPERM : -EINVAL;
}

SYSCALL_DEFINE(gettimeofday, uaddr_t, utv, uaddr_t, utz)
{
	struct timeval tv = ns_to_timeval(clock_real());
	struct timezone tz = { 0, 0 };

	if (utv && copy_to_user(utv, &tv, sizeof(tv)))
		return -EFAULT;
	if (utz && copy_to_user(utz, &tz, sizeof(tz)))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE(settimeofday, uaddr_t, utv, uaddr_t, utz)
{
	struct timeval tv;

	(void)utz;
	if (utv && get_user(tv, utv))
		return -EFAULT;
	return utv && !timeval_valid(&tv) ? -EINVAL : -EPERM;
}

SYSCALL_DEFINE(time, uaddr_t, ut)
{
	int64_t now = (int64_t)(clock_real() / NSEC_PER_SEC);

	if (ut && put_user(now, ut))
		return -EFAULT;
	return now;
}

static long do_adjtimex(uaddr_t utx)
{
	struct timex tx;
	nsec_t now = clock_real();

	if (get_user(tx, utx))
		return -EFAULT;
	if (tx.modes && tx.modes != ADJ_OFFSET_SS_READ) {
		bool bad_tick = (tx.modes & ADJ_TICK) && (tx.tick < TICK_MIN || tx.tick > TICK_MAX);
		return bad_tick && capable(CAP_SYS_TIME) ? -EINVAL : -EPERM;
	}
	memset(&tx, 0, sizeof(tx));
	tx.maxerror = tx.esterror = NTP_PHASE_LIMIT;
	tx.status = STA_UNSYNC;
	tx.constant = 2;
	tx.precision = 1;
	tx.tolerance = MAXFREQ_SCALED;
	tx.tick = 10000;
	tx.time = ns_to_timeval(now);
	return copy_to_user(utx, &tx, sizeof(tx)) ? -EFAULT : TIME_ERROR;
}

SYSCALL_DEFINE(adjtimex, uaddr_t, utx)
{
	return do_adjtimex(utx);
}

SYSCALL_DEFINE(clock_adjtime, int, clock, uaddr_t, utx)
{
	if (clock != CLOCK_REALTIME)
		return clock == CLOCK_MONOTONIC ? -EOPNOTSUPP : -EINVAL;
	return do_adjtimex(utx);
}

/* Sleeps until the monotonic deadline: 0 or -EINTR. */
static int sleep_until(nsec_t deadline)
{
	int err;

	do
		err = thread_block(WAIT_INTERRUPTIBLE, deadline);
	while (!err);
	return err == -ETIMEDOUT ? 0 : err;
}

static int put_remaining(uaddr_t urem, nsec_t deadline)
{
	nsec_t now = clock_mono();
	struct timespec ts = ns_to_timespec(deadline > now ? deadline - now : 0);

	return urem ? copy_to_user(urem, &ts, sizeof(ts)) : 0;
}

/* data: deadline, where to put the rest. */
static long sleep_restart(struct thread *t)
{
	nsec_t deadline = t->restart_data[0];
	uaddr_t urem = t->restart_data[1];
	int err = sleep_until(deadline);

	if (!err)
		return 0;
	if (put_remaining(urem, deadline))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

static long sleep_relative(nsec_t duration, uaddr_t urem)
{
	struct thread *t = current;

	t->restart_data[0] = clock_mono() + duration;
	t->restart_data[1] = urem;
	t->restart_fn = sleep_restart;
	return sleep_restart(t);
}

static long sleep_absolute(nsec_t when, bool realtime)
{
	nsec_t now = clock_real();

	if (realtime)
		when = clock_mono() + (when > now ? when - now : 0);
	return sleep_until(when) ? -ERESTARTNOHAND : 0;
}

/* CPU time passes at most vcpu_count() times as fast as real time. */
static long sleep_cpu(int clock, nsec_t target, bool absolute, uaddr_t urem)
{
	struct cpu_clock cpu;
	struct timespec rest;
	nsec_t now;
	int err = clock == CLOCK_THREAD_CPUTIME_ID ? -EINVAL : cpu_clock_parse(clock, &cpu);

	if (err)
		return err;
	if (cpu.tid == current->tid)
		return -EINVAL;
	if (!cpu_clock_read(&cpu, &now))
		return -EINVAL;
	if (!absolute)
		target += now;
	while (now < target) {
		err = sleep_until(clock_mono() + MAX((target - now) / vcpu_count(), CPU_POLL_NS));
		if (!cpu_clock_read(&cpu, &now))
			return -ESRCH;
		if (err)
			break;
	}
	if (now >= target)
		return 0;
	if (absolute)
		return -ERESTARTNOHAND;
	rest = ns_to_timespec(target - now);
	return urem && copy_to_user(urem, &rest, sizeof(rest)) ? -EFAULT : -EINTR;
}

static long do_nanosleep(int clock, bool absolute, uaddr_t uts, uaddr_t urem)
{
	struct timespec ts;
	bool realtime = false, wall = !clock_to_mono(clock, &realtime);

	if (!wall && clock >= 0 && clock != CLOCK_PROCESS_CPUTIME_ID)
		return clock == CLOCK_THREAD_CPUTIME_ID || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_REALTIME_COARSE ||
			       clock == CLOCK_MONOTONIC_COARSE ? -EOPNOTSUPP : -EINVAL;
	if (get_user(ts, uts))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	if (!wall)
		return sleep_cpu(clock, timespec_to_ns(&ts), absolute, urem);
	if (absolute)
		return sleep_absolute(time_ns_real(clock, timespec_to_ns(&ts)), realtime);
	return sleep_relative(timespec_to_ns(&ts), urem);
}

SYSCALL_DEFINE(nanosleep, uaddr_t, uts, uaddr_t, urem)
{
	return do_nanosleep(CLOCK_MONOTONIC, false, uts, urem);
}

SYSCALL_DEFINE(clock_nanosleep, int, clock, int, flags, uaddr_t, uts, uaddr_t, urem)
{
	return do_nanosleep(clock, flags & TIMER_ABSTIME, uts, urem);
}
