/* chmod: errors, and bits above the permissions. */
#include "../lst.h"

static void run(void)
{
	struct stat st;
	int fd = new_file("f", "", 0);

	MUST(symlink("loop", "loop"));
	EXPECT_FAIL(chmod("none", 0600), ENOENT);
	EXPECT_FAIL(chmod("", 0600), ENOENT);
	EXPECT_FAIL(chmod("f/x", 0600), ENOTDIR);
	EXPECT_FAIL(chmod("loop", 0600), ELOOP);
	EXPECT_FAIL(chmod(long_name(), 0600), ENAMETOOLONG);
	EXPECT_FAIL(chmod(long_path(), 0600), ENAMETOOLONG);
	EXPECT_FAIL(chmod(BAD_PTR, 0600), EFAULT);
	EXPECT_FAIL(fchmod(BAD_FD, 0600), EBADF);
	EXPECT_OK(chmod("f", 0170000 | 07777));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 07777);
	NEED_ROOT();
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(chmod("f", 0600), EPERM);
	EXPECT_FAIL(fchmod(fd, 0600), EPERM);
	MUST(seteuid(0));
}
