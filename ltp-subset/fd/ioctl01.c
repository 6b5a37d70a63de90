/* ioctl: FIONREAD, FIONBIO, FIOCLEX; unknown requests; files that are no terminal. */
#include "../lst.h"
#include <sys/ioctl.h>
#include <termios.h>

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), p[2], n = -1, on = 1;
	struct termios t;

	MUST(pipe(p));
	MUST(write(p[1], "abc", 3));
	EXPECT_OK(ioctl(p[0], FIONREAD, &n));
	EXPECT_EQ(n, 3);
	MUST(lseek(fd, 4, SEEK_SET));
	EXPECT_OK(ioctl(fd, FIONREAD, &n));
	EXPECT_EQ(n, 6);
	EXPECT_OK(ioctl(p[0], FIONBIO, &on));
	EXPECT(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	EXPECT_OK(ioctl(fd, FIOCLEX));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_OK(ioctl(fd, FIONCLEX));
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	EXPECT_FAIL(ioctl(fd, TCGETS, &t), ENOTTY);
	EXPECT_FAIL(ioctl(p[0], TCGETS, &t), ENOTTY);
	EXPECT_FAIL(ioctl(fd, 0xdead, &t), ENOTTY);
	EXPECT_FAIL(ioctl(BAD_FD, FIONREAD, &n), EBADF);
	EXPECT_FAIL(ioctl(p[0], FIONREAD, BAD_PTR), EFAULT);
	EXPECT_FAIL(ioctl(p[0], FIONBIO, BAD_PTR), EFAULT);
}
