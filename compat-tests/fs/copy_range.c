/* copy_file_range(2): with and without offsets, short at the end, overlap and mode refusals. */
#include "../test.h"

TEST(moves_both_offsets)
{
	char buf[16];
	int in = tmp_file("in", "0123456789", 10), out = tmp_file("out", NULL, 0);

	EXPECT_EQ(lseek(in, 2, SEEK_SET), 2);
	EXPECT_EQ(copy_file_range(in, NULL, out, NULL, 5, 0), 5);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 7);
	EXPECT_EQ(lseek(out, 0, SEEK_CUR), 5);
	EXPECT_EQ(pread(out, buf, 16, 0), 5);
	EXPECT_MEM(buf, "23456", 5);
	EXPECT_EQ(copy_file_range(in, NULL, out, NULL, 100, 0), 3);
	EXPECT_EQ(copy_file_range(in, NULL, out, NULL, 100, 0), 0);
	close(in);
	close(out);
}

TEST(explicit_offsets)
{
	off_t a = 1, b = 4;
	char buf[16], want[8] = "";
	int in = tmp_file("in", "0123456789", 10), out = tmp_file("out", NULL, 0);

	memcpy(want + 4, "123", 3);
	EXPECT_EQ(copy_file_range(in, &a, out, &b, 3, 0), 3);
	EXPECT_EQ(a, 4);
	EXPECT_EQ(b, 7);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 0);
	EXPECT_EQ(lseek(out, 0, SEEK_CUR), 0);
	EXPECT_EQ(pread(out, buf, 16, 0), 7);
	EXPECT_MEM(buf, want, 7);
	a = 100;
	EXPECT_EQ(copy_file_range(in, &a, out, &b, 3, 0), 0);
	close(in);
	close(out);
}

TEST(large)
{
	enum { SIZE = 1 << 20 };
	char *a = malloc(SIZE), *b = malloc(SIZE);
	off_t from = 0, to = 0;
	int in, out = tmp_file("out", NULL, 0);

	for (int i = 0; i < SIZE; i++)
		a[i] = i * 40503u >> 8;
	in = tmp_file("in", a, SIZE);
	while (EXPECT_OK(copy_file_range(in, &from, out, &to, SIZE, 0)) > 0)
		;
	EXPECT_EQ(to, SIZE);
	EXPECT_EQ(pread(out, b, SIZE, 0), SIZE);
	EXPECT_MEM(a, b, SIZE);
	free(a);
	free(b);
	close(in);
	close(out);
}

TEST(within_one_file)
{
	off_t a = 0, b = 5;
	char buf[16];
	int fd = tmp_file("f", "01234-----", 10);

	EXPECT_EQ(copy_file_range(fd, &a, fd, &b, 5, 0), 5);
	EXPECT_EQ(pread(fd, buf, 16, 0), 10);
	EXPECT_MEM(buf, "0123401234", 10);
	a = 0;
	b = 2;
	EXPECT_ERRNO(copy_file_range(fd, &a, fd, &b, 5, 0), EINVAL);
	close(fd);
}

TEST(refusals)
{
	off_t a = 0;
	int p[2], d, in = tmp_file("in", "abc", 3), out = tmp_file("out", NULL, 0), r, w, ap;

	r = EXPECT_OK(open(tmp_path("out"), O_RDONLY));
	w = EXPECT_OK(open(tmp_path("in"), O_WRONLY));
	ap = EXPECT_OK(open(tmp_path("out"), O_WRONLY | O_APPEND));
	EXPECT_ERRNO(copy_file_range(in, NULL, r, NULL, 1, 0), EBADF);
	EXPECT_ERRNO(copy_file_range(w, NULL, out, NULL, 1, 0), EBADF);
	EXPECT_ERRNO(copy_file_range(in, NULL, ap, NULL, 1, 0), EBADF);
	EXPECT_ERRNO(copy_file_range(in, NULL, out, NULL, 1, 1), EINVAL);
	EXPECT_ERRNO(copy_file_range(-1, NULL, out, NULL, 1, 0), EBADF);
	d = EXPECT_OK(open(test_tmpdir(), O_RDONLY));
	EXPECT_ERRNO(copy_file_range(d, NULL, out, NULL, 1, 0), EISDIR);
	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(copy_file_range(p[0], NULL, out, NULL, 1, 0), EINVAL);
	EXPECT_ERRNO(copy_file_range(in, bad_ptr(), out, NULL, 1, 0), EFAULT);
	EXPECT_EQ(copy_file_range(in, &a, out, NULL, 0, 0), 0);
	close(p[0]);
	close(p[1]);
	close(r);
	close(w);
	close(ap);
	close(d);
	close(in);
	close(out);
}
