/*
 * pread(2) and pwrite(2): the file offset stays, negative offsets and pipes are refused, reads
 * behind the end give nothing.
 */
#include "../test.h"

TEST(offset_stays)
{
	char buf[8];
	int fd = tmp_file("f", "abcdef", 6);

	EXPECT_EQ(lseek(fd, 2, SEEK_SET), 2);
	EXPECT_EQ(pread(fd, buf, 3, 3), 3);
	EXPECT_MEM(buf, "def", 3);
	EXPECT_EQ(pwrite(fd, "XY", 2, 5), 2);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 2);
	EXPECT_EQ(pread(fd, buf, 8, 0), 7);
	EXPECT_MEM(buf, "abcdeXY", 7);
	close(fd);
}

TEST(behind_the_end)
{
	char buf[8];
	int fd = tmp_file("f", "abc", 3);

	EXPECT_EQ(pread(fd, buf, 8, 3), 0);
	EXPECT_EQ(pread(fd, buf, 8, 1LL << 40), 0);
	EXPECT_EQ(pread(fd, buf, 8, 2), 1);
	EXPECT_EQ(pwrite(fd, "z", 1, 4099), 1);
	EXPECT_EQ(pread(fd, buf, 4, 4096), 4);
	EXPECT_MEM(buf, "\0\0\0z", 4);
	close(fd);
}

TEST(refusals)
{
	char c = 0;
	int p[2], fd = tmp_file("f", "abc", 3);

	EXPECT_ERRNO(pread(fd, &c, 1, -1), EINVAL);
	EXPECT_ERRNO(pwrite(fd, &c, 1, -1), EINVAL);
	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(pread(p[0], &c, 1, 0), ESPIPE);
	EXPECT_ERRNO(pwrite(p[1], &c, 1, 0), ESPIPE);
	EXPECT_ERRNO(pread(-1, &c, 1, 0), EBADF);
	EXPECT_ERRNO(pread(fd, bad_ptr(), 1, 0), EFAULT);
	EXPECT_ERRNO(pwrite(fd, bad_ptr(), 1, 0), EFAULT);
	close(p[0]);
	close(p[1]);
	close(fd);
}

struct writer {
	int fd, id;
};

static void *write_stripes(void *arg)
{
	struct writer *w = arg;
	char block[512];

	memset(block, 'a' + w->id, sizeof(block));
	for (int i = w->id; i < 128; i += 4)
		EXPECT_EQ(pwrite(w->fd, block, sizeof(block), i * 512L), 512);
	return NULL;
}

TEST(threads_share_one_descriptor)
{
	pthread_t t[4];
	struct writer w[4];
	char block[512];
	int fd = tmp_file("f", NULL, 0);

	for (int i = 0; i < 4; i++) {
		w[i] = (struct writer){ fd, i };
		EXPECT_EQ(pthread_create(&t[i], NULL, write_stripes, &w[i]), 0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 128 * 512);
	for (int i = 0; i < 128; i++) {
		EXPECT_EQ(pread(fd, block, 512, i * 512L), 512);
		for (int j = 0; j < 512; j++)
			EXPECT_EQ(block[j], 'a' + i % 4);
	}
	close(fd);
}
