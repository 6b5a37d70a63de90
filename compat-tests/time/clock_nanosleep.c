/*
 * clock_nanosleep: relative and absolute on several clocks; a time in the past returns at once;
 * errors are returned, not put into errno; an interrupted absolute sleep leaves the remaining time
 * alone.
 */
#include "../test.h"
#include <sys/time.h>

static struct timespec in_ms(clockid_t clock, int ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += ms * 1000000L;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static int64_t ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

TEST(relative)
{
	static const clockid_t clock[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME };
	struct timespec t = { 0, 30000000 };

	for (size_t i = 0; i < ARRAY_SIZE(clock); i++) {
		int64_t start = now_ns();

		EXPECT_EQ(clock_nanosleep(clock[i], 0, &t, NULL), 0);
		EXPECT_GE(now_ns() - start, 30000000);
	}
}

TEST(absolute)
{
	static const clockid_t clock[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME };

	for (size_t i = 0; i < ARRAY_SIZE(clock); i++) {
		struct timespec t = in_ms(clock[i], 40);

		EXPECT_EQ(clock_nanosleep(clock[i], TIMER_ABSTIME, &t, NULL), 0);
		EXPECT_GE(ns(clock[i]), t.tv_sec * 1000000000LL + t.tv_nsec);
	}
}

TEST(past)
{
	struct timespec t = { 0, 0 };
	int64_t start = now_ns();

	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL), 0);
	t.tv_sec = 1000;
	EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL), 0);
	EXPECT_LT(now_ns() - start, 1000000000);
}

TEST(steady_period)
{
	struct timespec t;
	int64_t start;

	clock_gettime(CLOCK_MONOTONIC, &t);
	start = now_ns();
	for (int i = 0; i < 20; i++) {
		t.tv_nsec += 5000000;
		if (t.tv_nsec >= 1000000000) {
			t.tv_nsec -= 1000000000;
			t.tv_sec++;
		}
		EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL), 0);
	}
	EXPECT_GE(now_ns() - start, 99000000);
}

TEST(errors)
{
	struct timespec t = { 0, 1000000000 }, ok = { 0, 1 };

	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL), EINVAL);
	EXPECT_EQ(clock_nanosleep(99, 0, &ok, NULL), EINVAL);
	EXPECT_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &ok, NULL), EINVAL);
	t = (struct timespec){ -1, 0 };
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (void *)8, NULL), EFAULT);
}

static void on_signal(int sig)
{
	(void)sig;
}

TEST(interrupted)
{
	/* Periodic, because the first may come before the sleep has begun. */
	struct itimerval soon = { { 0, 30000 }, { 0, 30000 } };
	struct timespec t = { 10, 0 }, left = { 77, 77 };

	signal(SIGALRM, on_signal);
	EXPECT_OK(setitimer(ITIMER_REAL, &soon, NULL));
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &left), EINTR);
	EXPECT_EQ(left.tv_sec, 9);
	left = (struct timespec){ 77, 77 };
	t = in_ms(CLOCK_MONOTONIC, 10000);
	EXPECT_OK(setitimer(ITIMER_REAL, &soon, NULL));
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &left), EINTR);
	EXPECT(left.tv_sec == 77 && left.tv_nsec == 77);
	EXPECT_OK(setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL));
}

static volatile bool stop;

static void *spin(void *arg)
{
	while (!stop)
		;
	return arg;
}

/* On the process's CPU clock: wakes when the process has used so much. */
TEST(cpu_clock)
{
	struct timespec t = { 0, 50000000 };
	int64_t before = ns(CLOCK_PROCESS_CPUTIME_ID);
	pthread_t th;
	int r;

	stop = false;
	EXPECT_EQ(pthread_create(&th, NULL, spin, NULL), 0);
	r = clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &t, NULL);
	stop = true;
	pthread_join(th, NULL);
	if (r == EOPNOTSUPP || r == ENOTSUP)
		SKIP("no sleeping on CPU clocks");
	EXPECT_EQ(r, 0);
	EXPECT_GE(ns(CLOCK_PROCESS_CPUTIME_ID) - before, 50000000);
}
