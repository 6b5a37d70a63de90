/* clock_nanosleep: clocks and flags it refuses, absolute times, no remainder for them. */
#include "../lst.h"

static void run(void)
{
	struct timespec bad = { 0, -1 }, t = { 0, 5000000 }, now, left = { 9, 9 };
	int64_t start;

	EXPECT_EQ(clock_nanosleep(99, 0, &t, NULL), EINVAL);
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &t, NULL), ENOTSUP);
	EXPECT_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &t, NULL), EINVAL);
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &bad, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, BAD_PTR, NULL), EFAULT);
	start = now_ns();
	EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, 0, &t, &left), 0);
	EXPECT_EQ(clock_nanosleep(CLOCK_BOOTTIME, 0, &t, &left), 0);
	EXPECT_EQ(clock_nanosleep(CLOCK_TAI, 0, &t, &left), 0);
	EXPECT_GE(now_ns() - start, 15000000);
	MUST(clock_gettime(CLOCK_MONOTONIC, &now));
	now.tv_nsec += 10000000;
	if (now.tv_nsec >= 1000000000)
		now.tv_sec++, now.tv_nsec -= 1000000000;
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &now, &left), 0);
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &now, &left), 0);
	EXPECT_EQ(left.tv_sec, 9);
	EXPECT_GE(now_ns(), now.tv_sec * 1000000000LL + now.tv_nsec);
}
