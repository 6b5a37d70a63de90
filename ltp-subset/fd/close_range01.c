/* close_range: bounds, flags, close-on-exec only. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "", 0);

	for (int i = 50; i < 60; i++)
		MUST(dup2(fd, i));
	EXPECT_FAIL(close_range(55, 54, 0), EINVAL);
	EXPECT_FAIL(close_range(50, 51, 8), EINVAL);
	EXPECT_OK(close_range(50, 52, CLOSE_RANGE_CLOEXEC));
	EXPECT_EQ(fcntl(50, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(53, F_GETFD), 0);
	EXPECT_OK(close_range(55, 57, 0));
	EXPECT_OK(fcntl(54, F_GETFD));
	EXPECT_FAIL(fcntl(55, F_GETFD), EBADF);
	EXPECT_FAIL(fcntl(57, F_GETFD), EBADF);
	EXPECT_OK(fcntl(58, F_GETFD));
	EXPECT_OK(close_range(50, ~0U, 0));
	EXPECT_FAIL(fcntl(58, F_GETFD), EBADF);
	EXPECT_OK(close_range(50, ~0U, CLOSE_RANGE_UNSHARE));
	EXPECT_OK(fcntl(fd, F_GETFD));
}
