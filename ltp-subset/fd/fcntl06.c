/* F_GETPIPE_SZ and F_SETPIPE_SZ: rounding, a pipe that holds more than that, other files. */
#include "../lst.h"

static void run(void)
{
	int p[2], fd = new_file("f", "", 0);
	static char buf[65536];

	MUST(pipe2(p, O_NONBLOCK));
	EXPECT_EQ(fcntl(p[0], F_GETPIPE_SZ), 65536);
	EXPECT_EQ(fcntl(p[0], F_SETPIPE_SZ, 5000), 8192);
	EXPECT_EQ(fcntl(p[1], F_GETPIPE_SZ), 8192);
	EXPECT_EQ(write(p[1], buf, sizeof(buf)), 8192);
	EXPECT_FAIL(write(p[1], buf, 1), EAGAIN);
	EXPECT_FAIL(fcntl(p[0], F_SETPIPE_SZ, 4096), EBUSY);
	EXPECT_EQ(fcntl(p[0], F_SETPIPE_SZ, 16384), 16384);
	EXPECT_EQ(write(p[1], buf, 1), 1);
	EXPECT_EQ(read(p[0], buf, sizeof(buf)), 8193);
	EXPECT_EQ(fcntl(p[0], F_SETPIPE_SZ, 0), 4096);
	EXPECT_FAIL(fcntl(p[0], F_SETPIPE_SZ, -1), EINVAL);
	EXPECT_FAIL(fcntl(fd, F_GETPIPE_SZ), EBADF);
	EXPECT_FAIL(fcntl(fd, F_SETPIPE_SZ, 4096), EBADF);
}
