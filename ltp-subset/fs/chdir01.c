/* chdir and fchdir: errors and permission to search. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "", 0), dir;

	MUST(mkdir("d", 0755));
	MUST(symlink("loop", "loop"));
	EXPECT_FAIL(chdir("f"), ENOTDIR);
	EXPECT_FAIL(chdir("none"), ENOENT);
	EXPECT_FAIL(chdir(""), ENOENT);
	EXPECT_FAIL(chdir("loop"), ELOOP);
	EXPECT_FAIL(chdir(BAD_PTR), EFAULT);
	EXPECT_FAIL(chdir(long_name()), ENAMETOOLONG);
	EXPECT_FAIL(fchdir(fd), ENOTDIR);
	EXPECT_FAIL(fchdir(BAD_FD), EBADF);
	dir = MUST(open("d", O_RDONLY));
	EXPECT_OK(fchdir(dir));
	EXPECT_OK(access("../f", F_OK));
	EXPECT_OK(chdir(".."));
	NEED_ROOT();
	MUST(chmod("d", 0600));
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(chdir("d"), EACCES);
	EXPECT_FAIL(fchdir(dir), EACCES);
	EXPECT_FAIL(open("d/x", O_RDONLY), EACCES);
	MUST(seteuid(0));
}
