/*
 * read(2) and write(2) on regular files: offsets, short reads at the end, zero lengths, gaps
 * that read as zeros, and bad descriptors and buffers.
 */
#include "../test.h"
#include <sys/mman.h>

TEST(offset_moves_with_the_bytes)
{
	char buf[16] = "";
	int fd = tmp_file("f", NULL, 0);

	EXPECT_EQ(write(fd, "hello", 5), 5);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 5);
	EXPECT_EQ(read(fd, buf, sizeof(buf)), 0);
	EXPECT_EQ(lseek(fd, 1, SEEK_SET), 1);
	EXPECT_EQ(read(fd, buf, 2), 2);
	EXPECT_MEM(buf, "el", 2);
	EXPECT_EQ(read(fd, buf, sizeof(buf)), 2);
	EXPECT_MEM(buf, "lo", 2);
	EXPECT_EQ(read(fd, buf, sizeof(buf)), 0);
	close(fd);
}

TEST(write_past_the_end_leaves_zeros)
{
	char buf[8], want[8] = { 'a', 0, 0, 0, 0, 'b' };
	int fd = tmp_file("f", "a", 1);

	EXPECT_EQ(lseek(fd, 5, SEEK_SET), 5);
	EXPECT_EQ(write(fd, "b", 1), 1);
	EXPECT_EQ(pread(fd, buf, sizeof(buf), 0), 6);
	EXPECT_MEM(buf, want, 6);
	close(fd);
}

TEST(zero_length)
{
	char c;
	int fd = tmp_file("f", "a", 1);

	EXPECT_EQ(read(fd, &c, 0), 0);
	EXPECT_EQ(write(fd, &c, 0), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	EXPECT_ERRNO(read(-1, &c, 0), EBADF);
	EXPECT_ERRNO(write(1 << 20, &c, 0), EBADF);
	close(fd);
}

TEST(bad_buffers)
{
	int fd = tmp_file("f", "abc", 3);

	EXPECT_ERRNO(read(fd, bad_ptr(), 3), EFAULT);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	EXPECT_ERRNO(write(fd, bad_ptr(), 3), EFAULT);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 3);
	EXPECT_EQ(read(fd, bad_ptr(), 3), 0);
	close(fd);
}

TEST(read_into_read_only_memory)
{
	char *ro = EXPECT_OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	int fd = tmp_file("f", "abc", 3);

	EXPECT_ERRNO(read(fd, ro, 3), EFAULT);
	EXPECT_EQ(ro[0], 0);
	EXPECT_EQ(write(fd, ro, 2), 2);
	munmap(ro, 4096);
	close(fd);
}

TEST(buffer_that_ends_at_a_hole)
{
	char *p = EXPECT_OK(
		mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	char data[64];
	int fd;

	munmap(p + 4096, 4096);
	memset(data, 'd', sizeof(data));
	fd = tmp_file("f", data, sizeof(data));
	EXPECT_EQ(read(fd, p + 4096 - 64, 64), 64);
	EXPECT_MEM(p + 4096 - 64, data, 64);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(write(fd, p + 4096 - 64, 64), 64);
	munmap(p, 4096);
	close(fd);
}

TEST(large_transfer)
{
	enum { SIZE = 3 << 20 };
	unsigned char *a = malloc(SIZE), *b = malloc(SIZE);
	int fd = tmp_file("f", NULL, 0);

	for (int i = 0; i < SIZE; i++)
		a[i] = i * 2654435761u >> 24;
	EXPECT_EQ(write(fd, a, SIZE), SIZE);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(read(fd, b, SIZE), SIZE);
	EXPECT_MEM(a, b, SIZE);
	EXPECT_EQ(pread(fd, b, 10000, 12345), 10000);
	EXPECT_MEM(a + 12345, b, 10000);
	free(a);
	free(b);
	close(fd);
}

TEST(two_descriptions_have_two_offsets)
{
	char buf[4];
	int a = tmp_file("f", "abcd", 4), b = EXPECT_OK(open(tmp_path("f"), O_RDWR));

	EXPECT_EQ(read(a, buf, 2), 2);
	EXPECT_EQ(read(b, buf, 4), 4);
	EXPECT_MEM(buf, "abcd", 4);
	EXPECT_EQ(lseek(a, 0, SEEK_CUR), 2);
	EXPECT_EQ(pwrite(b, "Z", 1, 2), 1);
	EXPECT_EQ(read(a, buf, 1), 1);
	EXPECT_EQ(buf[0], 'Z');
	close(a);
	close(b);
}
