/* preadv and pwritev: negative offsets, negative lengths, pipes, holes. */
#include "../lst.h"
#include <sys/uio.h>

static void run(void)
{
	int fd = new_file("f", "", 0), ro = MUST(open("f", O_RDONLY)), p[2];
	struct iovec iov[2] = { { "ab", 2 }, { "cde", 3 } }, negative = { "x", -1 };
	char buf[16] = "";

	MUST(pipe(p));
	EXPECT_FAIL(pwritev(fd, iov, 2, -1), EINVAL);
	EXPECT_FAIL(pwritev(fd, &negative, 1, 0), EINVAL);
	EXPECT_FAIL(pwritev(ro, iov, 2, 0), EBADF);
	EXPECT_FAIL(pwritev(p[1], iov, 2, 0), ESPIPE);
	EXPECT_FAIL(preadv(p[0], iov, 2, 0), ESPIPE);
	EXPECT_FAIL(pwritev(fd, BAD_PTR, 2, 0), EFAULT);
	EXPECT_FAIL(pwritev(fd, iov, -1, 0), EINVAL);
	EXPECT_EQ(pwritev(fd, iov, 0, 0), 0);
	EXPECT_EQ(pwritev(fd, iov, 2, 4), 5);
	EXPECT_EQ(read(fd, buf, 16), 9);
	EXPECT_MEM(buf, "\0\0\0\0abcde", 9);
}
