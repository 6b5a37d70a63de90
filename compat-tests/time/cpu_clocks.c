/*
 * CPU time: of the process and of each thread, growing with work and standing still in sleep;
 * clocks of other threads and processes; clock() and times.
 */
#include "../test.h"
#include <sched.h>
#include <stdatomic.h>

static int64_t ns(clockid_t clock)
{
	struct timespec t;

	EXPECT_EQ(clock_gettime(clock, &t), 0);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void burn(int ms)
{
	int64_t end = ns(CLOCK_THREAD_CPUTIME_ID) + ms * 1000000LL;

	while (ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

TEST(work_counts)
{
	int64_t p = ns(CLOCK_PROCESS_CPUTIME_ID), t = ns(CLOCK_THREAD_CPUTIME_ID), wall = now_ns();

	burn(60);
	EXPECT_GE(ns(CLOCK_PROCESS_CPUTIME_ID) - p, 60000000);
	EXPECT_GE(ns(CLOCK_THREAD_CPUTIME_ID) - t, 60000000);
	EXPECT_GE(now_ns() - wall, 55000000);
}

TEST(sleep_does_not)
{
	int64_t p = ns(CLOCK_PROCESS_CPUTIME_ID), t = ns(CLOCK_THREAD_CPUTIME_ID);

	sleep_ms(100);
	EXPECT_LT(ns(CLOCK_PROCESS_CPUTIME_ID) - p, 60000000);
	EXPECT_LT(ns(CLOCK_THREAD_CPUTIME_ID) - t, 60000000);
}

static void *burn_thread(void *arg)
{
	EXPECT_LT(ns(CLOCK_THREAD_CPUTIME_ID), 1000000000);	/* starts near zero */
	burn((int)(long)arg);
	return NULL;
}

TEST(process_is_the_sum)
{
	int64_t p = ns(CLOCK_PROCESS_CPUTIME_ID), mine = ns(CLOCK_THREAD_CPUTIME_ID);
	pthread_t t[3];

	for (int i = 0; i < 3; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, burn_thread, (void *)40), 0);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(pthread_join(t[i], NULL), 0);
	EXPECT_GE(ns(CLOCK_PROCESS_CPUTIME_ID) - p, 120000000);
	EXPECT_LT(ns(CLOCK_THREAD_CPUTIME_ID) - mine, 60000000);
}

static atomic_int stop;

static void *spin(void *arg)
{
	while (!atomic_load(&stop))
		;
	return arg;
}

TEST(clock_of_another_thread)
{
	clockid_t clock;
	pthread_t t;
	int64_t first;

	atomic_store(&stop, 0);
	EXPECT_EQ(pthread_create(&t, NULL, spin, NULL), 0);
	EXPECT_EQ(pthread_getcpuclockid(t, &clock), 0);
	first = ns(clock);
	while (ns(clock) < first + 20000000)
		sched_yield();
	atomic_store(&stop, 1);
	pthread_join(t, NULL);
}

ROLE(spin)
{
	for (volatile unsigned long i = 1; i; i++)
		;
	return 1;
}

TEST(clock_of_a_child)
{
	pid_t pid = spawn_self("spin");
	clockid_t clock;

	EXPECT_EQ(clock_getcpuclockid(pid, &clock), 0);
	while (ns(clock) < 20000000)
		sleep_ms(5);
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
	EXPECT_EQ(clock_getcpuclockid(pid, &clock), ESRCH);
	EXPECT_EQ(clock_getcpuclockid(0, &clock), 0);
	EXPECT_GT(ns(clock), 0);
}

TEST(clock_function)
{
	clock_t c = clock();

	EXPECT_NE(c, -1);
	burn(50);
	EXPECT_GE(clock() - c, 45 * CLOCKS_PER_SEC / 1000);
	EXPECT_EQ(CLOCKS_PER_SEC, 1000000);
}


TEST(never_backwards)
{
	int64_t last = ns(CLOCK_PROCESS_CPUTIME_ID);

	for (int i = 0; i < 20000; i++) {
		int64_t now = ns(CLOCK_PROCESS_CPUTIME_ID);

		EXPECT_GE(now, last);
		last = now;
		if (i % 500 == 0)
			sched_yield();
	}
}
