/* splice(2), tee(2) and vmsplice(2): file to pipe and back, duplicating a pipe, refusals. */
#include "../test.h"
#include <sys/uio.h>

static void make_pipe(int p[2])
{
	EXPECT_OK(pipe2(p, O_CLOEXEC | O_NONBLOCK));
}

TEST(file_to_pipe_to_file)
{
	char buf[16];
	off_t off = 2;
	int p[2], in = tmp_file("in", "0123456789", 10), out = tmp_file("out", NULL, 0);

	make_pipe(p);
	EXPECT_EQ(splice(in, &off, p[1], NULL, 5, 0), 5);
	EXPECT_EQ(off, 7);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 0);
	EXPECT_EQ(splice(p[0], NULL, out, NULL, 100, 0), 5);
	EXPECT_EQ(lseek(out, 0, SEEK_CUR), 5);
	EXPECT_EQ(pread(out, buf, 16, 0), 5);
	EXPECT_MEM(buf, "23456", 5);
	EXPECT_EQ(splice(in, NULL, p[1], NULL, 3, 0), 3);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 3);
	close(p[0]);
	close(p[1]);
	close(in);
	close(out);
}

TEST(pipe_to_pipe)
{
	char buf[8];
	int a[2], b[2];

	make_pipe(a);
	make_pipe(b);
	EXPECT_EQ(write(a[1], "abcdef", 6), 6);
	EXPECT_EQ(splice(a[0], NULL, b[1], NULL, 4, 0), 4);
	EXPECT_EQ(read(b[0], buf, 8), 4);
	EXPECT_MEM(buf, "abcd", 4);
	EXPECT_EQ(read(a[0], buf, 8), 2);
	EXPECT_MEM(buf, "ef", 2);
	EXPECT_ERRNO(splice(a[0], NULL, b[1], NULL, 4, SPLICE_F_NONBLOCK), EAGAIN);
	close(a[1]);
	EXPECT_EQ(splice(a[0], NULL, b[1], NULL, 4, 0), 0);
	close(a[0]);
	close(b[0]);
	close(b[1]);
}

TEST(tee_keeps_the_source)
{
	char buf[8];
	int a[2], b[2];

	make_pipe(a);
	make_pipe(b);
	EXPECT_EQ(write(a[1], "abcdef", 6), 6);
	EXPECT_EQ(tee(a[0], b[1], 4, 0), 4);
	EXPECT_EQ(read(b[0], buf, 8), 4);
	EXPECT_MEM(buf, "abcd", 4);
	EXPECT_EQ(read(a[0], buf, 8), 6);
	EXPECT_MEM(buf, "abcdef", 6);
	EXPECT_ERRNO(tee(a[0], b[1], 4, SPLICE_F_NONBLOCK), EAGAIN);
	EXPECT_ERRNO(tee(a[0], a[1], 4, 0), EINVAL);
	close(a[0]);
	close(a[1]);
	close(b[0]);
	close(b[1]);
}

TEST(vmsplice_gathers)
{
	char buf[8];
	struct iovec v[] = { { "ab", 2 }, { "cde", 3 } };
	int p[2];

	make_pipe(p);
	EXPECT_EQ(vmsplice(p[1], v, 2, 0), 5);
	EXPECT_EQ(read(p[0], buf, 8), 5);
	EXPECT_MEM(buf, "abcde", 5);
	close(p[0]);
	close(p[1]);
}

TEST(refusals)
{
	off_t off = 0;
	int p[2], fd = tmp_file("f", "abc", 3), other = tmp_file("g", "abc", 3), ap;

	make_pipe(p);
	EXPECT_ERRNO(splice(fd, NULL, other, NULL, 3, 0), EINVAL);
	EXPECT_ERRNO(splice(p[0], &off, fd, NULL, 3, 0), ESPIPE);
	EXPECT_ERRNO(splice(fd, NULL, p[1], &off, 3, 0), ESPIPE);
	EXPECT_ERRNO(splice(p[1], NULL, fd, NULL, 3, 0), EBADF);
	EXPECT_ERRNO(splice(-1, NULL, p[1], NULL, 3, 0), EBADF);
	EXPECT_ERRNO(splice(fd, NULL, p[1], NULL, 3, 0x100), EINVAL);
	EXPECT_ERRNO(tee(fd, p[1], 3, 0), EINVAL);
	EXPECT_EQ(splice(fd, NULL, p[1], NULL, 0, 0), 0);
	ap = EXPECT_OK(open(tmp_path("g"), O_WRONLY | O_APPEND));
	EXPECT_EQ(write(p[1], "x", 1), 1);
	EXPECT_ERRNO(splice(p[0], NULL, ap, NULL, 1, 0), EINVAL);
	close(ap);
	close(p[0]);
	close(p[1]);
	close(fd);
	close(other);
}
