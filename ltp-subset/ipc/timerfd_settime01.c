/* timerfd: expirations that are counted, reading sizes, disarming, absolute times in the past. */
#include "../lst.h"
#include <poll.h>
#include <sys/timerfd.h>

static void run(void)
{
	struct itimerspec its = { { 0, 5000000 }, { 0, 1 } }, off = { { 0, 0 }, { 0, 0 } }, now = { { 0, 0 }, { 1, 0 } };
	int fd = MUST(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint64_t n = 0;

	EXPECT_FAIL(read(fd, &n, 8), EAGAIN);
	MUST(timerfd_settime(fd, 0, &its, NULL));
	sleep_ms(30);
	EXPECT_FAIL(read(fd, &n, 7), EINVAL);
	EXPECT_EQ(read(fd, &n, 8), 8);
	EXPECT_GE(n, 5);
	EXPECT_OK(timerfd_settime(fd, 0, &off, &its));
	EXPECT_EQ(its.it_interval.tv_nsec, 5000000);
	EXPECT_FAIL(read(fd, &n, 8), EAGAIN);
	EXPECT_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &now, NULL));
	EXPECT_EQ(poll(&pfd, 1, 1000), 1);
	EXPECT_EQ(read(fd, &n, 8), 8);
	EXPECT_EQ(n, 1);
	EXPECT_OK(timerfd_gettime(fd, &its));
	EXPECT(!its.it_value.tv_sec && !its.it_value.tv_nsec);
}
