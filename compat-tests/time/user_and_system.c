/*
 * CPU time is split: a loop in the program is user time, a loop in the kernel is system time, sleep
 * is neither. All calls agree.
 */
#include "../test.h"
#include <sys/resource.h>
#include <sys/times.h>

static double seconds(struct timeval tv)
{
	return tv.tv_sec + tv.tv_usec / 1e6;
}

TEST(user_loop)
{
	struct rusage a, b;
	volatile unsigned long i = 0;

	EXPECT_OK(getrusage(RUSAGE_SELF, &a));
	do {
		for (int k = 0; k < 1000000; k++)
			i++;
		EXPECT_OK(getrusage(RUSAGE_SELF, &b));
	} while (seconds(b.ru_utime) - seconds(a.ru_utime) < 0.2);
	EXPECT(seconds(b.ru_stime) - seconds(a.ru_stime) < seconds(b.ru_utime) - seconds(a.ru_utime));
}

TEST(system_loop)
{
	static char buf[1 << 20];
	int fd = EXPECT_OK(open("/dev/zero", O_RDONLY));
	struct rusage a, b;

	EXPECT_OK(getrusage(RUSAGE_SELF, &a));
	do {
		for (int k = 0; k < 50; k++)
			EXPECT_EQ(read(fd, buf, sizeof(buf)), (ssize_t)sizeof(buf));
		EXPECT_OK(getrusage(RUSAGE_SELF, &b));
	} while (seconds(b.ru_stime) - seconds(a.ru_stime) < 0.2);
	EXPECT(seconds(b.ru_utime) - seconds(a.ru_utime) < seconds(b.ru_stime) - seconds(a.ru_stime));
	close(fd);
}

TEST(short_calls_count_too)
{
	struct rusage a, b;

	EXPECT_OK(getrusage(RUSAGE_SELF, &a));
	do {
		for (int k = 0; k < 10000; k++)
			syscall(SYS_getppid);
		EXPECT_OK(getrusage(RUSAGE_SELF, &b));
	} while (seconds(b.ru_stime) - seconds(a.ru_stime) < 0.05);
}

TEST(sleep_is_free_and_calls_agree)
{
	struct rusage a, b;
	struct tms t;
	struct timespec ts;

	EXPECT_OK(getrusage(RUSAGE_SELF, &a));
	sleep_ms(100);
	EXPECT_OK(getrusage(RUSAGE_SELF, &b));
	EXPECT(seconds(b.ru_utime) + seconds(b.ru_stime) - seconds(a.ru_utime) - seconds(a.ru_stime) < 0.05);
	EXPECT_NE(times(&t), (clock_t)-1);
	EXPECT_OK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts));
	EXPECT(t.tms_utime + t.tms_stime <= (ts.tv_sec + ts.tv_nsec / 1e9) * sysconf(_SC_CLK_TCK) + 1);
	EXPECT(seconds(b.ru_utime) + seconds(b.ru_stime) <= ts.tv_sec + ts.tv_nsec / 1e9 + 0.001);
	EXPECT_ERRNO(syscall(SYS_getrusage, 5, &a), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getrusage, RUSAGE_SELF, bad_ptr()), EFAULT);
}
