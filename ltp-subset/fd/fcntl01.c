/* fcntl: F_DUPFD, F_GETFD, F_SETFL keep to what they may change; unknown commands. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "", 0);

	EXPECT_GE(fcntl(fd, F_DUPFD, 70), 70);
	EXPECT_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 90), 90);
	EXPECT_EQ(fcntl(90, F_GETFD), FD_CLOEXEC);
	EXPECT_FAIL(fcntl(fd, F_DUPFD, -1), EINVAL);
	EXPECT_FAIL(fcntl(BAD_FD, F_GETFL), EBADF);
	EXPECT_FAIL(fcntl(fd, 9999, 0), EINVAL);
	EXPECT_OK(fcntl(fd, F_SETFD, -1));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_OK(fcntl(fd, F_SETFL, O_WRONLY | O_TRUNC | O_EXCL | O_NONBLOCK | O_APPEND));
	EXPECT_EQ(fcntl(fd, F_GETFL) & ~0100000, O_RDWR | O_NONBLOCK | O_APPEND);
	EXPECT_OK(fcntl(fd, F_SETFL, 0));
	EXPECT_EQ(fcntl(fd, F_GETFL) & ~0100000, O_RDWR);
}
