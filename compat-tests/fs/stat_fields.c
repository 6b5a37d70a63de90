/* stat(2): what each field says for files, directories, links, pipes and devices. */
#include "../test.h"
#include <sys/sysmacros.h>

TEST(regular_file)
{
	char data[10000] = "";
	struct stat st;
	mode_t old = umask(022);
	int fd = tmp_file("f", data, sizeof(data));

	umask(old);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0644);
	EXPECT_EQ(st.st_nlink, 1);
	EXPECT_EQ(st.st_uid, geteuid());
	EXPECT_EQ(st.st_gid, getegid());
	EXPECT_EQ(st.st_size, 10000);
	EXPECT_GT(st.st_blksize, 0);
	EXPECT_EQ(st.st_rdev, 0);
	fsync(fd);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_GE(st.st_blocks * 512, 10000);
	close(fd);
}

TEST(types)
{
	struct stat st;
	int p[2];

	EXPECT_OK(stat("/", &st));
	EXPECT(S_ISDIR(st.st_mode));
	EXPECT_OK(mkfifo(tmp_path("fifo"), 0600));
	EXPECT_OK(stat(tmp_path("fifo"), &st));
	EXPECT_EQ(st.st_mode, S_IFIFO | 0600);
	EXPECT_OK(pipe(p));
	EXPECT_OK(fstat(p[0], &st));
	EXPECT(S_ISFIFO(st.st_mode));
	EXPECT_EQ(st.st_mode & 0777, 0600);
	EXPECT_EQ(st.st_size, 0);
	close(p[0]);
	close(p[1]);
}

TEST(devices)
{
	static const struct { const char *path; int minor; } dev[] = {
		{ "/dev/null", 3 }, { "/dev/zero", 5 }, { "/dev/full", 7 }, { "/dev/random", 8 },
		{ "/dev/urandom", 9 },
	};
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(dev); i++) {
		EXPECT_OK(stat(dev[i].path, &st));
		EXPECT(S_ISCHR(st.st_mode));
		EXPECT_EQ(st.st_mode & 0666, 0666);
		EXPECT_EQ(major(st.st_rdev), 1);
		EXPECT_EQ(minor(st.st_rdev), dev[i].minor);
	}
}

TEST(inode_numbers)
{
	struct stat a, b, again;
	int fd = tmp_file("a", "", 0);

	close(tmp_file("b", "", 0));
	EXPECT_OK(stat(tmp_path("a"), &a));
	EXPECT_OK(stat(tmp_path("b"), &b));
	EXPECT_NE(a.st_ino, b.st_ino);
	EXPECT_EQ(a.st_dev, b.st_dev);
	EXPECT_OK(rename(tmp_path("a"), tmp_path("c")));
	EXPECT_OK(fstat(fd, &again));
	EXPECT_EQ(again.st_ino, a.st_ino);
	EXPECT_OK(stat("/proc/self", &b));
	EXPECT_NE(a.st_dev, b.st_dev);
	close(fd);
}

TEST(refusals)
{
	struct stat st;

	close(tmp_file("f", "", 0));
	EXPECT_ERRNO(stat("", &st), ENOENT);
	EXPECT_ERRNO(stat(tmp_path("none"), &st), ENOENT);
	EXPECT_ERRNO(stat(tmp_path("f/x"), &st), ENOTDIR);
	EXPECT_ERRNO(stat(tmp_path("f/."), &st), ENOTDIR);
	EXPECT_ERRNO(fstat(-1, &st), EBADF);
	EXPECT_ERRNO(fstat(500, &st), EBADF);
	EXPECT_ERRNO(syscall(SYS_stat, bad_ptr(), &st), EFAULT);
	EXPECT_ERRNO(syscall(SYS_stat, "/", bad_ptr()), EFAULT);
	EXPECT_ERRNO(syscall(SYS_fstat, 0, bad_ptr()), EFAULT);
}

TEST(root_has_no_parent)
{
	struct stat a, b;

	EXPECT_OK(stat("/", &a));
	EXPECT_OK(stat("/..", &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_EQ(a.st_dev, b.st_dev);
	EXPECT_OK(stat("//../../.", &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
}
