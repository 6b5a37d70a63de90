/* statx: masks, flags, errors, and the fields against stat. */
#include "../lst.h"

static void run(void)
{
	struct statx sx;
	struct stat st;
	int fd = new_file("f", "12345", 5);

	MUST(stat("f", &st));
	EXPECT_OK(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &sx));
	EXPECT_EQ(sx.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
	EXPECT_EQ(sx.stx_ino, st.st_ino);
	EXPECT_EQ(sx.stx_size, 5);
	EXPECT_EQ(sx.stx_mode, st.st_mode);
	EXPECT_EQ(sx.stx_mtime.tv_sec, st.st_mtim.tv_sec);
	EXPECT_EQ(sx.stx_mtime.tv_nsec, st.st_mtim.tv_nsec);
	EXPECT_OK(statx(fd, "", AT_EMPTY_PATH, 0, &sx));
	EXPECT_OK(statx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC, STATX_SIZE, &sx));
	EXPECT_OK(statx(AT_FDCWD, "f", AT_STATX_DONT_SYNC, STATX_MNT_ID, &sx));
	EXPECT_FAIL(statx(AT_FDCWD, "f", AT_STATX_DONT_SYNC | AT_STATX_FORCE_SYNC, 0, &sx), EINVAL);
	EXPECT_FAIL(statx(AT_FDCWD, "f", 0, 0x80000000, &sx), EINVAL);
	EXPECT_FAIL(statx(AT_FDCWD, "f", 0x8000, STATX_SIZE, &sx), EINVAL);
	EXPECT_FAIL(statx(AT_FDCWD, "none", 0, STATX_SIZE, &sx), ENOENT);
	EXPECT_FAIL(statx(BAD_FD, "f", 0, STATX_SIZE, &sx), EBADF);
	EXPECT_FAIL(statx(AT_FDCWD, "f", 0, STATX_SIZE, BAD_PTR), EFAULT);
	EXPECT_FAIL(statx(AT_FDCWD, "", 0, STATX_SIZE, &sx), ENOENT);
}
