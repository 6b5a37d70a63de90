/*
 * The old calls: gettimeofday and time by vDSO and by system call, libc's conversions, file times
 * that fit the clock, sysconf.
 */
#include "../test.h"
#include <sys/time.h>

static int64_t tv_us(void)
{
	struct timeval tv;

	EXPECT_OK(gettimeofday(&tv, NULL));
	EXPECT(tv.tv_usec >= 0 && tv.tv_usec < 1000000);
	return tv.tv_sec * 1000000LL + tv.tv_usec;
}

TEST(moves)
{
	int64_t a = tv_us();

	sleep_ms(30);
	EXPECT_GE(tv_us() - a, 29000);
}

TEST(raw_call_and_vdso)
{
	struct timeval tv;
	int64_t a = tv_us(), b, c;

	EXPECT_OK(syscall(SYS_gettimeofday, &tv, NULL));
	b = tv.tv_sec * 1000000LL + tv.tv_usec;
	c = tv_us();
	EXPECT_GE(b, a - 1000000);
	EXPECT_LE(b, c + 1000000);
	EXPECT_OK(syscall(SYS_gettimeofday, NULL, NULL));
	EXPECT_ERRNO(syscall(SYS_gettimeofday, (void *)8, NULL), EFAULT);
}

TEST(time_call)
{
	time_t stored = 0, t = time(&stored), raw = syscall(SYS_time, NULL);

	EXPECT_EQ(t, stored);
	EXPECT(raw == t || raw == t + 1);
	EXPECT_LE(llabs(t - tv_us() / 1000000), 1);
	EXPECT_ERRNO(syscall(SYS_time, (void *)8), EFAULT);
}

TEST(conversions)
{
	time_t t = 1700000000;
	struct tm tm;
	char buf[64];

	EXPECT(gmtime_r(&t, &tm) != NULL);
	EXPECT_GT(strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S", &tm), 0);
	EXPECT_STR(buf, "2023-11-14 22:13:20");
	EXPECT_EQ(timegm(&tm), t);
	setenv("TZ", "XYZ-3", 1);
	tzset();
	EXPECT(localtime_r(&t, &tm) != NULL);
	EXPECT_EQ(tm.tm_hour, 1);
	EXPECT_EQ(mktime(&tm), t);
	unsetenv("TZ");
	tzset();
}

/* A file written now carries the time of now: file times come from the coarse clock. */
TEST(file_times)
{
	struct timespec before, after;
	struct stat st;
	int fd;

	clock_gettime(CLOCK_REALTIME_COARSE, &before);
	fd = tmp_file("f", "x", 1);
	clock_gettime(CLOCK_REALTIME, &after);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_GE(st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec,
		  before.tv_sec * 1000000000LL + before.tv_nsec - 20000000);
	EXPECT_LE(st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec,
		  after.tv_sec * 1000000000LL + after.tv_nsec);
	close(fd);
}

TEST(sysconf_values)
{
	EXPECT_EQ(sysconf(_SC_CLK_TCK), 100);
	EXPECT_GT(sysconf(_SC_MONOTONIC_CLOCK), 0);
	EXPECT_GT(sysconf(_SC_TIMERS), 0);
	EXPECT_EQ(sysconf(_SC_PAGESIZE), 4096);
	EXPECT_GE(sysconf(_SC_DELAYTIMER_MAX), 32);
}

TEST(unprivileged_setting)
{
	if (geteuid() == 0)
		SKIP("root may set the clock");
	EXPECT_ERRNO(settimeofday(&(struct timeval){ 1, 0 }, NULL), EPERM);
}
