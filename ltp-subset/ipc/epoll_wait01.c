/* epoll_wait: arguments it refuses; level, edge and one-shot. */
#include "../lst.h"
#include <sys/epoll.h>

static void run(void)
{
	int ep = MUST(epoll_create1(0)), p[2];
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 42 }, got[4];
	char c;

	MUST(pipe(p));
	EXPECT_FAIL(epoll_wait(ep, got, 0, 0), EINVAL);
	EXPECT_FAIL(epoll_wait(ep, got, -1, 0), EINVAL);
	EXPECT_FAIL(epoll_wait(p[0], got, 1, 0), EINVAL);
	EXPECT_FAIL(epoll_wait(BAD_FD, got, 1, 0), EBADF);
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	EXPECT_EQ(epoll_wait(ep, got, 4, 0), 0);
	MUST(write(p[1], "ab", 2));
	EXPECT_FAIL(epoll_wait(ep, BAD_PTR, 1, 0), EFAULT);
	EXPECT_EQ(epoll_wait(ep, got, 4, -1), 1);
	EXPECT_EQ(got[0].data.u64, 42);
	EXPECT_EQ(epoll_wait(ep, got, 4, 0), 1);
	ev.events = EPOLLIN | EPOLLET;
	MUST(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	EXPECT_EQ(epoll_wait(ep, got, 4, 0), 1);
	EXPECT_EQ(epoll_wait(ep, got, 4, 0), 0);
	MUST(write(p[1], "c", 1));
	EXPECT_EQ(epoll_wait(ep, got, 4, 0), 1);
	ev.events = EPOLLIN | EPOLLONESHOT;
	MUST(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	EXPECT_EQ(epoll_wait(ep, got, 4, 0), 1);
	MUST(write(p[1], "d", 1));
	EXPECT_EQ(epoll_wait(ep, got, 4, 0), 0);
	MUST(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	EXPECT_EQ(epoll_wait(ep, got, 4, 0), 1);
	MUST(read(p[0], &c, 1));
	close(p[1]);
	ev.events = 0;
	MUST(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	EXPECT_EQ(epoll_wait(ep, got, 4, 0), 1);
	EXPECT_EQ(got[0].events, EPOLLHUP);
}
