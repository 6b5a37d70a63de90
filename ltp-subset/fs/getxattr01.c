/* getxattr, lgetxattr and fgetxattr: sizes, missing names, empty values. */
#include "../lst.h"
#include <sys/xattr.h>

static void run(void)
{
	char buf[16] = "";
	int fd = new_file("f", "", 0);

	if (setxattr("f", "user.a", "value", 5, 0) && errno == EOPNOTSUPP)
		CONF("no extended attributes here");
	MUST(setxattr("f", "user.empty", "", 0, 0));
	MUST(symlink("f", "l"));
	EXPECT_EQ(getxattr("f", "user.a", buf, sizeof(buf)), 5);
	EXPECT_STR(buf, "value");
	EXPECT_EQ(getxattr("l", "user.a", NULL, 0), 5);
	EXPECT_EQ(fgetxattr(fd, "user.a", buf, 5), 5);
	EXPECT_EQ(getxattr("f", "user.empty", buf, sizeof(buf)), 0);
	EXPECT_FAIL(getxattr("f", "user.a", buf, 4), ERANGE);
	EXPECT_FAIL(getxattr("f", "user.b", buf, sizeof(buf)), ENODATA);
	EXPECT_FAIL(lgetxattr("l", "user.a", buf, sizeof(buf)), ENODATA);
	EXPECT_FAIL(getxattr("f", "odd.name", buf, sizeof(buf)), EOPNOTSUPP);
	EXPECT_FAIL(getxattr("none", "user.a", buf, sizeof(buf)), ENOENT);
	EXPECT_FAIL(fgetxattr(BAD_FD, "user.a", buf, sizeof(buf)), EBADF);
	EXPECT_FAIL(getxattr("f", "user.a", BAD_PTR, 16), EFAULT);
	EXPECT_FAIL(getxattr("f", BAD_PTR, buf, sizeof(buf)), EFAULT);
}
