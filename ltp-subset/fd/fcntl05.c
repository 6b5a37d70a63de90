/* OFD locks belong to the open file, not to the process; l_pid must be 0. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), other = MUST(open("f", O_RDWR)), copy = MUST(dup(fd));
	struct flock lk = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 5 };

	EXPECT_OK(fcntl(fd, F_OFD_SETLK, &lk));
	EXPECT_FAIL(fcntl(other, F_OFD_SETLK, &lk), EAGAIN);
	EXPECT_FAIL(fcntl(other, F_SETLK, &lk), EAGAIN);
	EXPECT_OK(fcntl(copy, F_OFD_SETLK, &lk));
	EXPECT_OK(fcntl(other, F_OFD_GETLK, &lk));
	EXPECT_EQ(lk.l_type, F_WRLCK);
	EXPECT_EQ(lk.l_pid, -1);
	EXPECT_FAIL(fcntl(other, F_OFD_GETLK, &lk), EINVAL);
	lk.l_pid = 5;
	EXPECT_FAIL(fcntl(fd, F_OFD_SETLK, &lk), EINVAL);
	lk.l_pid = 0;
	close(fd);
	EXPECT_FAIL(fcntl(other, F_OFD_SETLK, &lk), EAGAIN);
	close(copy);
	EXPECT_OK(fcntl(other, F_OFD_SETLK, &lk));
}
