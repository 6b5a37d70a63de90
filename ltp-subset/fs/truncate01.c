/* truncate and ftruncate: errors, growth with zeros, descriptors. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), ro = MUST(open("f", O_RDONLY)), p[2];
	char buf[16];

	MUST(pipe(p));
	EXPECT_FAIL(truncate("f", -1), EINVAL);
	EXPECT_FAIL(truncate("none", 1), ENOENT);
	EXPECT_FAIL(truncate(".", 1), EISDIR);
	EXPECT_FAIL(truncate("f/x", 1), ENOTDIR);
	EXPECT_FAIL(truncate(BAD_PTR, 1), EFAULT);
	EXPECT_FAIL(ftruncate(fd, -1), EINVAL);
	EXPECT_FAIL(ftruncate(ro, 1), EINVAL);
	EXPECT_FAIL(ftruncate(p[1], 1), EINVAL);
	EXPECT_FAIL(ftruncate(BAD_FD, 1), EBADF);
	EXPECT_OK(ftruncate(fd, 4));
	EXPECT_OK(truncate("f", 8));
	EXPECT_EQ(read(ro, buf, 16), 8);
	EXPECT_MEM(buf, "0123\0\0\0\0", 8);
	EXPECT_EQ(read(ro, buf, 16), 0);
	EXPECT_OK(ftruncate(fd, 2));
	EXPECT_EQ(read(ro, buf, 16), 0);
	EXPECT_EQ(lseek(ro, 0, SEEK_CUR), 8);
}
