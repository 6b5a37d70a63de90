/* epoll_create and epoll_create1: sizes and flags. */
#include "../lst.h"
#include <sys/epoll.h>

static void run(void)
{
	int fd;

	EXPECT_FAIL(epoll_create(0), EINVAL);
	EXPECT_FAIL(epoll_create(-1), EINVAL);
	EXPECT_OK(epoll_create(1));
	EXPECT_FAIL(epoll_create1(1), EINVAL);
	fd = EXPECT_OK(epoll_create1(EPOLL_CLOEXEC));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_FAIL(read(fd, &fd, 1), EINVAL);
}
