/*
 * timerfd: counts expirations, once or periodic, relative or absolute, on each clock; polls; tells
 * the time left; is disarmed by zero.
 */
#include "ipc.h"
#include <sys/epoll.h>
#include <sys/timerfd.h>

static struct itimerspec spec(int ms, int every_ms)
{
	return (struct itimerspec){ { every_ms / 1000, every_ms % 1000 * 1000000L },
				    { ms / 1000, ms % 1000 * 1000000L } };
}

static uint64_t expirations(int fd)
{
	uint64_t n = 0;

	EXPECT_EQ(read(fd, &n, sizeof(n)), sizeof(n));
	return n;
}

TEST(once)
{
	static const clockid_t clock[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME };

	for (size_t i = 0; i < ARRAY_SIZE(clock); i++) {
		int fd = EXPECT_OK(timerfd_create(clock[i], 0));
		struct itimerspec s = spec(30, 0);
		int64_t start = now_ns();

		EXPECT_OK(timerfd_settime(fd, 0, &s, NULL));
		EXPECT_EQ(expirations(fd), 1);
		EXPECT_GE(now_ns() - start, 30000000);
		EXPECT_EQ(poll_one(fd, POLLIN, 0), -1);
		close(fd);
	}
}

TEST(periodic)
{
	int fd = EXPECT_OK(timerfd_create(CLOCK_MONOTONIC, 0));
	struct itimerspec s = spec(10, 10);
	int64_t start = now_ns();
	uint64_t total = 0;

	EXPECT_OK(timerfd_settime(fd, 0, &s, NULL));
	while (total < 5)
		total += expirations(fd);
	EXPECT_GE(now_ns() - start, (int64_t)total * 10000000);
	sleep_ms(45);
	EXPECT_GE(expirations(fd), 4);	/* those that passed meanwhile, in one number */
	close(fd);
}

TEST(absolute)
{
	int fd = EXPECT_OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	struct itimerspec s = { { 0, 0 }, { 0, 1 } };
	uint64_t n;

	EXPECT_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, NULL));	/* long ago */
	EXPECT_EQ(poll_one(fd, POLLIN, 1000), POLLIN);
	EXPECT_EQ(expirations(fd), 1);
	clock_gettime(CLOCK_MONOTONIC, &s.it_value);
	s.it_value.tv_sec += 100;
	EXPECT_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, NULL));
	EXPECT_ERRNO(read(fd, &n, 8), EAGAIN);
	EXPECT_OK(timerfd_gettime(fd, &s));
	EXPECT(s.it_value.tv_sec >= 98 && s.it_value.tv_sec <= 100);
	close(fd);
}

TEST(gettime_and_disarm)
{
	int fd = EXPECT_OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
	struct itimerspec s = spec(50000, 2000), zero = spec(0, 0), old;

	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_OK(timerfd_gettime(fd, &old));
	EXPECT(old.it_value.tv_sec == 0 && old.it_value.tv_nsec == 0);
	EXPECT_OK(timerfd_settime(fd, 0, &s, NULL));
	EXPECT_OK(timerfd_settime(fd, 0, &zero, &old));
	EXPECT(old.it_value.tv_sec == 49 || old.it_value.tv_sec == 50);
	EXPECT_EQ(old.it_interval.tv_sec, 2);
	EXPECT_OK(timerfd_gettime(fd, &old));
	EXPECT(old.it_value.tv_sec == 0 && old.it_value.tv_nsec == 0);
	close(fd);
}

/* Setting it again forgets what has expired. */
TEST(reset_clears)
{
	int fd = EXPECT_OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	struct itimerspec s = spec(1, 1), later = spec(50000, 0);
	uint64_t n;

	EXPECT_OK(timerfd_settime(fd, 0, &s, NULL));
	EXPECT_EQ(poll_one(fd, POLLIN, 1000), POLLIN);
	EXPECT_OK(timerfd_settime(fd, 0, &later, NULL));
	EXPECT_ERRNO(read(fd, &n, 8), EAGAIN);
	close(fd);
}

TEST(in_epoll)
{
	int fd = EXPECT_OK(timerfd_create(CLOCK_MONOTONIC, 0)), ep = EXPECT_OK(epoll_create1(0));
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	struct itimerspec s = spec(10, 10);

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	EXPECT_OK(timerfd_settime(fd, 0, &s, NULL));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(epoll_wait(ep, &ev, 1, 10000), 1);
		EXPECT_GE(expirations(fd), 1);
	}
	close(fd);
	close(ep);
}

TEST(several_in_order)
{
	struct pollfd p[3];
	int order[3];

	for (int i = 0; i < 3; i++) {
		struct itimerspec s = spec(20 * (3 - i), 0);

		p[i] = (struct pollfd){ EXPECT_OK(timerfd_create(CLOCK_MONOTONIC, 0)), POLLIN, 0 };
		EXPECT_OK(timerfd_settime(p[i].fd, 0, &s, NULL));
	}
	for (int n = 0; n < 3; n++) {
		EXPECT_GE(poll(p, 3, 10000), 1);
		for (int i = 2; i >= 0; i--)
			if (p[i].revents) {
				order[n] = i;
				close(p[i].fd);
				p[i].fd = -1;
				break;
			}
	}
	EXPECT(order[0] == 2 && order[1] == 1 && order[2] == 0);
}

TEST(errors)
{
	int fd = EXPECT_OK(timerfd_create(CLOCK_MONOTONIC, 0)), p[2];
	struct itimerspec s = { { 0, 0 }, { 0, 1000000000 } };
	char small[4];

	EXPECT_ERRNO(timerfd_create(99, 0), EINVAL);
	EXPECT_ERRNO(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
	EXPECT_ERRNO(timerfd_create(CLOCK_MONOTONIC, 0x40), EINVAL);
	EXPECT_ERRNO(timerfd_settime(fd, 0, &s, NULL), EINVAL);
	s = spec(1, 0);
	EXPECT_ERRNO(timerfd_settime(fd, 0x40, &s, NULL), EINVAL);
	EXPECT_ERRNO(timerfd_settime(700, 0, &s, NULL), EBADF);
	EXPECT_ERRNO(read(fd, small, sizeof(small)), EINVAL);
	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(timerfd_settime(p[0], 0, &s, NULL), EINVAL);
	EXPECT_ERRNO(timerfd_gettime(p[0], &s), EINVAL);
	close_pair(p);
	close(fd);
}
