/* sendfile: descriptors and offsets it refuses, and which offset moves. */
#include "../lst.h"
#include <sys/sendfile.h>

static void run(void)
{
	int in = new_file("in", "0123456789", 10), out = new_file("out", "", 0);
	int wo = MUST(open("in", O_WRONLY)), ro = MUST(open("out", O_RDONLY)), pipefd[2];
	off_t off = -1;
	char buf[16];

	MUST(pipe(pipefd));
	EXPECT_FAIL(sendfile(out, BAD_FD, NULL, 4), EBADF);
	EXPECT_FAIL(sendfile(BAD_FD, in, NULL, 4), EBADF);
	EXPECT_FAIL(sendfile(out, wo, NULL, 4), EBADF);
	EXPECT_FAIL(sendfile(ro, in, NULL, 4), EBADF);
	EXPECT_FAIL(sendfile(out, in, &off, 4), EINVAL);
	EXPECT_FAIL(sendfile(out, in, BAD_PTR, 4), EFAULT);
	off = 4;
	EXPECT_FAIL(sendfile(out, pipefd[0], &off, 4), ESPIPE);
	EXPECT_EQ(sendfile(out, in, &off, 3), 3);
	EXPECT_EQ(off, 7);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 0);
	EXPECT_EQ(sendfile(pipefd[1], in, NULL, 100), 10);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 10);
	EXPECT_EQ(sendfile(out, in, NULL, 100), 0);
	EXPECT_EQ(read(pipefd[0], buf, 16), 10);
	EXPECT_MEM(buf, "0123456789", 10);
	EXPECT_EQ(pread(out, buf, 16, 0), 3);
	EXPECT_MEM(buf, "456", 3);
}
