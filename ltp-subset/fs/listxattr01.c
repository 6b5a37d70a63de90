/* listxattr and its kin: names one after the other, sizes, errors. */
#include "../lst.h"
#include <sys/xattr.h>

static void run(void)
{
	char buf[64];
	int fd = new_file("f", "", 0);

	if (setxattr("f", "user.one", "1", 1, 0) && errno == EOPNOTSUPP)
		CONF("no extended attributes here");
	MUST(symlink("f", "l"));
	EXPECT_EQ(listxattr("f", buf, sizeof(buf)), 9);
	EXPECT_STR(buf, "user.one");
	MUST(fsetxattr(fd, "user.two", "2", 1, 0));
	EXPECT_EQ(flistxattr(fd, NULL, 0), 18);
	EXPECT_EQ(flistxattr(fd, buf, sizeof(buf)), 18);
	EXPECT(memmem(buf, 18, "user.one", 9) && memmem(buf, 18, "user.two", 9));
	EXPECT_EQ(llistxattr("l", buf, sizeof(buf)), 0);
	EXPECT_EQ(listxattr("l", buf, sizeof(buf)), 18);
	EXPECT_FAIL(listxattr("f", buf, 17), ERANGE);
	EXPECT_FAIL(listxattr("none", buf, sizeof(buf)), ENOENT);
	EXPECT_FAIL(flistxattr(BAD_FD, buf, sizeof(buf)), EBADF);
	EXPECT_FAIL(listxattr("f", BAD_PTR, 64), EFAULT);
}
