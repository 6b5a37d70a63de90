/* readv and writev: partial buffers, fault in the middle, empty vectors. */
#include "../lst.h"
#include <sys/uio.h>

static void run(void)
{
	int fd = new_file("f", "0123456789", 10);
	char a[4] = "", b[4] = "";
	struct iovec mid[2] = { { a, 4 }, { BAD_PTR, 4 } }, empty[2] = { { BAD_PTR, 0 }, { b, 3 } };
	struct iovec sum[2] = { { a, SSIZE_MAX }, { b, 1 } }, out[2] = { { "ab", 2 }, { BAD_PTR, 4 } };

	EXPECT_EQ(readv(fd, mid, 2), 4);
	EXPECT_MEM(a, "0123", 4);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 4);
	EXPECT_EQ(readv(fd, empty, 2), 3);
	EXPECT_MEM(b, "456", 3);
	EXPECT_FAIL(readv(fd, mid + 1, 1), EFAULT);
	EXPECT_FAIL(readv(fd, sum, 2), EFAULT);
	EXPECT_FAIL(readv(fd, mid, -1), EINVAL);
	EXPECT_FAIL(readv(fd, mid, IOV_MAX + 1), EINVAL);
	EXPECT_EQ(readv(fd, mid, 0), 0);
	EXPECT_EQ(writev(fd, out, 2), 2);
	EXPECT_FAIL(writev(BAD_FD, out, 1), EBADF);
	EXPECT_FAIL(readv(MUST(open(".", O_RDONLY)), empty + 1, 1), EISDIR);
}
