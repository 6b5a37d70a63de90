/* sendfile(2): file to file, file to pipe, offsets by pointer and by position, refusals. */
#include "../test.h"
#include <sys/sendfile.h>

TEST(file_to_file)
{
	char buf[16];
	off_t off = 3;
	int in = tmp_file("in", "0123456789", 10), out = tmp_file("out", NULL, 0);

	EXPECT_EQ(sendfile(out, in, &off, 4), 4);
	EXPECT_EQ(off, 7);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 0);
	EXPECT_EQ(lseek(out, 0, SEEK_CUR), 4);
	EXPECT_EQ(sendfile(out, in, NULL, 2), 2);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 2);
	EXPECT_EQ(pread(out, buf, 16, 0), 6);
	EXPECT_MEM(buf, "345601", 6);
	close(in);
	close(out);
}

TEST(ends_at_the_end)
{
	off_t off = 8;
	int in = tmp_file("in", "0123456789", 10), out = tmp_file("out", NULL, 0);

	EXPECT_EQ(sendfile(out, in, &off, 100), 2);
	EXPECT_EQ(sendfile(out, in, &off, 100), 0);
	EXPECT_EQ(off, 10);
	off = 1000;
	EXPECT_EQ(sendfile(out, in, &off, 100), 0);
	EXPECT_EQ(off, 1000);
	EXPECT_EQ(sendfile(out, in, NULL, 0), 0);
	close(in);
	close(out);
}

TEST(file_to_pipe)
{
	char data[5000], buf[5000];
	off_t off = 0;
	int p[2], in;

	memset(data, 's', sizeof(data));
	in = tmp_file("in", data, sizeof(data));
	EXPECT_OK(pipe(p));
	EXPECT_EQ(sendfile(p[1], in, &off, sizeof(data)), sizeof(data));
	EXPECT_EQ(read(p[0], buf, sizeof(buf)), sizeof(data));
	EXPECT_MEM(buf, data, sizeof(data));
	close(p[0]);
	close(p[1]);
	close(in);
}

TEST(refusals)
{
	off_t off = -1;
	int p[2], in = tmp_file("in", "abc", 3), out = tmp_file("out", NULL, 0), r;

	EXPECT_ERRNO(sendfile(out, in, &off, 1), EINVAL);
	EXPECT_ERRNO(sendfile(-1, in, NULL, 1), EBADF);
	EXPECT_ERRNO(sendfile(out, -1, NULL, 1), EBADF);
	r = EXPECT_OK(open(tmp_path("out"), O_RDONLY));
	EXPECT_ERRNO(sendfile(r, in, NULL, 1), EBADF);
	close(r);
	r = EXPECT_OK(open(tmp_path("out"), O_WRONLY | O_APPEND));
	EXPECT_ERRNO(sendfile(r, in, NULL, 1), EINVAL);
	close(r);
	off = 0;
	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(sendfile(out, p[0], &off, 1), ESPIPE);
	EXPECT_ERRNO(sendfile(out, in, bad_ptr(), 1), EFAULT);
	EXPECT_EQ(lseek(out, 0, SEEK_END), 0);
	close(p[0]);
	close(p[1]);
	close(in);
	close(out);
}
