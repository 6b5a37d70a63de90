/* faccessat2: flags, effective against real ids, links and empty paths. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "", 0), dir = MUST(open(".", O_RDONLY | O_DIRECTORY));

	MUST(symlink("none", "dangling"));
	MUST(chmod("f", 0600));
	EXPECT_OK(syscall(SYS_faccessat2, dir, "f", R_OK | W_OK, 0));
	EXPECT_FAIL(syscall(SYS_faccessat2, dir, "f", 8, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_faccessat2, dir, "f", R_OK, 0x8000), EINVAL);
	EXPECT_FAIL(syscall(SYS_faccessat2, dir, "f", X_OK, 0), EACCES);
	EXPECT_FAIL(syscall(SYS_faccessat2, BAD_FD, "f", R_OK, 0), EBADF);
	EXPECT_FAIL(syscall(SYS_faccessat2, fd, "f", R_OK, 0), ENOTDIR);
	EXPECT_FAIL(syscall(SYS_faccessat2, dir, "dangling", F_OK, 0), ENOENT);
	EXPECT_OK(syscall(SYS_faccessat2, dir, "dangling", F_OK, AT_SYMLINK_NOFOLLOW));
	EXPECT_OK(syscall(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH));
	EXPECT_FAIL(syscall(SYS_faccessat2, fd, "", R_OK, 0), ENOENT);
	EXPECT_FAIL(syscall(SYS_faccessat2, dir, BAD_PTR, R_OK, 0), EFAULT);
	NEED_ROOT();
	MUST(seteuid(LST_NOBODY));
	EXPECT_OK(syscall(SYS_faccessat2, dir, "f", R_OK, 0));
	EXPECT_FAIL(syscall(SYS_faccessat2, dir, "f", R_OK, AT_EACCESS), EACCES);
	MUST(seteuid(0));
}
