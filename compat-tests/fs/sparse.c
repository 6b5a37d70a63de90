/* Sparse files and large offsets: 64-bit positions, blocks stay few, the largest file. */
#include "../test.h"
#include <sys/mman.h>

TEST(byte_at_one_tebibyte)
{
	off_t far = 1LL << 40;
	struct stat st;
	char c, zero[64], want[64] = "";
	int fd = tmp_file("f", "start", 5);

	EXPECT_EQ(pwrite(fd, "end", 3, far), 3);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, far + 3);
	EXPECT_LT(st.st_blocks, 1000);
	EXPECT_EQ(pread(fd, zero, 64, far / 2), 64);
	EXPECT_MEM(zero, want, 64);
	EXPECT_EQ(pread(fd, &c, 1, far + 2), 1);
	EXPECT_EQ(c, 'd');
	EXPECT_EQ(pread(fd, &c, 1, far + 3), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), far + 3);
	close(fd);
}

TEST(past_32_bits)
{
	char buf[8];
	off_t edge = (1LL << 32) - 2;
	int fd = tmp_file("f", NULL, 0);

	EXPECT_EQ(lseek(fd, edge, SEEK_SET), edge);
	EXPECT_EQ(write(fd, "abcd", 4), 4);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), edge + 4);
	EXPECT_EQ(pread(fd, buf, 8, edge), 4);
	EXPECT_MEM(buf, "abcd", 4);
	EXPECT_EQ(pread(fd, buf, 2, edge + 2), 2);
	EXPECT_MEM(buf, "cd", 2);
	EXPECT_OK(ftruncate(fd, edge + 1));
	EXPECT_EQ(pread(fd, buf, 8, edge), 1);
	close(fd);
}

TEST(large_truncate_and_back)
{
	struct stat st;
	int fd = tmp_file("f", "abc", 3);

	EXPECT_OK(ftruncate(fd, 1LL << 41));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 1LL << 41);
	EXPECT_OK(ftruncate(fd, 3));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 3);
	close(fd);
}

TEST(too_big)
{
	int fd = tmp_file("f", NULL, 0);

	EXPECT_ERRNO(pwrite(fd, "x", 1, LLONG_MAX), EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 0);
	if (ftruncate(fd, LLONG_MAX))
		EXPECT_EQ(errno, EFBIG);
	else
		EXPECT_EQ(lseek(fd, 0, SEEK_END), LLONG_MAX);
	close(fd);
}

TEST(map_a_far_window)
{
	off_t far = 5LL << 32;
	int fd = tmp_file("f", NULL, 0);
	char *p, c;

	EXPECT_OK(ftruncate(fd, far + 4096));
	p = EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, far));
	EXPECT_EQ(p[0], 0);
	p[10] = 'm';
	EXPECT_EQ(pread(fd, &c, 1, far + 10), 1);
	EXPECT_EQ(c, 'm');
	munmap(p, 4096);
	close(fd);
}
