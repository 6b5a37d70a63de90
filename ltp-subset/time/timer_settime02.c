/* TIMER_ABSTIME in the past fires at once; SIGEV_NONE only counts down; a cpu clock's timer fires. */
#include "../lst.h"

static void run(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 }, none = { .sigev_notify = SIGEV_NONE };
	struct itimerspec past = { { 0, 0 }, { 1, 0 } }, its = { { 0, 0 }, { 50, 0 } }, soon = { { 0, 0 }, { 0, 5000000 } };
	struct timespec limit = { 5, 0 };
	volatile bool fired = false;
	sigset_t set, pending;
	timer_t t, quiet, cpu;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	MUST(timer_create(CLOCK_REALTIME, &ev, &t));
	EXPECT_OK(timer_settime(t, TIMER_ABSTIME, &past, NULL));
	EXPECT_EQ(sigtimedwait(&set, NULL, &limit), SIGUSR1);
	MUST(timer_create(CLOCK_MONOTONIC, &none, &quiet));
	EXPECT_OK(timer_settime(quiet, 0, &its, NULL));
	EXPECT_OK(timer_gettime(quiet, &its));
	EXPECT(its.it_value.tv_sec == 49 || its.it_value.tv_sec == 50);
	MUST(timer_create(CLOCK_PROCESS_CPUTIME_ID, &ev, &cpu));
	EXPECT_OK(timer_settime(cpu, 0, &soon, NULL));
	while (!fired) {
		MUST(sigpending(&pending));
		fired = sigismember(&pending, SIGUSR1);
	}
	EXPECT_EQ(sigtimedwait(&set, NULL, &limit), SIGUSR1);
}
