/* a POSIX timer's signal carries its value and counts what was missed; a child has no timers. */
#include "../lst.h"

static void run(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 77 };
	struct itimerspec its = { { 0, 2000000 }, { 0, 1000000 } }, now, zero = { 0 };
	sigset_t set;
	siginfo_t si;
	timer_t t;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	MUST(timer_create(CLOCK_MONOTONIC, &ev, &t));
	EXPECT_OK(timer_settime(t, 0, &its, NULL));
	sleep_ms(30);
	EXPECT_EQ(sigwaitinfo(&set, &si), SIGRTMIN);
	EXPECT_EQ(si.si_code, SI_TIMER);
	EXPECT_EQ(si.si_value.sival_int, 77);
	EXPECT_GE(si.si_overrun, 8);
	EXPECT_GE(timer_getoverrun(t), 8);
	pid = FORK();
	if (!pid) {
		EXPECT_FAIL(timer_gettime(t, &now), EINVAL);
		child_exit();
	}
	REAP(pid);
	EXPECT_OK(timer_settime(t, 0, &zero, &now));
	EXPECT_EQ(now.it_interval.tv_nsec, 2000000);
	EXPECT_OK(timer_gettime(t, &now));
	EXPECT(!now.it_value.tv_sec && !now.it_value.tv_nsec);
	EXPECT_OK(timer_delete(t));
}
