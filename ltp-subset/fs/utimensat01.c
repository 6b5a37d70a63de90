/* utimensat: UTIME_NOW, UTIME_OMIT, links, descriptors and bad values. */
#include "../lst.h"

static void run(void)
{
	struct timespec ts[2] = { { 100, 5 }, { 200, 6 } }, omit[2] = { { 0, UTIME_OMIT }, { 300, 7 } };
	struct timespec none[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } }, now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
	struct timespec bad[2] = { { 0, 1000000000 }, { 0, 0 } };
	struct stat st;
	int fd = new_file("f", "", 0);

	MUST(symlink("f", "l"));
	EXPECT_OK(utimensat(AT_FDCWD, "f", ts, 0));
	EXPECT_OK(utimensat(AT_FDCWD, "f", omit, 0));
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_atim.tv_sec, 100);
	EXPECT_EQ(st.st_atim.tv_nsec, 5);
	EXPECT_EQ(st.st_mtim.tv_sec, 300);
	EXPECT_FAIL(utimensat(AT_FDCWD, "f", bad, 0), EINVAL);
	EXPECT_FAIL(utimensat(AT_FDCWD, "f", ts, 1), EINVAL);
	EXPECT_OK(utimensat(AT_FDCWD, "l", ts, AT_SYMLINK_NOFOLLOW));
	MUST(lstat("l", &st));
	EXPECT_EQ(st.st_mtim.tv_sec, 200);
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_mtim.tv_sec, 300);
	EXPECT_OK(syscall(SYS_utimensat, fd, NULL, ts, 0));
	EXPECT_FAIL(syscall(SYS_utimensat, fd, NULL, ts, AT_SYMLINK_NOFOLLOW), EINVAL);
	EXPECT_FAIL(syscall(SYS_utimensat, AT_FDCWD, NULL, ts, 0), EFAULT);
	EXPECT_OK(utimensat(AT_FDCWD, "none", none, 0));
	EXPECT_FAIL(utimensat(AT_FDCWD, "none", ts, 0), ENOENT);
	EXPECT_OK(utimensat(AT_FDCWD, "f", now, 0));
	MUST(stat("f", &st));
	EXPECT_LE(labs(st.st_mtim.tv_sec - time(NULL)), 2);
	EXPECT_OK(utimensat(fd, "", ts, AT_EMPTY_PATH));
}
