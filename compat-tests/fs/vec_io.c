/*
 * readv, writev, preadv, pwritev and the v2 forms: gathering over odd segments, limits on the
 * vector, bad segments in the middle, flags.
 */
#include "../test.h"
#include <sys/uio.h>

TEST(gather_and_scatter)
{
	char a[3], b[1], c[8];
	struct iovec out[] = { { "ab", 2 }, { NULL, 0 }, { "cde", 3 }, { "f", 1 } };
	struct iovec in[] = { { a, 3 }, { b, 1 }, { c, 8 } };
	int fd = tmp_file("f", NULL, 0);

	EXPECT_EQ(writev(fd, out, 4), 6);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(readv(fd, in, 3), 6);
	EXPECT_MEM(a, "abc", 3);
	EXPECT_MEM(b, "d", 1);
	EXPECT_MEM(c, "ef", 2);
	EXPECT_EQ(readv(fd, in, 3), 0);
	EXPECT_EQ(readv(fd, in, 0), 0);
	close(fd);
}

TEST(positioned)
{
	char a[4] = "";
	struct iovec out[] = { { "xy", 2 }, { "z", 1 } }, in[] = { { a, 2 }, { a + 2, 2 } };
	int p[2], fd = tmp_file("f", "0123456789", 10);

	EXPECT_EQ(pwritev(fd, out, 2, 4), 3);
	EXPECT_EQ(preadv(fd, in, 2, 4), 4);
	EXPECT_MEM(a, "xyz7", 4);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	EXPECT_ERRNO(preadv(fd, in, 2, -1), EINVAL);
	EXPECT_ERRNO(pwritev(fd, out, 2, -5), EINVAL);
	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(preadv(p[0], in, 2, 0), ESPIPE);
	close(p[0]);
	close(p[1]);
	close(fd);
}

TEST(limits)
{
	static struct iovec many[IOV_MAX + 1];
	static char bytes[IOV_MAX + 1];
	struct iovec huge[] = { { bytes, SSIZE_MAX }, { bytes, SSIZE_MAX } };
	int fd = tmp_file("f", NULL, 0);

	for (int i = 0; i <= IOV_MAX; i++) {
		bytes[i] = i;
		many[i] = (struct iovec){ &bytes[i], 1 };
	}
	EXPECT_EQ(writev(fd, many, IOV_MAX), IOV_MAX);
	EXPECT_ERRNO(writev(fd, many, IOV_MAX + 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_writev, fd, many, -1), EINVAL);
	EXPECT_ERRNO(readv(fd, many, IOV_MAX + 1), EINVAL);
	huge[0].iov_len = (size_t)-1;
	EXPECT_ERRNO(writev(fd, huge, 1), EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), IOV_MAX);
	close(fd);
}

TEST(bad_segments)
{
	struct iovec out[] = { { "ab", 2 }, { bad_ptr(), 2 } };
	struct iovec first[] = { { bad_ptr(), 2 }, { "ab", 2 } };
	char buf[4];
	int fd = tmp_file("f", NULL, 0);

	EXPECT_ERRNO(writev(fd, first, 2), EFAULT);
	EXPECT_ERRNO(writev(fd, bad_ptr(), 2), EFAULT);
	EXPECT_ERRNO(writev(-1, out, 2), EBADF);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 0);
	EXPECT_EQ(pwrite(fd, "cdef", 4, 0), 4);
	out[0].iov_base = buf;
	EXPECT_EQ(readv(fd, out, 2), 2);
	EXPECT_MEM(buf, "cd", 2);
	close(fd);
}

TEST(flags)
{
	char buf[8];
	struct iovec out = { "xy", 2 }, in = { buf, 8 };
	int fd = tmp_file("f", "abc", 3);

	EXPECT_EQ(preadv2(fd, &in, 1, -1, 0), 3);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 3);
	EXPECT_EQ(pwritev2(fd, &out, 1, 0, RWF_APPEND), 2);
	EXPECT_EQ(preadv2(fd, &in, 1, 0, 0), 5);
	EXPECT_MEM(buf, "abcxy", 5);
	EXPECT_EQ(pwritev2(fd, &out, 1, 1, RWF_DSYNC), 2);
	EXPECT_ERRNO(pwritev2(fd, &out, 1, 0, 0x40000000), EOPNOTSUPP);
	close(fd);
}

TEST(pipe_gets_one_stream)
{
	char a[2], b[4];
	struct iovec out[] = { { "12", 2 }, { "345", 3 } }, in[] = { { a, 2 }, { b, 4 } };
	int p[2];

	EXPECT_OK(pipe(p));
	EXPECT_EQ(writev(p[1], out, 2), 5);
	EXPECT_EQ(readv(p[0], in, 2), 5);
	EXPECT_MEM(a, "12", 2);
	EXPECT_MEM(b, "345", 3);
	close(p[0]);
	close(p[1]);
}
