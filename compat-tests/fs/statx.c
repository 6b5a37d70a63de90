/* statx(2): fields agree with stat, masks, AT_EMPTY_PATH, link following, refusals. */
#include "../test.h"
#include <sys/sysmacros.h>

static void expect_same(const struct statx *x, const struct stat *s)
{
	EXPECT_EQ(x->stx_mode, s->st_mode);
	EXPECT_EQ(x->stx_ino, s->st_ino);
	EXPECT_EQ(x->stx_nlink, s->st_nlink);
	EXPECT_EQ(x->stx_uid, s->st_uid);
	EXPECT_EQ(x->stx_gid, s->st_gid);
	EXPECT_EQ(x->stx_size, s->st_size);
	EXPECT_EQ(x->stx_blocks, s->st_blocks);
	EXPECT_EQ(x->stx_blksize, s->st_blksize);
	EXPECT_EQ(makedev(x->stx_dev_major, x->stx_dev_minor), s->st_dev);
	EXPECT_EQ(makedev(x->stx_rdev_major, x->stx_rdev_minor), s->st_rdev);
	EXPECT_EQ(x->stx_mtime.tv_sec, s->st_mtim.tv_sec);
	EXPECT_EQ(x->stx_mtime.tv_nsec, s->st_mtim.tv_nsec);
	EXPECT_EQ(x->stx_ctime.tv_nsec, s->st_ctim.tv_nsec);
	EXPECT_EQ(x->stx_atime.tv_nsec, s->st_atim.tv_nsec);
}

TEST(agrees_with_stat)
{
	const char *paths[] = { tmp_path("f"), test_tmpdir(), "/dev/null", "/proc/self/exe" };
	struct statx x;
	struct stat s;

	close(tmp_file("f", "hello", 5));
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		EXPECT_OK(statx(AT_FDCWD, paths[i], 0, STATX_BASIC_STATS, &x));
		EXPECT_EQ(x.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
		EXPECT_OK(stat(paths[i], &s));
		expect_same(&x, &s);
	}
}

TEST(nofollow)
{
	struct statx x;
	struct stat s;

	EXPECT_OK(symlink("dangling", tmp_path("l")));
	EXPECT_OK(statx(AT_FDCWD, tmp_path("l"), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &x));
	EXPECT_OK(lstat(tmp_path("l"), &s));
	expect_same(&x, &s);
	EXPECT_EQ(x.stx_size, 8);
	EXPECT_ERRNO(statx(AT_FDCWD, tmp_path("l"), 0, STATX_BASIC_STATS, &x), ENOENT);
}

TEST(by_descriptor)
{
	struct statx x;
	struct stat s;
	int fd = tmp_file("f", "abc", 3);

	EXPECT_OK(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x));
	EXPECT_OK(fstat(fd, &s));
	expect_same(&x, &s);
	EXPECT_ERRNO(statx(fd, "", 0, STATX_BASIC_STATS, &x), ENOENT);
	EXPECT_ERRNO(statx(fd, "x", 0, STATX_BASIC_STATS, &x), ENOTDIR);
	EXPECT_ERRNO(statx(-1, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x), EBADF);
	close(fd);
}

TEST(refusals)
{
	struct statx x;

	EXPECT_ERRNO(statx(AT_FDCWD, "/", 0x40000000, STATX_BASIC_STATS, &x), EINVAL);
	EXPECT_ERRNO(statx(AT_FDCWD, "/", 0, 0x80000000u, &x), EINVAL);
	EXPECT_ERRNO(statx(AT_FDCWD, "/", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, 0, &x), EINVAL);
	EXPECT_ERRNO(statx(AT_FDCWD, "/", 0, STATX_BASIC_STATS, bad_ptr()), EFAULT);
	EXPECT_ERRNO(syscall(SYS_statx, AT_FDCWD, bad_ptr(), 0, STATX_BASIC_STATS, &x), EFAULT);
	EXPECT_OK(statx(AT_FDCWD, "/", AT_STATX_FORCE_SYNC, 0, &x));
}
