/* statfs(2), fstatfs(2) and statvfs(3): sane numbers, magic of proc, refusals. */
#include "../test.h"
#include <sys/statvfs.h>
#include <sys/vfs.h>

TEST(numbers_make_sense)
{
	struct statfs s, f;
	int fd = tmp_file("f", "", 0);

	EXPECT_OK(statfs(test_tmpdir(), &s));
	EXPECT_GT(s.f_bsize, 0);
	EXPECT_GE(s.f_blocks, s.f_bfree);
	EXPECT_GE(s.f_bfree, s.f_bavail);
	EXPECT_GE(s.f_files, s.f_ffree);
	EXPECT_EQ(s.f_namelen, 255);
	EXPECT_OK(fstatfs(fd, &f));
	EXPECT_EQ(f.f_type, s.f_type);
	EXPECT_EQ(f.f_bsize, s.f_bsize);
	close(fd);
}

TEST(proc_magic)
{
	struct statfs s;

	EXPECT_OK(statfs("/proc/self/status", &s));
	EXPECT_EQ(s.f_type, 0x9fa0);
}

TEST(statvfs_agrees)
{
	struct statvfs v;
	struct statfs s;

	EXPECT_OK(statvfs(test_tmpdir(), &v));
	EXPECT_OK(statfs(test_tmpdir(), &s));
	EXPECT_EQ(v.f_bsize, s.f_bsize);
	EXPECT_EQ(v.f_namemax, s.f_namelen);
	EXPECT(!(v.f_flag & ST_RDONLY));
}

TEST(refusals)
{
	struct statfs s;

	close(tmp_file("f", "", 0));
	EXPECT_ERRNO(statfs(tmp_path("none"), &s), ENOENT);
	EXPECT_ERRNO(statfs(tmp_path("f/x"), &s), ENOTDIR);
	EXPECT_ERRNO(fstatfs(-1, &s), EBADF);
	EXPECT_ERRNO(statfs("/", bad_ptr()), EFAULT);
	EXPECT_ERRNO(syscall(SYS_statfs, bad_ptr(), &s), EFAULT);
}
