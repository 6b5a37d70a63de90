/* setxattr: flags, names, sizes, and files it refuses. */
#include "../lst.h"
#include <sys/xattr.h>

static void run(void)
{
	static char big[65537], name[300] = "user.";

	close(new_file("f", "", 0));
	if (setxattr("f", "user.a", "1", 1, 0) && errno == EOPNOTSUPP)
		CONF("no extended attributes here");
	EXPECT_FAIL(setxattr("f", "user.a", "2", 1, XATTR_CREATE), EEXIST);
	EXPECT_FAIL(setxattr("f", "user.b", "2", 1, XATTR_REPLACE), ENODATA);
	EXPECT_OK(setxattr("f", "user.a", "22", 2, XATTR_REPLACE));
	EXPECT_FAIL(setxattr("f", "user.c", "2", 1, 4), EINVAL);
	EXPECT_FAIL(setxattr("f", "", "2", 1, 0), ERANGE);
	EXPECT_FAIL(setxattr("f", "user.", "2", 1, 0), EINVAL);
	EXPECT_FAIL(setxattr("f", "odd.name", "2", 1, 0), EOPNOTSUPP);
	EXPECT_FAIL(setxattr("f", "user.c", big, sizeof(big), 0), E2BIG);
	memset(name + 5, 'n', 251);
	EXPECT_FAIL(setxattr("f", name, "2", 1, 0), ERANGE);
	EXPECT_FAIL(setxattr("none", "user.a", "2", 1, 0), ENOENT);
	EXPECT_FAIL(setxattr("f", BAD_PTR, "2", 1, 0), EFAULT);
	EXPECT_FAIL(setxattr("f", "user.a", BAD_PTR, 1, 0), EFAULT);
	EXPECT_OK(setxattr("f", "user.empty", NULL, 0, 0));
	MUST(symlink("f", "l"));
	EXPECT_FAIL(lsetxattr("l", "user.a", "2", 1, 0), EPERM);
	MUST(mkfifo("fifo", 0600));
	EXPECT_FAIL(setxattr("fifo", "user.a", "2", 1, 0), EPERM);
	EXPECT_FAIL(fsetxattr(BAD_FD, "user.a", "2", 1, 0), EBADF);
}
