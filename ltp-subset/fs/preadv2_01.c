/* preadv2 and pwritev2: flags, the offset -1, RWF_APPEND. */
#include "../lst.h"
#include <sys/uio.h>

static void run(void)
{
	int fd = new_file("f", "0123456789", 10);
	char a[4], b[4];
	struct iovec iov[2] = { { a, 3 }, { b, 4 } }, bad = { BAD_PTR, 4 }, w = { "xy", 2 };

	MUST(lseek(fd, 2, SEEK_SET));
	EXPECT_EQ(preadv2(fd, iov, 2, -1, 0), 7);
	EXPECT_MEM(a, "234", 3);
	EXPECT_MEM(b, "5678", 4);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 9);
	EXPECT_EQ(preadv2(fd, iov, 2, 8, 0), 2);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 9);
	EXPECT_FAIL(preadv2(fd, iov, 2, -2, 0), EINVAL);
	EXPECT_FAIL(preadv2(fd, iov, 2, 0, 0x10000), EOPNOTSUPP);
	EXPECT_FAIL(preadv2(fd, iov, IOV_MAX + 1, 0, 0), EINVAL);
	EXPECT_FAIL(preadv2(fd, &bad, 1, 0, 0), EFAULT);
	EXPECT_FAIL(preadv2(BAD_FD, iov, 2, 0, 0), EBADF);
	EXPECT_EQ(pwritev2(fd, &w, 1, 0, RWF_APPEND), 2);
	EXPECT_EQ(pread(fd, a, 4, 9), 3);
	EXPECT_MEM(a, "9xy", 3);
	EXPECT_EQ(pwritev2(fd, &w, 1, 1, RWF_DSYNC), 2);
	EXPECT_EQ(pread(fd, a, 4, 0), 4);
	EXPECT_MEM(a, "0xy3", 4);
}
