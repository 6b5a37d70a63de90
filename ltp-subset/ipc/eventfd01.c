/* eventfd2: flags, counting, overflow, semaphore reading, sizes. */
#include "../lst.h"
#include <poll.h>
#include <sys/eventfd.h>

static void run(void)
{
	uint64_t v = 5;
	int fd, sem;
	struct pollfd pfd;

	EXPECT_FAIL(eventfd(0, 2), EINVAL);
	fd = EXPECT_OK(eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(write(fd, &v, 8), 8);
	EXPECT_EQ(read(fd, &v, 8), 8);
	EXPECT_EQ(v, 8);
	EXPECT_FAIL(read(fd, &v, 8), EAGAIN);
	EXPECT_FAIL(read(fd, &v, 7), EINVAL);
	EXPECT_FAIL(write(fd, &v, 4), EINVAL);
	v = UINT64_MAX;
	EXPECT_FAIL(write(fd, &v, 8), EINVAL);
	v = UINT64_MAX - 1;
	EXPECT_EQ(write(fd, &v, 8), 8);
	v = 1;
	EXPECT_FAIL(write(fd, &v, 8), EAGAIN);
	pfd = (struct pollfd){ .fd = fd, .events = POLLIN | POLLOUT };
	EXPECT_EQ(poll(&pfd, 1, 0), 1);
	EXPECT_EQ(pfd.revents, POLLIN);
	EXPECT_FAIL(read(fd, BAD_PTR, 8), EFAULT);
	sem = EXPECT_OK(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
	EXPECT_EQ(read(sem, &v, 8), 8);
	EXPECT_EQ(v, 1);
	EXPECT_EQ(read(sem, &v, 8), 8);
	EXPECT_FAIL(read(sem, &v, 8), EAGAIN);
}
