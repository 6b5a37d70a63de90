/* timer.c: interval timers, POSIX timers with overrun, CPU clocks, sleeping with restart. unit_now is the clock;
 * pass() moves it and runs what is due. */
#include "base/string.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "linux/timex.h"
#include "process/process.h"
#include "signal/internal.h"
#include "syscall/define.h"
#include "test/unit.h"
#include "thread/sched.h"
#include "time/itimer.h"
#include "time/ktimer.h"
#include "time/sys_time.h"
#include "test/ptrace_none.h"

#define MSEC 1000000UL

struct process *init_process;
static nsec_t cpu_time;

void thread_interrupt(struct thread *t, bool fatal)
{
	(void)t;
	(void)fatal;
}
void thread_wake(struct thread *t, bool sync)
{
	(void)t;
	(void)sync;
}
void process_notify_parent(struct process *p, int code, int status)
{
	(void)p;
	(void)code;
	(void)status;
}
struct thread *thread_find(kpid_t tid) { return tid == unit_thread.tid ? &unit_thread : NULL; }
struct process *process_find(kpid_t pid) { return pid == unit_process.pid ? &unit_process : NULL; }
nsec_t thread_user_time(struct thread *t);
nsec_t thread_user_time(struct thread *t) { return cpu_time - t->stime; }
nsec_t thread_cpu_time(struct thread *t)
{
	(void)t;
	return cpu_time;
}

static void setup(void)
{
	unit_process.sighand = sighand_create();
	waitq_init(&unit_process.sigfd_wait);
	unit_thread.sig_blocked = ~0UL;
	cpu_time = 0;
}

static void teardown(void)
{
	itimers_exit(&unit_process);
	signal_flush_process(&unit_process);
	signal_flush_thread(&unit_thread);
	sighand_put(unit_process.sighand);
	CHECK_EQ(ktimer_next(), NSEC_NEVER);
}

static void pass(nsec_t ns)
{
	unit_now += ns;
	ktimer_run();
}

static int take(struct siginfo *info)
{
	return signal_dequeue(&unit_thread, ~0UL, info);
}

#define CALL(name, ...) sys_##name(&(struct syscall_args){ { __VA_ARGS__ } })
#define DECLARE(name) long sys_##name(const struct syscall_args *args)
DECLARE(setitimer);
DECLARE(getitimer);
DECLARE(alarm);
DECLARE(timer_create);
DECLARE(timer_settime);
DECLARE(timer_gettime);
DECLARE(timer_getoverrun);
DECLARE(timer_delete);
DECLARE(clock_gettime);
DECLARE(clock_settime);
DECLARE(nanosleep);
DECLARE(clock_nanosleep);
DECLARE(adjtimex);

UNIT_TEST(timer, itimer_real)
{
	struct itimerval it = { { 0, 100000 }, { 1, 0 } }, now;
	struct siginfo info;

	setup();
	CHECK_EQ(CALL(setitimer, ITIMER_REAL, (uint64_t)&it, 0), 0);
	pass(400 * MSEC);
	CHECK_EQ(CALL(getitimer, ITIMER_REAL, (uint64_t)&now), 0);
	CHECK_EQ(now.it_value.tv_usec, 600000);
	CHECK_EQ(take(&info), 0);
	pass(600 * MSEC);
	CHECK_EQ(take(&info), SIGALRM);
	CHECK_EQ(info.code, SI_KERNEL);
	pass(350 * MSEC); /* three periods, one signal */
	CHECK_EQ(take(&info), SIGALRM);
	CHECK_EQ(take(&info), 0);
	CHECK_EQ(CALL(getitimer, ITIMER_REAL, (uint64_t)&now), 0);
	CHECK_EQ(now.it_value.tv_usec, 50000);
	it.it_value.tv_usec = 1000000;
	CHECK_EQ(CALL(setitimer, ITIMER_REAL, (uint64_t)&it, 0), -EINVAL);
	CHECK_EQ(CALL(setitimer, 3, (uint64_t)&it, 0), -EINVAL);
	teardown();
}

UNIT_TEST(timer, alarm_rounds)
{
	struct siginfo info;

	setup();
	CHECK_EQ(CALL(alarm, 10), 0);
	pass(300 * MSEC);
	CHECK_EQ(CALL(alarm, 10), 10);
	pass(9900 * MSEC);
	CHECK_EQ(CALL(alarm, 0), 1);
	pass(20000 * MSEC);
	CHECK_EQ(take(&info), 0);
	teardown();
}

UNIT_TEST(timer, virtual_counts_cpu_time_only)
{
	struct itimerval it = { { 0, 0 }, { 0, 50000 } };
	struct siginfo info;

	setup();
	CHECK_EQ(CALL(setitimer, ITIMER_VIRTUAL, (uint64_t)&it, 0), 0);
	pass(1000 * MSEC);
	CHECK_EQ(take(&info), 0);
	cpu_time = 49 * MSEC;
	pass(30 * MSEC);
	CHECK_EQ(take(&info), 0);
	cpu_time = 50 * MSEC;
	pass(2 * MSEC);
	CHECK_EQ(take(&info), SIGVTALRM);
	teardown();
}

UNIT_TEST(timer, posix_overrun)
{
	struct user_sigevent ev = { .value = 0xabc, .signo = 40, .notify = SIGEV_SIGNAL };
	struct itimerspec it = { { 0, 10 * (int64_t)MSEC }, { 0, 10 * (int64_t)MSEC } }, now;
	struct siginfo info;
	int32_t id = -1;

	setup();
	CHECK_EQ(CALL(timer_create, CLOCK_MONOTONIC, (uint64_t)&ev, (uint64_t)&id), 0);
	CHECK_EQ(id, 0);
	CHECK_EQ(CALL(timer_settime, 0, 0, (uint64_t)&it, 0), 0);
	pass(10 * MSEC);
	pass(35 * MSEC); /* three more expiries that nobody was told of */
	CHECK_EQ(CALL(timer_gettime, 0, (uint64_t)&now), 0);
	CHECK_EQ(now.it_value.tv_nsec, 5 * MSEC);
	CHECK_EQ(take(&info), 40);
	CHECK_EQ(info.code, SI_TIMER);
	CHECK_EQ(info.timer.value, 0xabc);
	CHECK_EQ(info.timer.overrun, 3);
	CHECK_EQ(CALL(timer_getoverrun, 0), 3);
	CHECK_EQ(take(&info), 0);
	pass(5 * MSEC);
	CHECK_EQ(take(&info), 40);
	CHECK_EQ(info.timer.overrun, 0);
	pass(10 * MSEC);
	CHECK_EQ(CALL(timer_delete, 0), 0); /* takes its pending signal along */
	CHECK_EQ(unit_process.sig_pending, 0);
	CHECK_EQ(CALL(timer_delete, 0), -EINVAL);
	teardown();
}

UNIT_TEST(timer, posix_checks)
{
	struct user_sigevent ev = { .signo = 65, .notify = SIGEV_SIGNAL };
	struct itimerspec it = { { 0, 0 }, { 0, 0 } };
	int32_t id;

	setup();
	CHECK_EQ(CALL(timer_create, CLOCK_MONOTONIC, (uint64_t)&ev, (uint64_t)&id), -EINVAL);
	ev = (struct user_sigevent){ .signo = 10, .notify = SIGEV_THREAD_ID, .tid = 4444 };
	CHECK_EQ(CALL(timer_create, CLOCK_MONOTONIC, (uint64_t)&ev, (uint64_t)&id), -EINVAL);
	CHECK_EQ(CALL(timer_create, CLOCK_MONOTONIC_RAW, 0, (uint64_t)&id), -EOPNOTSUPP);
	CHECK_EQ(CALL(timer_create, 10, 0, (uint64_t)&id), -EINVAL);
	CHECK_EQ(CALL(timer_create, CLOCK_REALTIME, 0, (uint64_t)&id), 0);
	CHECK_EQ(CALL(timer_create, CLOCK_REALTIME, 0, 8), -EFAULT);
	it.it_value.tv_nsec = -1;
	CHECK_EQ(CALL(timer_settime, (uint64_t)id, 0, (uint64_t)&it, 0), -EINVAL);
	CHECK_EQ(CALL(timer_gettime, 9, (uint64_t)&it), -EINVAL);
	teardown();
}

UNIT_TEST(timer, posix_absolute_and_thread)
{
	struct user_sigevent ev = { .value = 1, .signo = 34, .notify = SIGEV_THREAD_ID, .tid = 100 };
	struct itimerspec it = { { 0, 0 }, ns_to_timespec(unit_now + 1700000000 * NSEC_PER_SEC + 5 * MSEC) };
	struct siginfo info;
	int32_t id;

	setup();
	CHECK_EQ(CALL(timer_create, CLOCK_REALTIME, (uint64_t)&ev, (uint64_t)&id), 0);
	CHECK_EQ(CALL(timer_settime, (uint64_t)id, TIMER_ABSTIME, (uint64_t)&it, 0), 0);
	pass(4 * MSEC);
	CHECK_EQ(unit_thread.sig_pending, 0);
	pass(MSEC);
	CHECK_EQ(unit_thread.sig_pending, sigmask_of(34));
	CHECK_EQ(take(&info), 34);
	/* long past: at once */
	it.it_value.tv_sec = 1;
	CHECK_EQ(CALL(timer_settime, (uint64_t)id, TIMER_ABSTIME, (uint64_t)&it, 0), 0);
	pass(1);
	CHECK_EQ(take(&info), 34);
	teardown();
}

UNIT_TEST(timer, exec_keeps_interval_timers)
{
	struct itimerval it = { { 0, 0 }, { 1, 0 } };
	int32_t id;

	setup();
	CHECK_EQ(CALL(setitimer, ITIMER_REAL, (uint64_t)&it, 0), 0);
	CHECK_EQ(CALL(timer_create, CLOCK_MONOTONIC, 0, (uint64_t)&id), 0);
	itimers_exec(&unit_process);
	CHECK_EQ(CALL(timer_delete, (uint64_t)id), -EINVAL);
	CHECK(ktimer_next() != NSEC_NEVER);
	teardown();
}

static uint64_t clock_of(kpid_t id, unsigned kind)
{
	return (uint32_t)~id << 3 | kind;
}

UNIT_TEST(timer, clocks)
{
	struct timespec ts;
	struct timex tx = { 0 };

	setup();
	cpu_time = 7;
	CHECK_EQ(CALL(clock_gettime, CLOCK_PROCESS_CPUTIME_ID, (uint64_t)&ts), 0);
	CHECK_EQ(ts.tv_nsec, 7);
	CHECK_EQ(CALL(clock_gettime, clock_of(100, 2), (uint64_t)&ts), 0);     /* process 100 */
	CHECK_EQ(CALL(clock_gettime, clock_of(100, 6), (uint64_t)&ts), 0);     /* thread 100 */
	CHECK_EQ(CALL(clock_gettime, clock_of(101, 2), (uint64_t)&ts), -EINVAL);
	CHECK_EQ(CALL(clock_gettime, clock_of(3, 3), (uint64_t)&ts), -EINVAL); /* a descriptor's */
	CHECK_EQ(CALL(clock_gettime, 10, (uint64_t)&ts), -EINVAL);
	CHECK_EQ(CALL(clock_settime, CLOCK_REALTIME, (uint64_t)&ts), -EPERM);
	CHECK_EQ(CALL(adjtimex, (uint64_t)&tx), TIME_ERROR);
	tx.modes = 1;
	CHECK_EQ(CALL(adjtimex, (uint64_t)&tx), -EPERM);
	teardown();
}

UNIT_TEST(timer, sleeping)
{
	struct timespec ts = { 1, 500 }, rest = { 0, 0 };
	nsec_t start = unit_now;

	setup();
	CHECK_EQ(CALL(nanosleep, (uint64_t)&ts, 0), 0);
	CHECK_EQ(unit_now - start, NSEC_PER_SEC + 500);
	unit_thread.sig_blocked = 0;
	unit_thread.sig_pending = 2;
	unit_thread.sig_check = true;
	start = unit_now;
	CHECK_EQ(CALL(nanosleep, (uint64_t)&ts, (uint64_t)&rest), -ERESTART_RESTARTBLOCK);
	CHECK_EQ(rest.tv_sec, 1);
	unit_thread.sig_pending = 0;
	unit_now += 10;
	CHECK_EQ(unit_thread.restart_fn(&unit_thread), 0);
	CHECK_EQ(unit_now - start, NSEC_PER_SEC + 500);
	ts = ns_to_timespec(unit_now + 7);
	CHECK_EQ(CALL(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, (uint64_t)&ts, 0), 0);
	CHECK_EQ(CALL(clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, (uint64_t)&ts, 0), -EOPNOTSUPP);
	CHECK_EQ(CALL(clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, (uint64_t)&ts, 0), -EOPNOTSUPP);
	ts.tv_nsec = 1000000000;
	CHECK_EQ(CALL(nanosleep, (uint64_t)&ts, 0), -EINVAL);
	teardown();
}

static void timer_nothing(struct ktimer *t)
{
	(void)t;
}

/* A timer that is the last in the list is armed again, for earlier and for later. */
UNIT_TEST(ktimer, rearming_the_last)
{
	struct ktimer a, b;

	ktimer_init(&a, timer_nothing);
	ktimer_init(&b, timer_nothing);
	ktimer_arm(&a, unit_now + 10);
	ktimer_arm(&b, unit_now + 20);
	ktimer_arm(&b, unit_now + 5);
	CHECK_EQ(ktimer_next(), unit_now + 5);
	ktimer_arm(&b, unit_now + 30);
	CHECK_EQ(ktimer_next(), unit_now + 10);
	CHECK(ktimer_cancel(&a));
	CHECK_EQ(ktimer_next(), unit_now + 30);
	CHECK(ktimer_cancel(&b));
	CHECK(!ktimer_cancel(&b));
}
