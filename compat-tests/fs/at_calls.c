/*
 * The *at forms: paths relative to a directory descriptor, AT_FDCWD, absolute paths that ignore
 * the descriptor, AT_EMPTY_PATH, bad descriptors and flags.
 */
#include "../test.h"

static int tmp_dir_fd(void)
{
	return EXPECT_OK(open(test_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TEST(openat)
{
	int d = tmp_dir_fd(), fd = EXPECT_OK(openat(d, "f", O_CREAT | O_RDWR, 0644));

	EXPECT_EQ(access(tmp_path("f"), F_OK), 0);
	EXPECT_ERRNO(openat(fd, "g", O_RDONLY), ENOTDIR);
	EXPECT_ERRNO(openat(-1, "f", O_RDONLY), EBADF);
	EXPECT_ERRNO(openat(d, "", O_RDONLY), ENOENT);
	close(EXPECT_OK(openat(-1, tmp_path("f"), O_RDONLY)));
	EXPECT_OK(chdir(test_tmpdir()));
	close(EXPECT_OK(openat(AT_FDCWD, "f", O_RDONLY)));
	close(fd);
	close(d);
}

TEST(mkdirat_unlinkat)
{
	int d = tmp_dir_fd();

	EXPECT_OK(mkdirat(d, "x", 0755));
	EXPECT_ERRNO(mkdirat(d, "x", 0755), EEXIST);
	EXPECT_ERRNO(unlinkat(d, "x", 0), EISDIR);
	EXPECT_OK(unlinkat(d, "x", AT_REMOVEDIR));
	EXPECT_ERRNO(unlinkat(d, "x", AT_REMOVEDIR), ENOENT);
	close(EXPECT_OK(openat(d, "f", O_CREAT | O_RDWR, 0644)));
	EXPECT_ERRNO(unlinkat(d, "f", AT_REMOVEDIR), ENOTDIR);
	EXPECT_ERRNO(unlinkat(d, "f", 0x8000), EINVAL);
	EXPECT_OK(unlinkat(d, "f", 0));
	close(d);
}

TEST(linkat_empty_path)
{
	int d = tmp_dir_fd(), fd = EXPECT_OK(openat(d, "f", O_CREAT | O_RDWR, 0644));
	struct stat st;

	EXPECT_OK(linkat(d, "f", d, "g", 0));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 2);
	EXPECT_ERRNO(linkat(d, "f", d, "h", 0x8000), EINVAL);
	EXPECT_ERRNO(linkat(fd, "", d, "h", 0), ENOENT);
	close(fd);
	close(d);
}

TEST(symlinkat_readlinkat)
{
	char buf[8];
	int d = tmp_dir_fd();

	EXPECT_OK(symlinkat("to", d, "l"));
	EXPECT_EQ(readlinkat(d, "l", buf, sizeof(buf)), 2);
	EXPECT_MEM(buf, "to", 2);
	EXPECT_ERRNO(symlinkat("to", d, "l"), EEXIST);
	EXPECT_ERRNO(readlinkat(d, "none", buf, 8), ENOENT);
	close(d);
}

TEST(fstatat_flags)
{
	int d = tmp_dir_fd(), fd = EXPECT_OK(openat(d, "f", O_CREAT | O_RDWR, 0644));
	struct stat st;

	EXPECT_OK(symlinkat("f", d, "l"));
	EXPECT_OK(fstatat(d, "l", &st, 0));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_OK(fstatat(d, "l", &st, AT_SYMLINK_NOFOLLOW));
	EXPECT(S_ISLNK(st.st_mode));
	EXPECT_OK(fstatat(fd, "", &st, AT_EMPTY_PATH));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_OK(fstatat(AT_FDCWD, "", &st, AT_EMPTY_PATH));
	EXPECT(S_ISDIR(st.st_mode));
	EXPECT_ERRNO(fstatat(fd, "", &st, 0), ENOENT);
	EXPECT_ERRNO(fstatat(d, "f", &st, 0x80000000), EINVAL);
	EXPECT_ERRNO(fstatat(999, "f", &st, 0), EBADF);
	close(fd);
	close(d);
}

TEST(fchmodat_fchownat_faccessat)
{
	int d = tmp_dir_fd();
	struct stat st;

	close(EXPECT_OK(openat(d, "f", O_CREAT | O_RDWR, 0644)));
	EXPECT_OK(fchmodat(d, "f", 0600, 0));
	EXPECT_OK(fstatat(d, "f", &st, 0));
	EXPECT_EQ(st.st_mode & 07777, 0600);
	EXPECT_OK(fchownat(d, "f", -1, -1, 0));
	EXPECT_OK(fchownat(d, "f", st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW));
	EXPECT_ERRNO(fchownat(d, "f", 0, 0, 0x4000000), EINVAL);
	EXPECT_OK(faccessat(d, "f", R_OK | W_OK, 0));
	EXPECT_ERRNO(faccessat(d, "f", 8, 0), EINVAL);
	EXPECT_ERRNO(faccessat(d, "none", F_OK, 0), ENOENT);
	close(d);
}

TEST(removed_directory)
{
	struct stat st;
	int d;

	EXPECT_OK(mkdir(tmp_path("gone"), 0755));
	d = EXPECT_OK(open(tmp_path("gone"), O_RDONLY | O_DIRECTORY));
	EXPECT_OK(rmdir(tmp_path("gone")));
	EXPECT_ERRNO(openat(d, "f", O_CREAT | O_RDWR, 0644), ENOENT);
	EXPECT_ERRNO(mkdirat(d, "f", 0755), ENOENT);
	EXPECT_ERRNO(symlinkat("x", d, "f"), ENOENT);
	EXPECT_OK(fstat(d, &st));
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_OK(fstatat(d, ".", &st, 0));
	close(d);
}
