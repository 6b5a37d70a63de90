/* fchmodat2: links themselves, empty paths, and bad flags. */
#include "../lst.h"
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static void run(void)
{
	int fd = new_file("f", "", 0), path = MUST(open("f", O_PATH));
	struct stat st;

	MUST(symlink("f", "l"));
	if (syscall(SYS_fchmodat2, AT_FDCWD, "f", 0600, 0) && errno == ENOSYS)
		CONF("no fchmodat2");
	EXPECT_OK(syscall(SYS_fchmodat2, AT_FDCWD, "l", 0640, 0));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_mode & 07777, 0640);
	EXPECT_FAIL(syscall(SYS_fchmodat2, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW), EOPNOTSUPP);
	EXPECT_OK(syscall(SYS_fchmodat2, AT_FDCWD, "f", 0604, AT_SYMLINK_NOFOLLOW));
	EXPECT_OK(syscall(SYS_fchmodat2, path, "", 04711, AT_EMPTY_PATH));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_mode & 07777, 04711);
	EXPECT_FAIL(syscall(SYS_fchmodat2, path, "", 0600, 0), ENOENT);
	EXPECT_FAIL(syscall(SYS_fchmodat2, AT_FDCWD, "f", 0600, 0x400), EINVAL);
	EXPECT_FAIL(fchmod(path, 0600), EBADF);
}
