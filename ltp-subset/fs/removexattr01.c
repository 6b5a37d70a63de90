/* removexattr, lremovexattr and fremovexattr. */
#include "../lst.h"
#include <sys/xattr.h>

static void run(void)
{
	int fd = new_file("f", "", 0);

	if (setxattr("f", "user.a", "1", 1, 0) && errno == EOPNOTSUPP)
		CONF("no extended attributes here");
	MUST(setxattr("f", "user.b", "1", 1, 0));
	MUST(symlink("f", "l"));
	EXPECT_OK(removexattr("f", "user.a"));
	EXPECT_FAIL(removexattr("f", "user.a"), ENODATA);
	EXPECT_FAIL(lremovexattr("l", "user.b"), EPERM);
	EXPECT_OK(fremovexattr(fd, "user.b"));
	EXPECT_EQ(listxattr("f", NULL, 0), 0);
	EXPECT_FAIL(fremovexattr(BAD_FD, "user.a"), EBADF);
	EXPECT_FAIL(removexattr("none", "user.a"), ENOENT);
	EXPECT_FAIL(removexattr("f", BAD_PTR), EFAULT);
	EXPECT_FAIL(removexattr("f", ""), ERANGE);
	NEED_ROOT();
	MUST(setxattr("f", "trusted.t", "1", 1, 0));
	MUST(setxattr("f", "user.c", "1", 1, 0));
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(removexattr("f", "user.c"), EACCES);
	EXPECT_FAIL(removexattr("f", "trusted.t"), EPERM);
	EXPECT_FAIL(getxattr("f", "trusted.t", NULL, 0), ENODATA);
	MUST(seteuid(0));
}
