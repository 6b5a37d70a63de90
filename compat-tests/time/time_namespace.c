/*
 * Time namespaces: children see monotonic and boot clocks with the offsets that were written before the
 * first of them; by the vDSO and by system calls; absolute sleeps and timers follow. As root.
 */
#include "../test.h"
#include <sched.h>
#include <sys/timerfd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static int64_t now_ms(int clock)
{
	struct timespec ts;

	EXPECT_OK(clock_gettime(clock, &ts));
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static int set_offset(const char *text)
{
	int fd = open("/proc/self/timens_offsets", O_WRONLY), ret;

	ret = (int)write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);
	return ret;
}

/* What the clocks say here; argv: what they said outside. */
ROLE(inside)
{
	struct timespec ts;
	struct itimerspec it = { .it_value = { 0, 0 } };
	uint64_t n;
	int64_t start, fd;

	(void)argc;
	EXPECT_LE(llabs(now_ms(CLOCK_MONOTONIC) - atoll(argv[0]) - 1000000), 5000);
	EXPECT_LE(llabs(now_ms(CLOCK_BOOTTIME) - atoll(argv[1]) - 2000000), 5000);
	EXPECT_OK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts));
	EXPECT_LE(llabs(ts.tv_sec * 1000LL - now_ms(CLOCK_MONOTONIC)), 2000);
	start = now_ms(CLOCK_MONOTONIC);
	ts = (struct timespec){ (start + 50) / 1000, (start + 50) % 1000 * 1000000 };
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);
	EXPECT_GE(now_ms(CLOCK_MONOTONIC), start + 50);
	EXPECT_LE(now_ms(CLOCK_MONOTONIC), start + 5000);
	fd = timerfd_create(CLOCK_BOOTTIME, 0);
	start = now_ms(CLOCK_BOOTTIME) + 50;
	it.it_value = (struct timespec){ start / 1000, start % 1000 * 1000000 };
	EXPECT_OK(timerfd_settime((int)fd, TFD_TIMER_ABSTIME, &it, NULL));
	EXPECT_EQ(read((int)fd, &n, sizeof(n)), sizeof(n));
	EXPECT_EQ(n, 1);
	EXPECT_GE(now_ms(CLOCK_BOOTTIME), start);
	EXPECT_ERRNO(set_offset("1 5 0"), EACCES); /* somebody lives here */
	return 0;
}

TEST(offsets)
{
	char mono[32], boot[32];

	if (unshare(CLONE_NEWTIME))
		SKIP("no time namespaces (%s)", strerror(errno));
	EXPECT_ERRNO(set_offset("9 1 0"), EINVAL);
	EXPECT_ERRNO(set_offset("monotonic 1 1000000000"), EINVAL);
	EXPECT_ERRNO(set_offset("boottime -4000000000 0"), ERANGE);
	EXPECT_OK(set_offset("monotonic 1000 0\n7 2000 0"));
	snprintf(mono, sizeof(mono), "%lld", (long long)now_ms(CLOCK_MONOTONIC));
	snprintf(boot, sizeof(boot), "%lld", (long long)now_ms(CLOCK_BOOTTIME));
	EXPECT_EXIT(spawn_self("inside", mono, boot), 0);
	/* Not here. */
	EXPECT_LE(now_ms(CLOCK_MONOTONIC) - atoll(mono), 10000);
}
