/* readahead: files it takes and refuses. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), wo = MUST(open("f", O_WRONLY)), p[2];

	MUST(pipe(p));
	EXPECT_OK(readahead(fd, 0, 4096));
	EXPECT_OK(readahead(fd, 100000, 10));
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	EXPECT_FAIL(readahead(wo, 0, 10), EBADF);
	EXPECT_FAIL(readahead(BAD_FD, 0, 10), EBADF);
	EXPECT_FAIL(readahead(p[0], 0, 10), EINVAL);
}
