/* stat, lstat, fstat and newfstatat: errors and flags. */
#include "../lst.h"

static void run(void)
{
	struct stat st;
	int fd = new_file("f", "12345", 5), dir = MUST(open(".", O_RDONLY | O_DIRECTORY));

	MUST(symlink("f", "l"));
	EXPECT_FAIL(stat("none", &st), ENOENT);
	EXPECT_FAIL(stat("", &st), ENOENT);
	EXPECT_FAIL(stat("f/x", &st), ENOTDIR);
	EXPECT_FAIL(syscall(SYS_stat, BAD_PTR, &st), EFAULT);
	EXPECT_FAIL(syscall(SYS_stat, "f", BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_lstat, long_name(), &st), ENAMETOOLONG);
	EXPECT_FAIL(syscall(SYS_fstat, BAD_FD, &st), EBADF);
	EXPECT_FAIL(fstatat(dir, "f", &st, 0x8000), EINVAL);
	EXPECT_FAIL(fstatat(BAD_FD, "f", &st, 0), EBADF);
	EXPECT_FAIL(fstatat(fd, "x", &st, 0), ENOTDIR);
	EXPECT_OK(fstatat(fd, "", &st, AT_EMPTY_PATH));
	EXPECT_EQ(st.st_size, 5);
	EXPECT_OK(fstatat(dir, "l", &st, AT_SYMLINK_NOFOLLOW));
	EXPECT_EQ(st.st_size, 1);
	EXPECT_OK(fstatat(dir, "l", &st, AT_NO_AUTOMOUNT));
	EXPECT_EQ(st.st_size, 5);
	EXPECT_EQ(st.st_blksize, 4096);
}
