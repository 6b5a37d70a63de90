/* vfs.c: names, permissions, rename, links, descriptors, locks, attributes: the VFS on ramfs by
 * system calls. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/stat.h"
#include "process/process.h"
#include "test/fs_env.h"

#define mkdir_(n, m)  CALL(mkdir, U(n), m)
#define rename_(a, b) CALL(rename, U(a), U(b))
#define unlink_(n)    CALL(unlink, U(n))

UNIT_TEST(vfs, names)
{
	char name[300];

	fs_env_init();
	CHECK_EQ(mkdir_("/a", 0755), 0);
	CHECK_EQ(mkdir_("/a/b", 0755), 0);
	CHECK_EQ(mkdir_("/a/b/", 0755), -EEXIST);
	CHECK_EQ(mkdir_("/a/c/", 0755), 0);
	CHECK_EQ(mkdir_("/x/y", 0755), -ENOENT);
	CHECK_EQ(write_file("/a/f", "hello"), 5);
	CHECK_STR(read_file("/a/f"), "hello");
	CHECK_STR(read_file("/a/../a/./b/..//f"), "hello");
	CHECK_STR(read_file("/../../a/f"), "hello");
	CHECK_EQ(open_at("/a/f/", O_RDONLY, 0), -ENOTDIR);
	CHECK_EQ(open_at("/a/f/x", O_RDONLY, 0), -ENOTDIR);
	CHECK_EQ(open_at("/a/new/", O_CREAT | O_WRONLY, 0644), -EISDIR);
	CHECK_EQ(open_at("/a", O_WRONLY, 0), -EISDIR);
	CHECK_EQ(open_at("/a", O_CREAT | O_RDONLY, 0), -EISDIR);
	CHECK_EQ(open_at("/a/f", O_CREAT | O_EXCL | O_WRONLY, 0), -EEXIST);
	CHECK_EQ(open_at("", O_RDONLY, 0), -ENOENT);
	CHECK_EQ(CALL(open, 1, O_RDONLY, 0), -EFAULT);
	memset(name, 'n', sizeof(name));
	name[256] = 0;
	CHECK_EQ(open_at(name, O_RDONLY, 0), -ENAMETOOLONG);
	name[255] = 0;
	CHECK_EQ(open_at(name, O_RDONLY, 0), -ENOENT);
	CHECK_EQ(write_file(name, "x"), 1);
	CHECK_EQ(CALL(chdir, U("a/b")), 0);
	CHECK_STR(read_file("../f"), "hello");
	CHECK_EQ(CALL(getcwd, UBUF, 4096), 5);
	CHECK_STR(ubuf, "/a/b");
	CHECK_EQ(CALL(getcwd, UBUF, 4), -ERANGE);
	CHECK_EQ(CALL(rmdir, U("../b")), 0);
	CHECK_EQ(CALL(getcwd, UBUF, 4096), -ENOENT);
	CHECK_EQ(write_file("gone", "x"), -ENOENT);
	CHECK_EQ(CALL(rmdir, U("/a/.")), -EINVAL);
	CHECK_EQ(CALL(rmdir, U("/a/c/..")), -ENOTEMPTY);
	CHECK_EQ(CALL(rmdir, U("/")), -EBUSY);
	CHECK_EQ(CALL(rmdir, U("/a/f")), -ENOTDIR);
	CHECK_EQ(unlink_("/a/c"), -EISDIR);
	CHECK_EQ(unlink_("/a/f/"), -ENOTDIR);
	CHECK_EQ(CALL(chdir, U("/")), 0);
	fs_env_exit();
}

UNIT_TEST(vfs, symlinks)
{
	fs_env_init();
	mkdir_("/d", 0755);
	write_file("/d/f", "text");
	CHECK_EQ(CALL(symlink, U("d/f"), U("/l")), 0);
	CHECK_EQ(CALL(symlink, U("/d"), U("/ld")), 0);
	CHECK_EQ(CALL(symlink, U("loop"), U("/loop")), 0);
	CHECK_EQ(CALL(symlink, U("absent"), U("/dangling")), 0);
	CHECK_STR(read_file("/l"), "text");
	CHECK_STR(read_file("/ld/f"), "text");
	CHECK_STR(read_file("/ld/../l"), "text");
	CHECK_EQ(open_at("/l", O_RDONLY | O_NOFOLLOW, 0), -ELOOP);
	CHECK_EQ(open_at("/loop", O_RDONLY, 0), -ELOOP);
	CHECK_EQ(open_at("/loop/x", O_RDONLY, 0), -ELOOP);
	CHECK_EQ(open_at("/dangling", O_RDONLY, 0), -ENOENT);
	CHECK_EQ(open_at("/dangling", O_CREAT | O_EXCL | O_WRONLY, 0644), -EEXIST);
	CHECK_EQ(write_file("/dangling", "made"), 4);
	CHECK_STR(read_file("/absent"), "made");
	CHECK_EQ(CALL(readlink, U("/ld"), UBUF, 100), 2);
	CHECK_EQ(CALL(readlink, U("/d"), UBUF, 100), -EINVAL);
	CHECK(S_ISLNK(stat_of("/ld")->st_mode));
	CHECK(S_ISDIR(stat_of("/ld/")->st_mode));
	CHECK_EQ(CALL(rmdir, U("/ld/")), -ENOTDIR);
	CHECK_EQ(unlink_("/ld"), 0);
	CHECK_STR(read_file("/d/f"), "text");
	fs_env_exit();
}

UNIT_TEST(vfs, rename_matrix)
{
	fs_env_init();
	mkdir_("/d1", 0755);
	mkdir_("/d2", 0755);
	mkdir_("/d1/sub", 0755);
	write_file("/f1", "1");
	write_file("/f2", "2");
	write_file("/d2/f", "3");
	CHECK_EQ(rename_("/f1", "/f2"), 0);
	CHECK_STR(read_file("/f2"), "1");
	CHECK_EQ(open_at("/f1", O_RDONLY, 0), -ENOENT);
	CHECK_EQ(rename_("/f2", "/d1"), -EISDIR);
	CHECK_EQ(rename_("/d1", "/f2"), -ENOTDIR);
	CHECK_EQ(rename_("/d1", "/d2"), -ENOTEMPTY);
	CHECK_EQ(rename_("/d1", "/d1/sub/x"), -EINVAL);
	CHECK_EQ(rename_("/d1/sub", "/d1"), -ENOTEMPTY);
	CHECK_EQ(rename_("/absent", "/x"), -ENOENT);
	CHECK_EQ(rename_("/f2", "/x/"), -ENOTDIR);
	CHECK_EQ(rename_("/d1/.", "/x"), -EBUSY);
	CHECK_EQ(rename_("/", "/x"), -EBUSY);
	CHECK_EQ(stat_of("/")->st_nlink, 4);
	CHECK_EQ(rename_("/d1/sub", "/d2/moved"), 0);
	CHECK_EQ(stat_of("/d1")->st_nlink, 2);
	CHECK_EQ(stat_of("/d2")->st_nlink, 3);
	CHECK_EQ(rename_("/d2/moved", "/d1"), 0);
	CHECK_EQ(stat_of("/")->st_nlink, 4);
	CHECK_STR(list_dir("/"), "d1 d2 f2");
	CHECK_EQ(CALL(link, U("/f2"), U("/f3")), 0);
	CHECK_EQ(rename_("/f2", "/f3"), 0); /* the same file: nothing happens */
	CHECK_STR(list_dir("/"), "d1 d2 f2 f3");
	CHECK_EQ(CALL(renameat2, (uint64_t)AT_FDCWD, U("/f2"), (uint64_t)AT_FDCWD, U("/d2"),
		      RENAME_NOREPLACE),
		 -EEXIST);
	CHECK_EQ(CALL(renameat2, (uint64_t)AT_FDCWD, U("/f2"), (uint64_t)AT_FDCWD, U("/d2"),
		      RENAME_EXCHANGE),
		 0);
	CHECK_STR(read_file("/f2/f"), "3");
	CHECK_STR(read_file("/d2"), "1");
	CHECK_EQ(CALL(renameat2, (uint64_t)AT_FDCWD, U("/f2"), (uint64_t)AT_FDCWD, U("/q"),
		      RENAME_EXCHANGE),
		 -ENOENT);
	CHECK_EQ(CALL(renameat2, (uint64_t)AT_FDCWD, U("/f2"), (uint64_t)AT_FDCWD, U("/q"), 3),
		 -EINVAL);
	fs_env_exit();
}

UNIT_TEST(vfs, hard_links_and_unlinked_files)
{
	int fd;

	fs_env_init();
	write_file("/f", "one");
	CHECK_EQ(CALL(link, U("/f"), U("/g")), 0);
	CHECK_EQ(CALL(link, U("/f"), U("/g")), -EEXIST);
	CHECK_EQ(CALL(link, U("/"), U("/h")), -EPERM);
	CHECK_EQ(stat_of("/g")->st_nlink, 2);
	fd = open_at("/f", O_RDWR, 0);
	CHECK_EQ(unlink_("/f"), 0);
	CHECK_EQ(unlink_("/g"), 0);
	CHECK_EQ(CALL(fstat, (uint64_t)fd, UBUF), 0);
	CHECK_EQ(((struct stat *)ubuf)->st_nlink, 0);
	CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, 10, 0), 3);
	CHECK_EQ(CALL(linkat, (uint64_t)fd, U(""), (uint64_t)AT_FDCWD, U("/back"), AT_EMPTY_PATH),
		 -ENOENT);
	CHECK_EQ(CALL(close, (uint64_t)fd), 0);
	fd = open_at("/", O_TMPFILE | O_RDWR, 0600);
	CHECK(fd >= 0);
	CHECK_EQ(CALL(write, (uint64_t)fd, U("tmp"), 3), 3);
	CHECK_EQ(CALL(linkat, (uint64_t)fd, U(""), (uint64_t)AT_FDCWD, U("/named"), AT_EMPTY_PATH),
		 0);
	CHECK_STR(read_file("/named"), "tmp");
	fs_env_exit();
}

UNIT_TEST(vfs, permissions)
{
	fs_env_init();
	mkdir_("/t", 0777);
	CALL(chmod, U("/t"), 01777);
	write_file("/root", "secret");
	CALL(chmod, U("/root"), 0600);
	mkdir_("/closed", 0700);
	write_file("/closed/f", "x");
	write_file("/t/roots", "x");
	fs_env_user(1000);
	CHECK_EQ(open_at("/root", O_RDONLY, 0), -EACCES);
	CHECK_EQ(open_at("/closed/f", O_RDONLY, 0), -EACCES);
	CHECK_EQ(open_at("/new", O_CREAT | O_WRONLY, 0644), -EACCES);
	CHECK_EQ(unlink_("/t/roots"), -EPERM);
	CHECK_EQ(write_file("/t/mine", "y"), 1);
	CHECK_EQ(CALL(chmod, U("/t/mine"), 04755), 0);
	CHECK_EQ(CALL(chmod, U("/t/roots"), 0777), -EPERM);
	CHECK_EQ(CALL(chown, U("/t/mine"), 0, 0), -EPERM);
	CHECK_EQ(CALL(access, U("/root"), 4), -EACCES);
	CHECK_EQ(write_file("/t/mine", "z"), 1); /* a write takes the set-id bit away */
	CHECK_EQ(stat_of("/t/mine")->st_mode & 07777, 0755);
	CHECK_EQ(open_at("/t/roots", O_RDONLY | O_NOATIME, 0), -EPERM);
	fs_env_user(0);
	CHECK_EQ(CALL(chown, U("/t/mine"), 7, 8), 0);
	CHECK_EQ(stat_of("/t/mine")->st_uid, 7);
	CHECK_EQ(stat_of("/t/mine")->st_gid, 8);
	CHECK_EQ(CALL(chmod, U("/t"), 02777), 0);
	CALL(chown, U("/t"), (uint64_t)-1, 55);
	CHECK_EQ(mkdir_("/t/sub", 0755), 0);
	CHECK_EQ(stat_of("/t/sub")->st_gid, 55);
	CHECK_EQ(stat_of("/t/sub")->st_mode & 07777, 02755);
	fs_env_exit();
}

UNIT_TEST(vfs, descriptors)
{
	int fd, i;

	fs_env_init();
	write_file("/f", "abc");
	CHECK_EQ(open_at("/f", O_RDONLY, 0), 0);
	CHECK_EQ(CALL(dup, 0), 1);
	CHECK_EQ(CALL(dup2, 0, 100), 100);
	CHECK_EQ(CALL(dup2, 0, 0), 0);
	CHECK_EQ(CALL(dup2, 55, 55), -EBADF);
	CHECK_EQ(CALL(dup3, 0, 0, 0), -EINVAL);
	CHECK_EQ(CALL(dup3, 0, 5, O_CLOEXEC), 5);
	CHECK_EQ(CALL(fcntl, 5, F_GETFD), 1);
	CHECK_EQ(CALL(fcntl, 0, F_DUPFD, 10), 10);
	CHECK_EQ(CALL(fcntl, 0, F_DUPFD_CLOEXEC, 10), 11);
	CHECK_EQ(CALL(fcntl, 0, F_DUPFD, 1024), -EINVAL);
	CHECK_EQ(CALL(dup2, 0, 1024), -EBADF);
	CHECK_EQ(CALL(read, 0, UBUF, 1), 1); /* one position for all */
	CHECK_EQ(CALL(lseek, 100, 0, SEEK_CUR), 1);
	fdtable_close_on_exec(unit_process.files);
	CHECK_EQ(CALL(fcntl, 5, F_GETFD), -EBADF);
	CHECK_EQ(CALL(fcntl, 11, F_GETFD), -EBADF);
	for (i = 0; (fd = (int)CALL(dup, 0)) >= 0; i++)
		;
	CHECK_EQ(fd, -EMFILE);
	CHECK_EQ(i, 1024 - 4);
	CHECK_EQ(open_at("/f", O_RDONLY, 0), -EMFILE);
	CHECK_EQ(CALL(close_range, 3, (uint64_t)~0U, 0), 0);
	CHECK_EQ(fdtable_next(unit_process.files, 2), 2);
	CHECK_EQ(fdtable_next(unit_process.files, 3), -1);
	CHECK_EQ(CALL(close, 3), -EBADF);
	CHECK_EQ(CALL(close, (uint64_t)-1), -EBADF);
	fs_env_exit();
}

static long lock_call(int fd, int cmd, int type, long start, long len)
{
	struct flock *fl = (void *)ubuf;

	*fl = (struct flock){.l_type = (int16_t)type, .l_start = start, .l_len = len};
	return CALL(fcntl, (uint64_t)fd, (uint64_t)cmd, UBUF);
}

UNIT_TEST(vfs, record_locks)
{
	struct fdtable *mine, *other;
	struct flock *fl;
	int a, b;

	fs_env_init();
	fl = (void *)ubuf;
	write_file("/f", "0123456789");
	a = open_at("/f", O_RDWR, 0);
	mine = unit_process.files;
	other = fdtable_copy(mine);
	CHECK_EQ(lock_call(a, F_SETLK, F_WRLCK, 0, 10), 0);
	CHECK_EQ(lock_call(a, F_SETLK, F_UNLCK, 4, 2), 0); /* splits */
	unit_process.files = other;
	unit_process.pid = 200;
	CHECK_EQ(lock_call(a, F_SETLK, F_RDLCK, 0, 1), -EAGAIN);
	CHECK_EQ(lock_call(a, F_SETLK, F_WRLCK, 4, 2), 0);
	CHECK_EQ(lock_call(a, F_GETLK, F_WRLCK, 0, 0), 0);
	CHECK_EQ(fl->l_type, F_WRLCK);
	CHECK_EQ(fl->l_start, 0);
	CHECK_EQ(fl->l_len, 4);
	CHECK_EQ(fl->l_pid, 100);
	unit_process.files = mine;
	unit_process.pid = 100;
	CHECK_EQ(lock_call(a, F_SETLK, F_RDLCK, 0, 4), 0);
	CHECK_EQ(lock_call(a, F_SETLK, F_RDLCK, 6, 4), 0);
	CHECK_EQ(lock_call(a, F_SETLK, F_WRLCK, 3, 3), -EAGAIN);
	CHECK_EQ(lock_call(a, F_SETLK, 7, 0, 0), -EINVAL);
	CHECK_EQ(lock_call(a, F_SETLK, F_WRLCK, -1, 0), -EINVAL);
	b = open_at("/f", O_RDONLY, 0);
	CHECK_EQ(lock_call(b, F_SETLK, F_WRLCK, 0, 1), -EBADF);
	CHECK_EQ(CALL(close, (uint64_t)b), 0); /* closing any descriptor drops the process' locks */
	unit_process.files = other;
	CHECK_EQ(lock_call(a, F_SETLK, F_WRLCK, 0, 0), 0);
	CHECK_EQ(lock_call(a, F_OFD_SETLK, F_WRLCK, 0, 0), -EAGAIN);
	fdtable_put(other);
	unit_process.files = mine;
	CHECK_EQ(lock_call(a, F_OFD_SETLK, F_WRLCK, 0, 0), 0);
	CHECK_EQ(lock_call(a, F_SETLK, F_RDLCK, 5, 1), -EAGAIN);
	fs_env_exit();
}

UNIT_TEST(vfs, flock)
{
	int a, b;

	fs_env_init();
	a = open_at("/f", O_CREAT | O_RDWR, 0644);
	b = open_at("/f", O_RDWR, 0);
	CHECK_EQ(CALL(flock, (uint64_t)a, LOCK_SH), 0);
	CHECK_EQ(CALL(flock, (uint64_t)b, LOCK_SH), 0);
	CHECK_EQ(CALL(flock, (uint64_t)b, LOCK_EX | LOCK_NB), -EAGAIN);
	CHECK_EQ(CALL(close, (uint64_t)a), 0);
	CHECK_EQ(CALL(flock, (uint64_t)b, LOCK_EX | LOCK_NB), 0);
	a = open_at("/f", O_RDWR, 0);
	CHECK_EQ(CALL(flock, (uint64_t)a, LOCK_SH | LOCK_NB), -EAGAIN);
	unit_thread.sig_pending = 1;
	CHECK_EQ(CALL(flock, (uint64_t)a, LOCK_SH), -512);
	unit_thread.sig_pending = 0;
	CHECK_EQ(CALL(flock, (uint64_t)b, LOCK_UN), 0);
	CHECK_EQ(CALL(flock, (uint64_t)a, LOCK_SH | LOCK_EX), -EINVAL);
	fs_env_exit();
}

UNIT_TEST(vfs, xattr)
{
	fs_env_init();
	write_file("/f", "");
	CHECK_EQ(CALL(setxattr, U("/f"), U("user.a"), U("val"), 3, 0), 0);
	CHECK_EQ(CALL(setxattr, U("/f"), U("user.a"), U("v2"), 2, XATTR_CREATE), -EEXIST);
	CHECK_EQ(CALL(setxattr, U("/f"), U("user.b"), U("v2"), 2, XATTR_REPLACE), -ENODATA);
	CHECK_EQ(CALL(setxattr, U("/f"), U("odd.b"), U("v2"), 2, 0), -EOPNOTSUPP);
	CHECK_EQ(CALL(getxattr, U("/f"), U("user.a"), UBUF, 0), 3);
	CHECK_EQ(CALL(getxattr, U("/f"), U("user.a"), UBUF, 2), -ERANGE);
	CHECK_EQ(CALL(getxattr, U("/f"), U("user.a"), UBUF, 9), 3);
	CHECK_EQ(CALL(setxattr, U("/f"), U("trusted.t"), U("v2"), 2, 0), 0);
	CHECK_EQ(CALL(listxattr, U("/f"), UBUF, 100), 17);
	fs_env_user(5);
	CHECK_EQ(CALL(listxattr, U("/f"), UBUF, 100), 7);
	CHECK_EQ(CALL(setxattr, U("/f"), U("user.a"), U("v2"), 2, 0), -EACCES);
	fs_env_user(0);
	CHECK_EQ(CALL(removexattr, U("/f"), U("user.a")), 0);
	CHECK_EQ(CALL(removexattr, U("/f"), U("user.a")), -ENODATA);
	fs_env_exit();
}

UNIT_TEST(vfs, mounts)
{
	struct super_block *sb;

	fs_env_init();
	mkdir_("/m", 0755);
	write_file("/m/below", "x");
	CHECK_EQ(CALL(mount, U("none"), U("/m"), U("tmpfs"), 0, U("size=8k,mode=700")), 0);
	CHECK_EQ(stat_of("/m")->st_mode & 07777, 0700);
	CHECK_STR(list_dir("/m"), "");
	CHECK_EQ(write_file("/m/f", "hello"), 5);
	CHECK_EQ(rename_("/m/f", "/f"), -EXDEV);
	CHECK_EQ(CALL(link, U("/m/f"), U("/f")), -EXDEV);
	CHECK_EQ(CALL(rmdir, U("/m")), -EBUSY);
	CHECK_EQ(rename_("/m", "/n"), -EBUSY);
	CHECK_STR(read_file("/m/../m/f"), "hello");
	CHECK_EQ(CALL(chdir, U("/m")), 0);
	CHECK_EQ(CALL(umount2, U("/m"), 0), -EBUSY);
	CHECK_EQ(CALL(chdir, U("..")), 0);
	CHECK_EQ(CALL(mount, 0, U("/m"), 0, MS_REMOUNT | MS_RDONLY, 0), 0);
	CHECK_EQ(write_file("/m/g", "x"), -EROFS);
	CHECK_EQ(unlink_("/m/f"), -EROFS);
	CHECK_EQ(mkdir_("/m/f", 0755), -EEXIST);
	CHECK_EQ(CALL(umount2, U("/m"), 0), 0);
	CHECK_STR(list_dir("/m"), "below");
	CHECK_EQ(CALL(umount2, U("/m"), 0), -EINVAL);
	CHECK_EQ(CALL(mount, U("x"), U("/m"), U("nosuch"), 0, 0), -ENODEV);
	CHECK_EQ(CALL(mount, U("x"), U("/m"), U("tmpfs"), 0, U("size=x")), -EINVAL);
	CHECK_EQ(ramfs_create(&sb), 0);
	fs_env_mount(sb, "/m");
	write_file("/m/a", "a");
	CHECK_EQ(mkdir_("/b", 0755), 0);
	CHECK_EQ(CALL(mount, U("/m"), U("/b"), 0, MS_BIND, 0), 0);
	CHECK_STR(read_file("/b/a"), "a");
	CHECK_EQ(CALL(umount2, U("/m"), MNT_DETACH), 0);
	CHECK_STR(read_file("/b/a"), "a");
	CHECK_EQ(CALL(umount2, U("/b"), 0), 0);
	fs_env_exit();
}

UNIT_TEST(vfs, space_limit)
{
	fs_env_init();
	mkdir_("/m", 0755);
	CHECK_EQ(CALL(mount, U("none"), U("/m"), U("tmpfs"), 0, U("size=8k,nr_inodes=4")), 0);
	int fd = open_at("/m/f", O_CREAT | O_RDWR, 0644);
	CHECK_EQ(CALL(write, (uint64_t)fd, UBUF, 20000), 8192);
	CHECK_EQ(CALL(write, (uint64_t)fd, UBUF, 1), -ENOSPC);
	CHECK_EQ(CALL(ftruncate, (uint64_t)fd, 4096), 0);
	CHECK_EQ(CALL(pwrite64, (uint64_t)fd, UBUF, 4096, 100000),
		 4096 - (100000 % 4096 ? 100000 % 4096 : 0));
	CHECK_EQ(write_file("/m/g", ""), 0);
	CHECK_EQ(write_file("/m/h", ""), 0);
	CHECK_EQ(write_file("/m/i", ""), -ENOSPC);
	CHECK_EQ(unlink_("/m/g"), 0);
	CHECK_EQ(write_file("/m/i", ""), 0);
	fs_env_exit();
}

UNIT_TEST(vfs, dirs)
{
	struct linux_dirent64 *d;
	char name[32];
	long n, fd, seen = 0;
	int64_t third = 0;

	fs_env_init();
	mkdir_("/d", 0755);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "/d/file%d", i);
		CHECK_EQ(write_file(name, ""), 0);
	}
	fd = open_at("/d", O_RDONLY, 0);
	CHECK_EQ(CALL(getdents64, (uint64_t)fd, UBUF, 20), -EINVAL);
	while ((n = CALL(getdents64, (uint64_t)fd, UBUF, 256)) > 0) {
		for (long at = 0; at < n; seen++) {
			d = (void *)(ubuf + at);
			if (seen == 2)
				third = d->d_off;
			at += d->d_reclen;
		}
	}
	CHECK_EQ(seen, 302);
	CHECK_EQ(CALL(lseek, (uint64_t)fd, (uint64_t)third, SEEK_SET), third);
	CHECK(CALL(getdents64, (uint64_t)fd, UBUF, 64) > 0);
	d = (void *)ubuf;
	CHECK_STR(d->d_name, "file1");
	/* removing while reading: everything else is still seen once */
	CALL(lseek, (uint64_t)fd, 0, SEEK_SET);
	seen = 0;
	while ((n = CALL(getdents64, (uint64_t)fd, UBUF, 128)) > 0) {
		char at[40];

		for (long o = 0; o < n; o += ((struct linux_dirent64 *)(ubuf + o))->d_reclen)
			seen++;
		d = (void *)ubuf;
		snprintf(at, sizeof(at), "/d/%s", d->d_name);
		if (d->d_name[0] == 'f')
			CHECK_EQ(unlink_(at), 0);
	}
	CHECK_EQ(seen, 302);
	fs_env_exit();
}

UNIT_TEST(vfs, openat2_and_path_files)
{
	struct open_how *how;
	long dir, fd;

	fs_env_init();
	how = (void *)ubuf;
	mkdir_("/d", 0755);
	mkdir_("/d/e", 0755);
	write_file("/d/e/f", "inner");
	write_file("/out", "outer");
	CALL(symlink, U("/out"), U("/d/abs"));
	CALL(symlink, U("../out"), U("/d/up"));
	CALL(symlink, U("e/f"), U("/d/ok"));
	dir = open_at("/d", O_PATH | O_DIRECTORY, 0);
#define OPEN2(name_, resolve_)                                                                     \
	(*how = (struct open_how){.resolve = resolve_},                                            \
	 CALL(openat2, (uint64_t)dir, U(name_), UBUF, sizeof(*how)))
	CHECK_EQ(OPEN2("abs", RESOLVE_BENEATH), -EXDEV);
	CHECK_EQ(OPEN2("up", RESOLVE_BENEATH), -EXDEV);
	CHECK_EQ(OPEN2("../out", RESOLVE_BENEATH), -EXDEV);
	CHECK_EQ(OPEN2("e/../../out", RESOLVE_BENEATH), -EXDEV);
	CHECK(OPEN2("ok", RESOLVE_BENEATH) >= 0);
	CHECK_EQ(OPEN2("ok", RESOLVE_NO_SYMLINKS), -ELOOP);
	CHECK_EQ(OPEN2("abs", RESOLVE_IN_ROOT), -ENOENT);
	CHECK(OPEN2("/../e/f", RESOLVE_IN_ROOT) >= 0);
	CHECK_EQ(OPEN2("ok", 0x1000), -EINVAL);
	*how = (struct open_how){.flags = 1UL << 40};
	CHECK_EQ(CALL(openat2, (uint64_t)dir, U("ok"), UBUF, sizeof(*how)), -EINVAL);
	CHECK_EQ(CALL(openat2, (uint64_t)dir, U("ok"), UBUF, 8), -EINVAL);
	fd = open_at("/d/abs", O_PATH | O_NOFOLLOW, 0);
	CHECK(fd >= 0);
	CHECK_EQ(CALL(read, (uint64_t)fd, UBUF, 1), -EBADF);
	CHECK_EQ(CALL(fchmod, (uint64_t)fd, 0600), -EBADF);
	CHECK_EQ(CALL(readlinkat, (uint64_t)fd, U(""), UBUF, 100), 4);
	CHECK_EQ(CALL(fcntl, (uint64_t)fd, F_GETFL), O_PATH | O_NOFOLLOW);
	CHECK_EQ(CALL(newfstatat, (uint64_t)fd, U(""), UBUF, AT_EMPTY_PATH), 0);
	CHECK(S_ISLNK(((struct stat *)ubuf)->st_mode));
	CHECK_EQ(CALL(openat, (uint64_t)dir, U("e/f"), O_RDONLY, 0), fd + 1);
	CHECK_EQ(CALL(openat, (uint64_t)(fd + 1), U("x"), O_RDONLY, 0), -ENOTDIR);
	CHECK_EQ(CALL(openat, 77, U("x"), O_RDONLY, 0), -EBADF);
	fs_env_exit();
}

UNIT_TEST(vfs, path_names)
{
	struct file *anon;
	struct path p;
	char buf[200], *name;

	fs_env_init();
	mkdir_("/a", 0755);
	mkdir_("/a/b", 0755);
	CHECK_EQ(path_lookup(AT_FDCWD, "/a/b", 0, &p), 0);
	CHECK_EQ(path_name(&p, buf, sizeof(buf), &name), 0);
	CHECK_STR(name, "/a/b");
	CHECK_EQ(path_name(&p, buf, 4, &name), -ENAMETOOLONG);
	CHECK_EQ(rename_("/a/b", "/moved"), 0);
	CHECK_EQ(path_name(&p, buf, sizeof(buf), &name), 0);
	CHECK_STR(name, "/moved");
	CHECK_EQ(CALL(chroot, U("/a")), 0);
	CHECK_EQ(path_name(&p, buf, sizeof(buf), &name), 0);
	CHECK_STR(name, "(unreachable)/moved");
	CHECK_EQ(CALL(rmdir, U("moved")), 0); /* the working directory is the old root still */
	CHECK_EQ(path_name(&p, buf, sizeof(buf), &name), 0);
	CHECK_STR(name, "(unreachable)/moved (deleted)");
	path_put(&p);
	CHECK_EQ(file_open_anon("memfd:x", 0, &anon), 0);
	CHECK_EQ(path_name(&anon->path, buf, sizeof(buf), &name), 0);
	CHECK_STR(name, "/memfd:x (deleted)");
	CHECK_EQ(file_pwrite(anon, "hi", 2, 0), 2);
	anon->inode->seals = 0;
	CHECK_EQ(fd_install(anon, 0, false), 0);
	CHECK_EQ(CALL(fcntl, 0, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE), 0);
	CHECK_EQ(CALL(fcntl, 0, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_WRITE);
	CHECK_EQ(CALL(write, 0, U("x"), 1), -EPERM);
	CHECK_EQ(CALL(ftruncate, 0, 1), -EPERM);
	CHECK_EQ(CALL(ftruncate, 0, 5), 0);
	CHECK_EQ(CALL(fcntl, 0, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_GROW), 0);
	CHECK_EQ(CALL(ftruncate, 0, 6), -EPERM);
	CHECK_EQ(CALL(fcntl, 0, F_ADD_SEALS, F_SEAL_GROW), -EPERM);
	fs_env_exit();
}

UNIT_TEST(vfs, limits_and_times)
{
	struct timespec64 *ts;
	struct stat *st;

	fs_env_init();
	ts = (void *)(ubuf + 4096);
	unit_process.rlim[1].cur = 100; /* RLIMIT_FSIZE */
	write_file("/f", "x");
	int fd = open_at("/f", O_RDWR, 0);
	CHECK_EQ(CALL(pwrite64, (uint64_t)fd, UBUF, 50, 80), 20);
	CHECK_EQ(CALL(pwrite64, (uint64_t)fd, UBUF, 50, 100), -EFBIG);
	CHECK(unit_thread.sig_pending & 1UL << 24);
	CHECK_EQ(CALL(ftruncate, (uint64_t)fd, 101), -EFBIG);
	ts[0] = (struct timespec64){1, 2};
	ts[1] = (struct timespec64){3, UTIME_OMIT};
	CHECK_EQ(CALL(utimensat, (uint64_t)AT_FDCWD, U("/f"), UBUF + 4096, 0), 0);
	st = stat_of("/f");
	CHECK_EQ(st->atime_sec, 1);
	CHECK_EQ(st->atime_nsec, 2);
	CHECK(st->mtime_sec > 1000);
	ts[0].nsec = -1;
	CHECK_EQ(CALL(utimensat, (uint64_t)AT_FDCWD, U("/f"), UBUF + 4096, 0), -EINVAL);
	CHECK_EQ(CALL(utimensat, (uint64_t)fd, 0, 0, 0), 0);
	fs_env_exit();
}

/* Every allocation fails once: errors come back as errors, nothing breaks or leaks. */
UNIT_TEST(vfs, out_of_memory)
{
	fs_env_init();
	for (long fail = 0; fail < 60; fail++) {
		dcache_prune(0);
		unit_alloc_fail_after = fail;
		(void)mkdir_("/d", 0755);
		(void)mkdir_("/d/a-directory-with-a-name-too-long-for-the-inline-buffer", 0755);
		(void)open_at("/d/f", O_CREAT | O_RDWR, 0644);
		(void)CALL(write, 0, U("text"), 4);
		(void)CALL(symlink, U("f"), U("/d/s"));
		(void)CALL(link, U("/d/f"), U("/d/g"));
		(void)rename_("/d/g", "/d/h");
		(void)CALL(setxattr, U("/d/h"), U("user.a"), U("val"), 3, 0);
		(void)CALL(stat, U("/d/s"), UBUF);
		(void)CALL(fcntl, 0, F_SETLK, 1);
		(void)CALL(mount, U("x"), U("/d"), U("tmpfs"), 0, 0);
		unit_alloc_fail_after = -1;
		(void)CALL(umount2, U("/d"), 0);
		(void)CALL(close, 0);
		(void)unlink_("/d/f");
		(void)unlink_("/d/g");
		(void)unlink_("/d/h");
		(void)unlink_("/d/s");
		(void)CALL(rmdir, U("/d/a-directory-with-a-name-too-long-for-the-inline-buffer"));
		CHECK(CALL(rmdir, U("/d")) == 0 || fail < 20);
		CHECK_STR(list_dir("/"), "");
	}
	fs_env_exit();
}

/* Random calls on few names: no crash, and the tree's invariants hold. */
UNIT_TEST(vfs, fuzz)
{
	static const char *const parts[] = {"a", "b", "c", "..", ".", "l", "", "d"};
	uint64_t x = 88172645463325252UL;
	char n1[64], n2[64];

	fs_env_init();
	for (int round = 0; round < 30000; round++) {
		char *n[2] = {n1, n2};

		for (int k = 0; k < 2; k++) {
			n[k][0] = 0;
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			for (unsigned c = 0; c <= x % 5; c++) {
				strlcat(n[k], c || x & 64 ? "/" : "", 64);
				strlcat(n[k], parts[x >> (8 + 3 * c) & 7], 64);
			}
		}
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		switch (x % 10) {
		case 0:
			(void)mkdir_(n1, 0755);
			break;
		case 1:
			(void)rename_(n1, n2);
			break;
		case 2:
			(void)unlink_(n1);
			break;
		case 3:
			(void)CALL(rmdir, U(n1));
			break;
		case 4:
			(void)CALL(symlink, U(n1), U(n2));
			break;
		case 5:
			(void)CALL(link, U(n1), U(n2));
			break;
		case 6:
			(void)write_file(n1, n2);
			break;
		case 7:
			(void)CALL(renameat2, (uint64_t)AT_FDCWD, U(n1), (uint64_t)AT_FDCWD, U(n2),
				   RENAME_EXCHANGE);
			break;
		case 8:
			(void)CALL(chdir, U(n1));
			break;
		case 9:
			(void)read_file(n1);
			break;
		}
		if (round % 1000 == 0)
			dcache_prune(0);
	}
	CHECK_EQ(CALL(chdir, U("/")), 0);
	fs_env_exit();
}
