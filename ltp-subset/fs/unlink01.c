/* unlink, unlinkat and rmdir: errors. */
#include "../lst.h"

static void run(void)
{
	int dir = MUST(open(".", O_RDONLY | O_DIRECTORY));

	MUST(mkdir("d", 0755));
	MUST(mkdir("full", 0755));
	close(new_file("full/f", "", 0));
	close(new_file("f", "", 0));
	MUST(symlink("d", "l"));
	EXPECT_FAIL(unlink("d"), EISDIR);
	EXPECT_FAIL(unlink("none"), ENOENT);
	EXPECT_FAIL(unlink(""), ENOENT);
	EXPECT_FAIL(unlink("f/"), ENOTDIR);
	EXPECT_FAIL(unlink("f/x"), ENOTDIR);
	EXPECT_FAIL(unlink(BAD_PTR), EFAULT);
	EXPECT_FAIL(unlink(long_name()), ENAMETOOLONG);
	EXPECT_FAIL(unlinkat(dir, "f", AT_REMOVEDIR), ENOTDIR);
	EXPECT_FAIL(unlinkat(dir, "f", 1), EINVAL);
	EXPECT_FAIL(unlinkat(dir, "d", 0), EISDIR);
	EXPECT_FAIL(unlinkat(BAD_FD, "f", 0), EBADF);
	EXPECT_FAIL(rmdir("full"), ENOTEMPTY);
	EXPECT_FAIL(rmdir("full/."), EINVAL);
	EXPECT_FAIL(rmdir("full/.."), ENOTEMPTY);
	EXPECT_FAIL(rmdir("f"), ENOTDIR);
	EXPECT_FAIL(rmdir("l"), ENOTDIR);
	EXPECT_FAIL(rmdir("/"), EBUSY);
	EXPECT_OK(unlinkat(dir, "d", AT_REMOVEDIR));
	EXPECT_OK(unlink("l"));
	EXPECT_FAIL(rmdir("d"), ENOENT);
}
