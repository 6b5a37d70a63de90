/* copy_file_range: the descriptors, flags and ranges it refuses. */
#include "../lst.h"

static void run(void)
{
	int in = new_file("in", "0123456789", 10), out = new_file("out", "", 0);
	int ro = MUST(open("in", O_RDONLY)), wo = MUST(open("out", O_WRONLY));
	int append = MUST(open("out", O_WRONLY | O_APPEND)), dir = MUST(open(".", O_RDONLY | O_DIRECTORY));
	int pipefd[2];
	loff_t off = 2;

	MUST(pipe(pipefd));
	EXPECT_FAIL(copy_file_range(BAD_FD, NULL, out, NULL, 4, 0), EBADF);
	EXPECT_FAIL(copy_file_range(in, NULL, BAD_FD, NULL, 4, 0), EBADF);
	EXPECT_FAIL(copy_file_range(wo, NULL, out, NULL, 4, 0), EBADF);
	EXPECT_FAIL(copy_file_range(in, NULL, ro, NULL, 4, 0), EBADF);
	EXPECT_FAIL(copy_file_range(in, NULL, append, NULL, 4, 0), EBADF);
	EXPECT_FAIL(copy_file_range(in, NULL, out, NULL, 4, 1), EINVAL);
	EXPECT_FAIL(copy_file_range(dir, NULL, out, NULL, 4, 0), EISDIR);
	EXPECT_FAIL(copy_file_range(pipefd[0], NULL, out, NULL, 4, 0), EINVAL);
	EXPECT_FAIL(copy_file_range(in, NULL, pipefd[1], NULL, 4, 0), EINVAL);
	EXPECT_FAIL(copy_file_range(in, &off, in, &off, 4, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_copy_file_range, in, BAD_PTR, out, NULL, 4, 0), EFAULT);
}
