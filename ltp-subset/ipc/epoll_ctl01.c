/* epoll_ctl: everything it refuses. */
#include "../lst.h"
#include <sys/epoll.h>

static void run(void)
{
	int ep = MUST(epoll_create1(0)), ep2 = MUST(epoll_create1(0)), file = new_file("f", "", 0), p[2];
	struct epoll_event ev = { .events = EPOLLIN };

	MUST(pipe(p));
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	EXPECT_FAIL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev), EEXIST);
	EXPECT_FAIL(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &ev), ENOENT);
	EXPECT_FAIL(epoll_ctl(ep, EPOLL_CTL_DEL, p[1], NULL), ENOENT);
	EXPECT_FAIL(epoll_ctl(ep, EPOLL_CTL_ADD, file, &ev), EPERM);
	EXPECT_FAIL(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev), EINVAL);
	EXPECT_FAIL(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &ev), EINVAL);
	EXPECT_FAIL(epoll_ctl(BAD_FD, EPOLL_CTL_ADD, p[1], &ev), EBADF);
	EXPECT_FAIL(epoll_ctl(ep, EPOLL_CTL_ADD, BAD_FD, &ev), EBADF);
	EXPECT_FAIL(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], BAD_PTR), EFAULT);
	EXPECT_FAIL(epoll_ctl(ep, 99, p[0], &ev), EINVAL);
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, ep2, &ev));
	EXPECT_FAIL(epoll_ctl(ep2, EPOLL_CTL_ADD, ep, &ev), ELOOP);
	ev.events = EPOLLIN | EPOLLEXCLUSIVE;
	EXPECT_FAIL(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev), EINVAL);
	ev.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
	EXPECT_FAIL(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], &ev), EINVAL);
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
}
