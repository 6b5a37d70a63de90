/* fallocate(2) and posix_fallocate(3): growing, KEEP_SIZE, PUNCH_HOLE, refusals. */
#include "../test.h"

static off_t size_of(int fd)
{
	struct stat st;

	EXPECT_OK(fstat(fd, &st));
	return st.st_size;
}

TEST(grows)
{
	char buf[8];
	int fd = tmp_file("f", "abc", 3);

	EXPECT_OK(fallocate(fd, 0, 0, 10000));
	EXPECT_EQ(size_of(fd), 10000);
	EXPECT_EQ(pread(fd, buf, 8, 0), 8);
	EXPECT_MEM(buf, "abc\0\0\0\0\0", 8);
	EXPECT_OK(fallocate(fd, 0, 0, 100));
	EXPECT_EQ(size_of(fd), 10000);
	EXPECT_EQ(posix_fallocate(fd, 10000, 1), 0);
	EXPECT_EQ(size_of(fd), 10001);
	close(fd);
}

TEST(keep_size)
{
	char c;
	int fd = tmp_file("f", "abc", 3);

	EXPECT_OK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 1 << 20));
	EXPECT_EQ(size_of(fd), 3);
	EXPECT_EQ(pread(fd, &c, 1, 3), 0);
	close(fd);
}

TEST(punch_hole)
{
	static char data[65536], buf[65536], zero[65536];
	int fd;

	memset(data, 'd', sizeof(data));
	fd = tmp_file("f", data, sizeof(data));
	EXPECT_OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 5000, 30000));
	EXPECT_EQ(size_of(fd), 65536);
	EXPECT_EQ(pread(fd, buf, sizeof(buf), 0), 65536);
	EXPECT_MEM(buf, data, 5000);
	EXPECT_MEM(buf + 5000, zero, 30000);
	EXPECT_MEM(buf + 35000, data, 65536 - 35000);
	EXPECT_OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 60000, 1 << 20));
	EXPECT_EQ(size_of(fd), 65536);
	close(fd);
}

TEST(refusals)
{
	int p[2], r, d, fd = tmp_file("f", "abc", 3);

	EXPECT_ERRNO(fallocate(fd, 0, -1, 10), EINVAL);
	EXPECT_ERRNO(fallocate(fd, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(fallocate(fd, 0, 0, -1), EINVAL);
	EXPECT_ERRNO(fallocate(fd, 0, LLONG_MAX, LLONG_MAX), EFBIG);
	EXPECT_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1), EOPNOTSUPP);
	EXPECT_ERRNO(fallocate(fd, 0x4000, 0, 1), EOPNOTSUPP);
	EXPECT_ERRNO(fallocate(-1, 0, 0, 1), EBADF);
	r = EXPECT_OK(open(tmp_path("f"), O_RDONLY));
	EXPECT_ERRNO(fallocate(r, 0, 0, 1), EBADF);
	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(fallocate(p[1], 0, 0, 1), ESPIPE);
	d = EXPECT_OK(open(test_tmpdir(), O_RDONLY));
	EXPECT_ERRNO(fallocate(d, 0, 0, 1), EBADF);
	EXPECT_EQ(posix_fallocate(fd, 0, 0), EINVAL);
	EXPECT_EQ(size_of(fd), 3);
	close(p[0]);
	close(p[1]);
	close(r);
	close(d);
	close(fd);
}
