/* chown, lchown and fchownat: errors, -1 keeps, links themselves, and the set-id bits that go. */
#include "../lst.h"

static void run(void)
{
	struct stat st;
	int fd = new_file("f", "", 0);

	NEED_ROOT();
	MUST(symlink("f", "l"));
	EXPECT_FAIL(chown("none", 1, 1), ENOENT);
	EXPECT_FAIL(chown("f/x", 1, 1), ENOTDIR);
	EXPECT_FAIL(chown(BAD_PTR, 1, 1), EFAULT);
	EXPECT_FAIL(fchown(BAD_FD, 1, 1), EBADF);
	EXPECT_FAIL(fchownat(AT_FDCWD, "f", 1, 1, 0x8000), EINVAL);
	EXPECT_OK(chown("f", 10, 20));
	EXPECT_OK(chown("f", -1, 21));
	EXPECT_OK(chown("f", 11, -1));
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_uid, 11);
	EXPECT_EQ(st.st_gid, 21);
	EXPECT_OK(lchown("l", 5, 6));
	MUST(lstat("l", &st));
	EXPECT_EQ(st.st_uid, 5);
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_uid, 11);
	EXPECT_OK(fchownat(fd, "", 12, 22, AT_EMPTY_PATH));
	EXPECT_OK(fchownat(AT_FDCWD, "l", 7, 8, AT_SYMLINK_NOFOLLOW));
	MUST(lstat("l", &st));
	EXPECT_EQ(st.st_gid, 8);
	MUST(chmod("f", 06755));
	EXPECT_OK(chown("f", 13, 23));
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_mode & 07777, 0755);
	MUST(chmod("f", 02644));
	EXPECT_OK(chown("f", 13, 24));
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_mode & 07777, 02644);
}
