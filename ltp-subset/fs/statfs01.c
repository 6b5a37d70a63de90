/* statfs and fstatfs: errors, and both say the same of one file. */
#include "../lst.h"
#include <sys/vfs.h>

static void run(void)
{
	struct statfs a, b;
	int fd = new_file("f", "", 0);

	EXPECT_OK(statfs("f", &a));
	EXPECT_OK(fstatfs(fd, &b));
	EXPECT_EQ(a.f_type, b.f_type);
	EXPECT_EQ(a.f_blocks, b.f_blocks);
	EXPECT_GT(a.f_bsize, 0);
	EXPECT_EQ(a.f_namelen, 255);
	EXPECT_GE(a.f_blocks, a.f_bfree);
	EXPECT_OK(statfs("/proc", &a));
	EXPECT_EQ(a.f_type, 0x9fa0);
	EXPECT_FAIL(statfs("none", &a), ENOENT);
	EXPECT_FAIL(statfs("f/x", &a), ENOTDIR);
	EXPECT_FAIL(statfs("f", BAD_PTR), EFAULT);
	EXPECT_FAIL(statfs(BAD_PTR, &a), EFAULT);
	EXPECT_FAIL(fstatfs(BAD_FD, &a), EBADF);
	EXPECT_FAIL(fstatfs(fd, BAD_PTR), EFAULT);
	int p[2];

	MUST(pipe(p));
	EXPECT_OK(fstatfs(p[0], &a));
	EXPECT_EQ(a.f_type, 0x50495045);
}
