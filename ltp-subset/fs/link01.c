/* link and linkat: errors, link counts, links to links, descriptors. */
#include "../lst.h"

static void run(void)
{
	struct stat st;
	int fd = new_file("f", "", 0);

	MUST(mkdir("d", 0755));
	MUST(symlink("f", "l"));
	MUST(symlink("none", "dangling"));
	EXPECT_FAIL(link("none", "x"), ENOENT);
	EXPECT_FAIL(link("f", "d"), EEXIST);
	EXPECT_FAIL(link("f", "f"), EEXIST);
	EXPECT_FAIL(link("d", "x"), EPERM);
	EXPECT_FAIL(link("f", "none/x"), ENOENT);
	EXPECT_FAIL(link("f", "f/x"), ENOTDIR);
	EXPECT_FAIL(link("f", "x/"), ENOENT);
	EXPECT_FAIL(link("f", ""), ENOENT);
	EXPECT_FAIL(link("f", long_name()), ENAMETOOLONG);
	EXPECT_FAIL(linkat(AT_FDCWD, "f", AT_FDCWD, "x", 1), EINVAL);
	EXPECT_FAIL(linkat(BAD_FD, "f", AT_FDCWD, "x", 0), EBADF);
	EXPECT_OK(link("l", "l2"));
	MUST(lstat("l2", &st));
	EXPECT(S_ISLNK(st.st_mode) && st.st_nlink == 2);
	EXPECT_OK(linkat(AT_FDCWD, "l", AT_FDCWD, "f2", AT_SYMLINK_FOLLOW));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 2);
	EXPECT_OK(link("dangling", "dangling2"));
	EXPECT_FAIL(linkat(AT_FDCWD, "dangling", AT_FDCWD, "x", AT_SYMLINK_FOLLOW), ENOENT);
}
