/* read and pread64: descriptors and offsets they refuse, ends of files. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), wo = MUST(open("f", O_WRONLY)), p[2];
	char buf[16];

	MUST(pipe2(p, O_NONBLOCK));
	EXPECT_FAIL(read(BAD_FD, buf, 1), EBADF);
	EXPECT_FAIL(read(-1, buf, 1), EBADF);
	EXPECT_FAIL(read(wo, buf, 1), EBADF);
	EXPECT_FAIL(read(fd, BAD_PTR, 1), EFAULT);
	EXPECT_EQ(read(fd, BAD_PTR, 0), 0);
	EXPECT_FAIL(read(MUST(open(".", O_RDONLY)), buf, 1), EISDIR);
	EXPECT_FAIL(read(p[0], buf, 1), EAGAIN);
	EXPECT_FAIL(read(p[1], buf, 1), EBADF);
	EXPECT_FAIL(pread(fd, buf, 1, -1), EINVAL);
	EXPECT_FAIL(pread(p[0], buf, 1, 0), ESPIPE);
	EXPECT_EQ(pread(fd, buf, 16, 8), 2);
	EXPECT_EQ(pread(fd, buf, 16, 10), 0);
	EXPECT_EQ(pread(fd, buf, 16, 1000), 0);
	EXPECT_EQ(read(fd, buf, 16), 10);
	EXPECT_EQ(read(fd, buf, 16), 0);
}
