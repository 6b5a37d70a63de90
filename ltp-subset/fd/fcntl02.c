/* fcntl record locks: arguments they refuse, and a process does not block itself. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), ro = MUST(open("f", O_RDONLY)), wo = MUST(open("f", O_WRONLY));
	struct flock lk = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 5 };

	EXPECT_OK(fcntl(fd, F_SETLK, &lk));
	EXPECT_FAIL(fcntl(ro, F_SETLK, &lk), EBADF);
	lk.l_type = F_RDLCK;
	EXPECT_FAIL(fcntl(wo, F_SETLK, &lk), EBADF);
	EXPECT_OK(fcntl(ro, F_SETLK, &lk));
	EXPECT_OK(fcntl(fd, F_GETLK, &lk));
	EXPECT_EQ(lk.l_type, F_UNLCK);
	lk.l_type = 9;
	EXPECT_FAIL(fcntl(fd, F_SETLK, &lk), EINVAL);
	lk = (struct flock){ .l_type = F_WRLCK, .l_whence = 9 };
	EXPECT_FAIL(fcntl(fd, F_SETLK, &lk), EINVAL);
	lk = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = -1 };
	EXPECT_FAIL(fcntl(fd, F_SETLK, &lk), EINVAL);
	lk = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = -3 };
	EXPECT_FAIL(fcntl(fd, F_SETLK, &lk), EINVAL);
	lk = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = INT64_MAX, .l_len = 2 };
	EXPECT_FAIL(fcntl(fd, F_SETLK, &lk), EOVERFLOW);
	EXPECT_FAIL(fcntl(fd, F_SETLK, BAD_PTR), EFAULT);
	EXPECT_FAIL(fcntl(fd, F_GETLK, BAD_PTR), EFAULT);
	EXPECT_FAIL(fcntl(BAD_FD, F_SETLK, &lk), EBADF);
}
