/* truncate(2) and ftruncate(2): shrink, grow with zeros, stale bytes never come back, refusals. */
#include "../test.h"

TEST(shrink_then_grow_gives_zeros)
{
	char buf[8], want[8] = { 'a', 'b' };
	int fd = tmp_file("f", "abcdefgh", 8);

	EXPECT_OK(ftruncate(fd, 2));
	EXPECT_OK(ftruncate(fd, 8));
	EXPECT_EQ(pread(fd, buf, 8, 0), 8);
	EXPECT_MEM(buf, want, 8);
	close(fd);
}

TEST(grow_over_blocks)
{
	static char buf[20000], zero[20000];
	struct stat st;
	int fd = tmp_file("f", "x", 1);

	EXPECT_OK(ftruncate(fd, 20000));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 20000);
	EXPECT_EQ(pread(fd, buf, 20000, 1), 19999);
	EXPECT_MEM(buf, zero, 19999);
	close(fd);
}

TEST(partial_block_is_cleared)
{
	static char page[8192], buf[8192], zero[8192];
	int fd;

	memset(page, 'p', sizeof(page));
	fd = tmp_file("f", page, sizeof(page));
	EXPECT_OK(ftruncate(fd, 5000));
	EXPECT_EQ(pwrite(fd, "e", 1, 8191), 1);
	EXPECT_EQ(pread(fd, buf, 8192, 0), 8192);
	EXPECT_MEM(buf, page, 5000);
	EXPECT_MEM(buf + 5000, zero, 3191);
	EXPECT_EQ(buf[8191], 'e');
	close(fd);
}

TEST(by_path_and_link)
{
	struct stat st;

	close(tmp_file("f", "abcdef", 6));
	EXPECT_OK(symlink("f", tmp_path("l")));
	EXPECT_OK(truncate(tmp_path("l"), 3));
	EXPECT_OK(stat(tmp_path("f"), &st));
	EXPECT_EQ(st.st_size, 3);
}

TEST(offset_stays_behind_the_end)
{
	char buf[8];
	int fd = tmp_file("f", "abcdef", 6);

	EXPECT_EQ(lseek(fd, 6, SEEK_SET), 6);
	EXPECT_OK(ftruncate(fd, 0));
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 6);
	EXPECT_EQ(write(fd, "z", 1), 1);
	EXPECT_EQ(pread(fd, buf, 8, 0), 7);
	EXPECT_MEM(buf, "\0\0\0\0\0\0z", 7);
	close(fd);
}

TEST(refusals)
{
	int p[2], r, fd = tmp_file("f", "abc", 3);

	EXPECT_ERRNO(ftruncate(fd, -1), EINVAL);
	EXPECT_ERRNO(truncate(tmp_path("f"), -1), EINVAL);
	EXPECT_ERRNO(truncate(tmp_path("none"), 0), ENOENT);
	EXPECT_ERRNO(truncate(test_tmpdir(), 0), EISDIR);
	EXPECT_ERRNO(ftruncate(-1, 0), EBADF);
	r = EXPECT_OK(open(tmp_path("f"), O_RDONLY));
	EXPECT_ERRNO(ftruncate(r, 0), EINVAL);
	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(ftruncate(p[1], 0), EINVAL);
	r = EXPECT_OK(open(test_tmpdir(), O_RDONLY));
	EXPECT_ERRNO(ftruncate(r, 0), EINVAL);
	close(p[0]);
	close(p[1]);
	close(r);
	close(fd);
}

TEST(changes_times)
{
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	struct stat st;
	int fd = tmp_file("f", "abc", 3);

	EXPECT_OK(futimens(fd, old));
	EXPECT_OK(ftruncate(fd, 1));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_GT(st.st_mtim.tv_sec, 1000);
	EXPECT_EQ(st.st_atim.tv_sec, 1000);
	close(fd);
}
