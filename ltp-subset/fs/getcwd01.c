/* getcwd: buffer sizes and the string's length. */
#include "../lst.h"

static void run(void)
{
	char buf[PATH_MAX], small[2];
	long n;

	n = EXPECT_OK(syscall(SYS_getcwd, buf, sizeof(buf)));
	EXPECT_EQ(n, strlen(buf) + 1);
	EXPECT_STR(buf, lst_dir);
	EXPECT_FAIL(syscall(SYS_getcwd, small, sizeof(small)), ERANGE);
	EXPECT_FAIL(syscall(SYS_getcwd, buf, 0), ERANGE);
	EXPECT_FAIL(syscall(SYS_getcwd, BAD_PTR, sizeof(buf)), EFAULT);
	EXPECT_EQ(syscall(SYS_getcwd, buf, n), n);
	EXPECT_FAIL(syscall(SYS_getcwd, buf, n - 1), ERANGE);
	MUST(chdir("/"));
	EXPECT_EQ(syscall(SYS_getcwd, small, 2), 2);
	EXPECT_STR(small, "/");
}
