/* Calls that libc does not know yet, or not everywhere; skipped where this machine's Linux lacks them. */
#include "../test.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

TEST(fchmodat2)
{
	const char *path = tmp_path("f");
	struct stat st;

	close(tmp_file("f", "", 0));
	if (syscall(SYS_fchmodat2, AT_FDCWD, path, 0600, 0) && errno == ENOSYS)
		SKIP("not on this Linux");
	EXPECT_OK(stat(path, &st));
	EXPECT_EQ(st.st_mode & 07777, 0600);
	EXPECT_OK(syscall(SYS_fchmodat2, AT_FDCWD, path, 0640, AT_SYMLINK_NOFOLLOW));
	EXPECT_OK(stat(path, &st));
	EXPECT_EQ(st.st_mode & 07777, 0640);
	EXPECT_ERRNO(syscall(SYS_fchmodat2, AT_FDCWD, path, 0640, 0x10000), EINVAL);
	EXPECT_ERRNO(syscall(SYS_fchmodat2, AT_FDCWD, tmp_path("none"), 0640, 0), ENOENT);
}

TEST(cachestat)
{
	struct {
		uint64_t off, len;
	} range = { 0, 8192 };
	uint64_t out[5] = { 0 };
	char page[8192] = "x";
	int fd = tmp_file("f", page, sizeof(page));

	if (syscall(SYS_cachestat, fd, &range, out, 0) && errno == ENOSYS)
		SKIP("not on this Linux");
	EXPECT_LE(out[0], 2);
	EXPECT_ERRNO(syscall(SYS_cachestat, fd, &range, out, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_cachestat, -1, &range, out, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_cachestat, fd, bad_ptr(), out, 0), EFAULT);
	close(fd);
}
