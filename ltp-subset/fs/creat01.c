/* creat: truncates, writes only, errors. */
#include "../lst.h"

static void run(void)
{
	struct stat st;
	char c;
	int fd;

	close(new_file("f", "text", 4));
	MUST(chmod("f", 0604));
	fd = EXPECT_OK(creat("f", 0777));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 0);
	EXPECT_EQ(st.st_mode & 07777, 0604);
	EXPECT_FAIL(read(fd, &c, 1), EBADF);
	EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_WRONLY);
	EXPECT_FAIL(creat(".", 0600), EISDIR);
	EXPECT_FAIL(creat("f/x", 0600), ENOTDIR);
	EXPECT_FAIL(creat(BAD_PTR, 0600), EFAULT);
	EXPECT_FAIL(creat(long_name(), 0600), ENAMETOOLONG);
	EXPECT_FAIL(creat("/proc/none", 0600), ENOENT);
}
