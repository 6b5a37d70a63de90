/* symlink and readlink: errors, lengths, contents as given. */
#include "../lst.h"

static void run(void)
{
	char buf[PATH_MAX], target[PATH_MAX];
	struct stat st;

	memset(target, 't', sizeof(target));
	target[PATH_MAX - 1] = 0;
	EXPECT_OK(symlink(target, "long"));
	EXPECT_EQ(readlink("long", buf, sizeof(buf)), PATH_MAX - 1);
	MUST(lstat("long", &st));
	EXPECT_EQ(st.st_size, PATH_MAX - 1);
	EXPECT_EQ(st.st_mode, S_IFLNK | 0777);
	EXPECT_FAIL(symlink("", "x"), ENOENT);
	EXPECT_FAIL(symlink("a", ""), ENOENT);
	EXPECT_FAIL(symlink("a", "long"), EEXIST);
	EXPECT_FAIL(symlink("a", "none/x"), ENOENT);
	EXPECT_FAIL(symlink(long_path(), "x"), ENAMETOOLONG);
	EXPECT_FAIL(symlink(BAD_PTR, "x"), EFAULT);
	EXPECT_FAIL(symlinkat("a", BAD_FD, "x"), EBADF);
	EXPECT_OK(symlink("//a/../b", "odd"));
	EXPECT_EQ(readlink("odd", buf, 4), 4);
	EXPECT_MEM(buf, "//a/", 4);
	EXPECT_FAIL(readlink("odd", buf, 0), EINVAL);
	EXPECT_FAIL(readlink(".", buf, 8), EINVAL);
	EXPECT_FAIL(readlink("none", buf, 8), ENOENT);
	EXPECT_FAIL(readlink("odd", BAD_PTR, 8), EFAULT);
	EXPECT_FAIL(readlinkat(AT_FDCWD, "", buf, 8), ENOENT);
	EXPECT_EQ(readlinkat(MUST(open("odd", O_PATH | O_NOFOLLOW)), "", buf, 64), 8);
}
