/* fallocate: the arguments it refuses. */
#include "../lst.h"
#include <linux/falloc.h>

static void run(void)
{
	int fd = new_file("f", "abc", 3), ro = MUST(open("f", O_RDONLY)), pipefd[2];
	int dir = MUST(open(".", O_RDONLY | O_DIRECTORY));

	MUST(pipe(pipefd));
	EXPECT_FAIL(fallocate(fd, 0, -1, 10), EINVAL);
	EXPECT_FAIL(fallocate(fd, 0, 0, 0), EINVAL);
	EXPECT_FAIL(fallocate(fd, 0, 0, -1), EINVAL);
	EXPECT_FAIL(fallocate(BAD_FD, 0, 0, 10), EBADF);
	EXPECT_FAIL(fallocate(ro, 0, 0, 10), EBADF);
	EXPECT_FAIL(fallocate(pipefd[1], 0, 0, 10), ESPIPE);
	EXPECT_FAIL(fallocate(dir, 0, 0, 10), EBADF);
	EXPECT_FAIL(fallocate(fd, 0, INT64_MAX - 2, 10), EFBIG);
	EXPECT_FAIL(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10), EOPNOTSUPP);
	EXPECT_FAIL(fallocate(fd, 0x4000, 0, 10), EOPNOTSUPP);
	EXPECT_FAIL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE, 0, 10), EOPNOTSUPP);
}
