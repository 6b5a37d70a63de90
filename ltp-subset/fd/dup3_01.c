/* dup3: the pairs and flags it refuses, and the close-on-exec flag it sets. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "x", 1);

	EXPECT_FAIL(dup3(fd, fd, 0), EINVAL);
	EXPECT_FAIL(dup3(fd, 20, O_NONBLOCK), EINVAL);
	EXPECT_FAIL(dup3(BAD_FD, 20, 0), EBADF);
	EXPECT_FAIL(dup3(fd, -1, 0), EBADF);
	EXPECT_EQ(dup3(fd, 20, O_CLOEXEC), 20);
	EXPECT_EQ(fcntl(20, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(dup3(fd, 20, 0), 20);
	EXPECT_EQ(fcntl(20, F_GETFD), 0);
}
