/* mkdir: errors, mode bits, and inheritance of the set-group-id bit. */
#include "../lst.h"

static void run(void)
{
	struct stat st;

	close(new_file("f", "", 0));
	MUST(symlink("none", "dangling"));
	EXPECT_FAIL(mkdir("f", 0755), EEXIST);
	EXPECT_FAIL(mkdir(".", 0755), EEXIST);
	EXPECT_FAIL(mkdir("/", 0755), EEXIST);
	EXPECT_FAIL(mkdir("dangling", 0755), EEXIST);
	EXPECT_FAIL(mkdir("", 0755), ENOENT);
	EXPECT_FAIL(mkdir("none/x", 0755), ENOENT);
	EXPECT_FAIL(mkdir("f/x", 0755), ENOTDIR);
	EXPECT_FAIL(mkdir(BAD_PTR, 0755), EFAULT);
	EXPECT_FAIL(mkdir(long_name(), 0755), ENAMETOOLONG);
	EXPECT_FAIL(mkdirat(BAD_FD, "x", 0755), EBADF);
	EXPECT_OK(mkdir("slash/", 0755));
	umask(0);
	EXPECT_OK(mkdir("bits", 07777));
	MUST(stat("bits", &st));
	EXPECT_EQ(st.st_mode & 07777, 01777);
	NEED_ROOT();
	MUST(chown("bits", -1, 55));
	MUST(chmod("bits", 02777));
	EXPECT_OK(mkdir("bits/sub", 0755));
	MUST(stat("bits/sub", &st));
	EXPECT_EQ(st.st_mode & 07777, 02755);
	EXPECT_EQ(st.st_gid, 55);
	close(new_file("bits/file", "", 0));
	MUST(stat("bits/file", &st));
	EXPECT_EQ(st.st_gid, 55);
}
