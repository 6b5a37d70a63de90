/*
 * splice, tee and vmsplice move bytes between pipes and files without the program seeing them;
 * offsets, limits and refusals.
 */
#include "ipc.h"
#include <sys/uio.h>

static void need(long r)
{
	if (r < 0 && errno == ENOSYS)
		SKIP("not offered");
}

TEST(file_to_pipe_to_file)
{
	char data[20000], back[20000];
	int in, out, fd[2];
	loff_t off = 1000;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)pattern_byte(i);
	in = tmp_file("in", data, sizeof(data));
	out = tmp_file("out", "", 0);
	EXPECT_OK(pipe(fd));
	need(splice(in, &off, fd[1], NULL, 0, 0));
	EXPECT_EQ(splice(in, &off, fd[1], NULL, 5000, 0), 5000);
	EXPECT_EQ(off, 6000);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 0);
	EXPECT_EQ(splice(fd[0], NULL, out, NULL, 5000, 0), 5000);
	EXPECT_EQ(pread(out, back, sizeof(back), 0), 5000);
	EXPECT_MEM(back, data + 1000, 5000);
	EXPECT_EQ(splice(in, NULL, fd[1], NULL, 3000, 0), 3000);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 3000);
	EXPECT_EQ(read(fd[0], back, sizeof(back)), 3000);
	EXPECT_MEM(back, data, 3000);
	off = sizeof(data);
	EXPECT_EQ(splice(in, &off, fd[1], NULL, 100, 0), 0);	/* end of file */
	close_pair(fd);
	close(in);
	close(out);
}

TEST(pipe_to_pipe)
{
	int a[2], b[2];
	char buf[16];

	EXPECT_OK(pipe(a));
	EXPECT_OK(pipe(b));
	EXPECT_EQ(write(a[1], "0123456789", 10), 10);
	need(splice(a[0], NULL, b[1], NULL, 0, 0));
	EXPECT_EQ(splice(a[0], NULL, b[1], NULL, 4, 0), 4);
	EXPECT_EQ(read(b[0], buf, sizeof(buf)), 4);
	EXPECT_MEM(buf, "0123", 4);
	EXPECT_EQ(read(a[0], buf, sizeof(buf)), 6);
	EXPECT_MEM(buf, "456789", 6);
	EXPECT_ERRNO(splice(a[0], NULL, b[1], NULL, 4, SPLICE_F_NONBLOCK), EAGAIN);
	close(a[1]);
	EXPECT_EQ(splice(a[0], NULL, b[1], NULL, 4, 0), 0);
	close(a[0]);
	close_pair(b);
}

TEST(tee_copies)
{
	int a[2], b[2];
	char buf[16];

	EXPECT_OK(pipe(a));
	EXPECT_OK(pipe(b));
	EXPECT_EQ(write(a[1], "both", 4), 4);
	need(tee(a[0], b[1], 0, 0));
	EXPECT_EQ(tee(a[0], b[1], 100, 0), 4);
	EXPECT_EQ(read(b[0], buf, sizeof(buf)), 4);
	EXPECT_MEM(buf, "both", 4);
	EXPECT_EQ(read(a[0], buf, sizeof(buf)), 4);
	EXPECT_MEM(buf, "both", 4);
	EXPECT_ERRNO(tee(a[0], b[1], 4, SPLICE_F_NONBLOCK), EAGAIN);
	close_pair(a);
	close_pair(b);
}

TEST(vmsplice_in)
{
	struct iovec v[2] = { { "ab", 2 }, { "cde", 3 } };
	char buf[8];
	int fd[2];

	EXPECT_OK(pipe(fd));
	need(vmsplice(fd[1], v, 0, 0));
	EXPECT_EQ(vmsplice(fd[1], v, 2, 0), 5);
	EXPECT_EQ(read(fd[0], buf, sizeof(buf)), 5);
	EXPECT_MEM(buf, "abcde", 5);
	close_pair(fd);
}

TEST(errors)
{
	int file = tmp_file("f", "abc", 3), fd[2];
	loff_t off = 0;

	EXPECT_OK(pipe(fd));
	need(splice(file, NULL, fd[1], NULL, 0, 0));
	EXPECT_ERRNO(splice(file, NULL, file, NULL, 1, 0), EINVAL);	/* one must be a pipe */
	EXPECT_ERRNO(splice(fd[0], &off, file, NULL, 1, 0), ESPIPE);
	EXPECT_ERRNO(splice(fd[0], NULL, fd[1], NULL, 1, 0), EINVAL);	/* the same pipe */
	EXPECT_ERRNO(splice(fd[1], NULL, file, NULL, 1, 0), EBADF);
	EXPECT_ERRNO(splice(700, NULL, fd[1], NULL, 1, 0), EBADF);
	EXPECT_ERRNO(tee(fd[0], file, 1, 0), EINVAL);
	EXPECT_ERRNO(splice(file, NULL, fd[1], NULL, 1, 0x1000), EINVAL);
	close_pair(fd);
	close(file);
}
