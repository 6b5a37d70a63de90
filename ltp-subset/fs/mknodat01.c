/* mknodat: kinds of nodes, modes, and what it refuses. */
#include "../lst.h"
#include <sys/sysmacros.h>

static void run(void)
{
	int dir = MUST(open(".", O_RDONLY | O_DIRECTORY));
	struct stat st;

	umask(027);
	EXPECT_OK(mknodat(dir, "reg", S_IFREG | 0666, 0));
	MUST(stat("reg", &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0640);
	EXPECT_OK(mknodat(dir, "plain", 0644, 0));
	MUST(stat("plain", &st));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_OK(mknodat(dir, "fifo", S_IFIFO | 0600, 0));
	EXPECT_OK(mknodat(dir, "sock", S_IFSOCK | 0600, 0));
	MUST(stat("sock", &st));
	EXPECT(S_ISSOCK(st.st_mode));
	EXPECT_FAIL(open("sock", O_RDWR), ENXIO);
	EXPECT_FAIL(mknodat(dir, "reg", S_IFREG | 0666, 0), EEXIST);
	EXPECT_FAIL(mknodat(dir, "none/x", S_IFREG | 0666, 0), ENOENT);
	EXPECT_FAIL(mknodat(dir, "d", S_IFDIR | 0755, 0), EPERM);
	EXPECT_FAIL(mknodat(dir, "e", S_IFMT, 0), EINVAL);
	EXPECT_FAIL(mknodat(BAD_FD, "x", S_IFREG, 0), EBADF);
	EXPECT_FAIL(mknodat(dir, BAD_PTR, S_IFREG, 0), EFAULT);
	NEED_ROOT();
	EXPECT_OK(mknodat(dir, "null", S_IFCHR | 0666, makedev(1, 3)));
	MUST(stat("null", &st));
	EXPECT_EQ(st.st_rdev, makedev(1, 3));
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(mknodat(dir, "x", S_IFREG | 0666, 0), EACCES);
	MUST(seteuid(0));
}
