/* sync, syncfs, fsync and fdatasync: files they take. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "x", 1), ro = MUST(open("f", O_RDONLY)), dir = MUST(open(".", O_RDONLY)), p[2];

	MUST(pipe(p));
	sync();
	EXPECT_OK(syncfs(fd));
	EXPECT_OK(syncfs(dir));
	EXPECT_FAIL(syncfs(BAD_FD), EBADF);
	EXPECT_OK(fsync(fd));
	EXPECT_OK(fsync(ro));
	EXPECT_OK(fsync(dir));
	EXPECT_FAIL(fsync(p[0]), EINVAL);
	EXPECT_FAIL(fsync(BAD_FD), EBADF);
	EXPECT_OK(fdatasync(fd));
	EXPECT_FAIL(fdatasync(p[1]), EINVAL);
	EXPECT_FAIL(fdatasync(BAD_FD), EBADF);
}
