/* open: a new file's mode is less the umask, and counts only for later opens; the set-group-id bit. */
#include "../lst.h"

static void run(void)
{
	struct stat st;
	int fd;

	umask(0);
	fd = EXPECT_OK(open("none", O_RDWR | O_CREAT, 0));
	EXPECT_EQ(write(fd, "x", 1), 1);
	fd = EXPECT_OK(open("bits", O_RDONLY | O_CREAT, 07777));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 07777);
	umask(0137);
	fd = EXPECT_OK(open("masked", O_RDONLY | O_CREAT, 0777));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_mode & 07777, 0640);
	NEED_ROOT();
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(open("none", O_RDONLY), EACCES);
	EXPECT_FAIL(open("masked", O_WRONLY), EACCES);
	EXPECT_FAIL(open("new", O_RDWR | O_CREAT, 0600), EACCES);
	EXPECT_FAIL(open("bits", O_RDONLY | O_NOATIME), EPERM);
	MUST(seteuid(0));
}
