/* rmdir of the working directory: what still works in it. */
#include "../lst.h"

static void run(void)
{
	char buf[PATH_MAX];
	struct stat st;

	MUST(mkdir("d", 0755));
	MUST(chdir("d"));
	EXPECT_OK(rmdir("../d"));
	EXPECT_FAIL(syscall(SYS_getcwd, buf, sizeof(buf)), ENOENT);
	EXPECT_FAIL(open("x", O_CREAT | O_RDWR, 0600), ENOENT);
	EXPECT_FAIL(mkdir("x", 0755), ENOENT);
	EXPECT_OK(stat(".", &st));
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_OK(chdir(".."));
	EXPECT_OK(syscall(SYS_getcwd, buf, sizeof(buf)));
}
