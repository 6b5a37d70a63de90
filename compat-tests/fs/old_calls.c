/*
 * The calls that libc has replaced by newer ones, made by number: they are still part of the ABI, and
 * static programs of other languages make them.
 */
#include "../test.h"
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

struct old_dirent {
	unsigned long ino, off;
	unsigned short reclen;
	char name[];
};

TEST(open_stat_lstat)
{
	const char *path = tmp_path("f"), *link = tmp_path("l");
	struct stat st;
	int fd = EXPECT_OK(syscall(SYS_open, path, O_RDWR | O_CREAT | O_EXCL, 0640));

	EXPECT_EQ(write(fd, "abc", 3), 3);
	EXPECT_OK(close(fd));
	EXPECT_ERRNO(syscall(SYS_open, path, O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST);
	EXPECT_OK(symlink("f", link));
	EXPECT_OK(syscall(SYS_stat, link, &st));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_EQ(st.st_size, 3);
	EXPECT_OK(syscall(SYS_lstat, link, &st));
	EXPECT(S_ISLNK(st.st_mode));
	EXPECT_EQ(st.st_size, 1);
	EXPECT_ERRNO(syscall(SYS_stat, tmp_path("none"), &st), ENOENT);
}

TEST(getdents)
{
	char buf[2048];
	int fd, seen = 0;
	long n;

	close(tmp_file("one", "", 0));
	close(tmp_file("two", "", 0));
	fd = EXPECT_OK(open(test_tmpdir(), O_RDONLY | O_DIRECTORY));
	while ((n = EXPECT_OK(syscall(SYS_getdents, fd, buf, sizeof(buf)))) > 0) {
		for (long at = 0; at < n; at += ((struct old_dirent *)(buf + at))->reclen) {
			struct old_dirent *d = (struct old_dirent *)(buf + at);
			char type = buf[at + d->reclen - 1];

			seen += !strcmp(d->name, "one") || !strcmp(d->name, "two");
			EXPECT(type == (d->name[0] == '.' ? 4 : 8) || type == 0);
		}
	}
	EXPECT_EQ(seen, 2);
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	EXPECT_ERRNO(syscall(SYS_getdents, fd, buf, 4), EINVAL);
	close(fd);
}

TEST(utime_utimes_futimesat)
{
	struct timeval tv[2] = { { 1000, 500000 }, { 2000, 250000 } }, bad[2] = { { 1, 1000000 }, { 1, 0 } };
	struct utimbuf t = { 11, 22 };
	const char *path = tmp_path("f");
	struct stat st;
	int dir;

	close(tmp_file("f", "", 0));
	EXPECT_OK(syscall(SYS_utime, path, &t));
	EXPECT_OK(stat(path, &st));
	EXPECT_EQ(st.st_atime, 11);
	EXPECT_EQ(st.st_mtime, 22);
	EXPECT_OK(syscall(SYS_utimes, path, tv));
	EXPECT_OK(stat(path, &st));
	EXPECT_EQ(st.st_atime, 1000);
	EXPECT_EQ(st.st_mtim.tv_nsec, 250000000);
	EXPECT_ERRNO(syscall(SYS_utimes, path, bad), EINVAL);
	dir = EXPECT_OK(open(test_tmpdir(), O_RDONLY | O_DIRECTORY));
	tv[0].tv_sec = 7;
	EXPECT_OK(syscall(SYS_futimesat, dir, "f", tv));
	EXPECT_OK(stat(path, &st));
	EXPECT_EQ(st.st_atime, 7);
	EXPECT_OK(syscall(SYS_utime, path, NULL));
	EXPECT_OK(stat(path, &st));
	EXPECT_GT(st.st_mtime, 1000000);
	close(dir);
}

TEST(mknod_fchown_faccessat)
{
	const char *path = tmp_path("fifo");
	struct stat st;
	int fd;

	EXPECT_OK(syscall(SYS_mknod, path, S_IFIFO | 0600, 0));
	EXPECT_OK(stat(path, &st));
	EXPECT(S_ISFIFO(st.st_mode));
	EXPECT_ERRNO(syscall(SYS_mknod, path, S_IFIFO | 0600, 0), EEXIST);
	fd = tmp_file("f", "", 0);
	EXPECT_OK(syscall(SYS_fchown, fd, getuid(), getgid()));
	EXPECT_OK(syscall(SYS_fchown, fd, -1, -1));
	EXPECT_ERRNO(syscall(SYS_fchown, -1, 0, 0), EBADF);
	EXPECT_OK(syscall(SYS_faccessat, AT_FDCWD, tmp_path("f"), R_OK | W_OK));
	EXPECT_ERRNO(syscall(SYS_faccessat, AT_FDCWD, tmp_path("none"), F_OK), ENOENT);
	close(fd);
}

TEST(xattr_of_a_link)
{
	const char *link = tmp_path("l");
	char buf[64];

	close(tmp_file("f", "", 0));
	EXPECT_OK(symlink("f", link));
	if (lsetxattr(tmp_path("f"), "user.a", "xyz", 3, 0) && errno == EOPNOTSUPP)
		SKIP("no extended attributes here");
	EXPECT_EQ(lgetxattr(tmp_path("f"), "user.a", buf, sizeof(buf)), 3);
	EXPECT_EQ(llistxattr(tmp_path("f"), buf, sizeof(buf)), sizeof("user.a"));
	EXPECT_ERRNO(lsetxattr(link, "user.a", "xyz", 3, 0), EPERM);
	EXPECT_EQ(getxattr(link, "user.a", buf, sizeof(buf)), 3);
	EXPECT_OK(lremovexattr(tmp_path("f"), "user.a"));
	EXPECT_ERRNO(lgetxattr(tmp_path("f"), "user.a", buf, sizeof(buf)), ENODATA);
}

TEST(file_system_types)
{
	char name[64] = "";
	long n = EXPECT_OK(syscall(SYS_sysfs, 3)), index;

	EXPECT_GT(n, 0);
	EXPECT_OK(syscall(SYS_sysfs, 2, 0, name));
	EXPECT(name[0]);
	index = EXPECT_OK(syscall(SYS_sysfs, 1, name));
	EXPECT_EQ(index, 0);
	EXPECT_ERRNO(syscall(SYS_sysfs, 1, "no such type"), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sysfs, 9), EINVAL);
}

TEST(sync_everything)
{
	int fd = tmp_file("f", "x", 1);

	EXPECT_EQ(syscall(SYS_sync), 0);
	EXPECT_OK(syncfs(fd));
	close(fd);
}
