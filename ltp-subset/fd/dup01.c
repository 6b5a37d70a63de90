/* dup and dup2: lowest number, one offset, flags that are shared and not. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), other, low;

	low = MUST(dup(fd));
	close(low);
	EXPECT_EQ(dup(fd), low);
	EXPECT_FAIL(dup(BAD_FD), EBADF);
	EXPECT_FAIL(dup(-1), EBADF);
	MUST(fcntl(fd, F_SETFD, FD_CLOEXEC));
	other = MUST(dup(fd));
	EXPECT_EQ(fcntl(other, F_GETFD), 0);
	MUST(lseek(fd, 7, SEEK_SET));
	EXPECT_EQ(lseek(other, 0, SEEK_CUR), 7);
	MUST(fcntl(other, F_SETFL, O_APPEND));
	EXPECT(fcntl(fd, F_GETFL) & O_APPEND);
	EXPECT_EQ(dup2(fd, fd), fd);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_FAIL(dup2(BAD_FD, BAD_FD), EBADF);
	EXPECT_FAIL(dup2(fd, -1), EBADF);
	EXPECT_FAIL(dup2(BAD_FD, fd), EBADF);
	EXPECT_OK(fcntl(fd, F_GETFD));
	EXPECT_EQ(dup2(fd, low), low);
	EXPECT_EQ(fcntl(low, F_GETFD), 0);
}
