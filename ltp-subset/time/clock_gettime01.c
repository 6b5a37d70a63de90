/* clock_gettime and clock_getres: clocks, errors, clocks of processes and threads. */
#include "../lst.h"
#include <pthread.h>

static void run(void)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
					    CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI };
	struct timespec t, a, b;
	clockid_t cpu;

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		EXPECT_OK(syscall(SYS_clock_gettime, clocks[i], &t));
		EXPECT(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
		EXPECT_OK(clock_getres(clocks[i], &t));
		EXPECT(!t.tv_sec && t.tv_nsec > 0);
	}
	EXPECT_OK(clock_getres(CLOCK_REALTIME, NULL));
	EXPECT_FAIL(syscall(SYS_clock_gettime, 99, &t), EINVAL);
	EXPECT_FAIL(syscall(SYS_clock_gettime, CLOCK_REALTIME, BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_clock_getres, 99, &t), EINVAL);
	EXPECT_FAIL(syscall(SYS_clock_getres, CLOCK_REALTIME, BAD_PTR), EFAULT);
	EXPECT_EQ(clock_getcpuclockid(getpid(), &cpu), 0);
	EXPECT_OK(clock_gettime(cpu, &t));
	EXPECT_EQ(pthread_getcpuclockid(pthread_self(), &cpu), 0);
	EXPECT_OK(clock_gettime(cpu, &t));
	MUST(clock_gettime(CLOCK_MONOTONIC, &a));
	MUST(clock_gettime(CLOCK_BOOTTIME, &b));
	EXPECT_GE(b.tv_sec * 1000000000LL + b.tv_nsec, a.tv_sec * 1000000000LL + a.tv_nsec);
}
