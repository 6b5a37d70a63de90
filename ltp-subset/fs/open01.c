/* open: paths and flags it refuses. */
#include "../lst.h"

static void run(void)
{
	int fd;

	MUST(mkdir("d", 0755));
	close(new_file("f", "", 0));
	EXPECT_FAIL(open("none", O_RDONLY), ENOENT);
	EXPECT_FAIL(open("", O_RDONLY), ENOENT);
	EXPECT_FAIL(open("f/x", O_RDONLY), ENOTDIR);
	EXPECT_FAIL(open("f/", O_RDONLY), ENOTDIR);
	EXPECT_FAIL(open("new/", O_RDWR | O_CREAT, 0600), EISDIR);
	EXPECT_FAIL(open("d", O_WRONLY), EISDIR);
	EXPECT_FAIL(open("d", O_RDWR), EISDIR);
	EXPECT_FAIL(open("d", O_RDONLY | O_CREAT, 0600), EISDIR);
	EXPECT_FAIL(open("d", O_RDONLY | O_TRUNC), EISDIR);
	EXPECT_FAIL(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	EXPECT_FAIL(open("f", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	EXPECT_FAIL(open("x", O_CREAT | O_DIRECTORY | O_RDWR, 0600), EINVAL);
	EXPECT_FAIL(open(BAD_PTR, O_RDONLY), EFAULT);
	EXPECT_FAIL(open(long_name(), O_RDONLY), ENAMETOOLONG);
	EXPECT_FAIL(open(long_path(), O_RDONLY), ENAMETOOLONG);
	EXPECT_FAIL(openat(BAD_FD, "f", O_RDONLY), EBADF);
	fd = MUST(open("f", O_RDONLY));
	EXPECT_FAIL(openat(fd, "x", O_RDONLY), ENOTDIR);
	EXPECT_OK(openat(BAD_FD, "/", O_RDONLY));
	MUST(symlink("none", "dangling"));
	EXPECT_FAIL(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	EXPECT_OK(open("dangling", O_RDWR | O_CREAT, 0600));
	EXPECT_OK(access("none", F_OK));
}
