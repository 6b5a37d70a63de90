/*
 * Every clock: it exists with a resolution, it moves forward, clocks that belong together agree,
 * unknown ones are refused; the vDSO's answer and the system call's are the same time.
 */
#include "../test.h"
#include <sys/time.h>

static const clockid_t clocks[] = {
	CLOCK_REALTIME,		 CLOCK_MONOTONIC,     CLOCK_PROCESS_CPUTIME_ID,
	CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
	CLOCK_MONOTONIC_COARSE,	 CLOCK_BOOTTIME,      CLOCK_TAI,
};

static int64_t ns(clockid_t clock)
{
	struct timespec t;

	EXPECT_OK(clock_gettime(clock, &t));
	EXPECT(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int64_t raw_ns(clockid_t clock)
{
	struct timespec t;

	EXPECT_OK(syscall(SYS_clock_gettime, clock, &t));
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

TEST(all_exist)
{
	struct timespec res;

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		EXPECT_GT(ns(clocks[i]), 0);
		EXPECT_OK(clock_getres(clocks[i], &res));
		EXPECT_EQ(res.tv_sec, 0);
		EXPECT(res.tv_nsec > 0 && res.tv_nsec <= 10000000);
	}
	EXPECT_OK(clock_getres(CLOCK_MONOTONIC, NULL));
	EXPECT_OK(clock_getres(CLOCK_MONOTONIC, &res));
	EXPECT_EQ(res.tv_nsec, 1);
}

TEST(moves_forward)
{
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		int64_t first = ns(clocks[i]), last = first;

		if (clocks[i] == CLOCK_REALTIME || clocks[i] == CLOCK_REALTIME_COARSE ||
		    clocks[i] == CLOCK_TAI)
			continue;	/* somebody may set them */
		for (int n = 0; n < 20000; n++) {
			int64_t now = ns(clocks[i]);

			EXPECT_GE(now, last);
			last = now;
		}
		while (ns(clocks[i]) == first)
			;
	}
}

TEST(call_and_vdso_agree)
{
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		int64_t a = raw_ns(clocks[i]), b = ns(clocks[i]), c = raw_ns(clocks[i]);

		if (clocks[i] == CLOCK_REALTIME || clocks[i] == CLOCK_TAI)
			continue;
		EXPECT_LE(a, b);
		EXPECT_LE(b, c);
	}
}

TEST(relatives_agree)
{
	int64_t mono = ns(CLOCK_MONOTONIC), boot = ns(CLOCK_BOOTTIME), real = ns(CLOCK_REALTIME);
	int64_t coarse = ns(CLOCK_MONOTONIC_COARSE), real_coarse = ns(CLOCK_REALTIME_COARSE);

	EXPECT_GE(boot, mono);
	EXPECT_LE(coarse, ns(CLOCK_MONOTONIC));
	EXPECT_GE(coarse, mono - 20000000);
	EXPECT_GE(real_coarse, real - 1000000000);
	EXPECT_LE(real_coarse, ns(CLOCK_REALTIME) + 1000000000);
}

TEST(realtime_is_plausible)
{
	struct timeval tv;
	int64_t real;
	time_t t;

	EXPECT_GT(ns(CLOCK_REALTIME), 1700000000LL * 1000000000);
	real = ns(CLOCK_REALTIME);
	EXPECT_OK(gettimeofday(&tv, NULL));
	t = time(NULL);
	EXPECT_LE(llabs(tv.tv_sec - real / 1000000000), 1);
	EXPECT_LE(llabs(t - real / 1000000000), 1);
	EXPECT(tv.tv_usec >= 0 && tv.tv_usec < 1000000);
}

TEST(errors)
{
	struct timespec t;

	EXPECT_ERRNO(clock_gettime(99, &t), EINVAL);
	EXPECT_ERRNO(clock_getres(99, &t), EINVAL);
	EXPECT_ERRNO(clock_gettime(-12345 * 8 + 7, &t), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, (void *)8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, (void *)8), EFAULT);
	EXPECT_ERRNO(clock_settime(CLOCK_MONOTONIC, &(struct timespec){ 1, 0 }), EINVAL);
}

/*
 * Realtime and monotonic run at one speed. The readings cannot be taken at one moment, so a try in
 * which this process lost the processor between them does not count.
 */
TEST(same_speed)
{
	for (int i = 0; i < 20; i++) {
		int64_t r = ns(CLOCK_REALTIME), m = ns(CLOCK_MONOTONIC);
		int64_t raw = ns(CLOCK_MONOTONIC_RAW);

		sleep_ms(40);
		r = ns(CLOCK_REALTIME) - r;
		m = ns(CLOCK_MONOTONIC) - m;
		raw = ns(CLOCK_MONOTONIC_RAW) - raw;
		EXPECT_GE(m, 40000000);
		if (llabs(r - m) < 4000000 && llabs(raw - m) < 4000000)
			return;
	}
	FAIL("the clocks drift apart");
}
