/* linkat: a nameless file of O_TMPFILE gets a name; O_EXCL forbids it; an unlinked file cannot come back. */
#include "../lst.h"

static void run(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0600), excl;
	char path[64], buf[8];
	struct stat st;

	if (fd < 0 && errno == EOPNOTSUPP)
		CONF("no O_TMPFILE");
	MUST(fd);
	MUST(write(fd, "text", 4));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_OK(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 1);
	EXPECT_EQ(read(MUST(open("named", O_RDONLY)), buf, 8), 4);
	excl = MUST(open(".", O_TMPFILE | O_EXCL | O_RDWR, 0600));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", excl);
	EXPECT_FAIL(linkat(AT_FDCWD, path, AT_FDCWD, "x", AT_SYMLINK_FOLLOW), ENOENT);
	fd = new_file("gone", "", 0);
	MUST(unlink("gone"));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_FAIL(linkat(AT_FDCWD, path, AT_FDCWD, "x", AT_SYMLINK_FOLLOW), ENOENT);
	EXPECT_FAIL(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
}
