/* setgroups and getgroups: sizes, rights, and what the groups open. */
#include "../lst.h"
#include <grp.h>

static void run(void)
{
	gid_t groups[] = { 5, 6, 7 }, got[8];
	pid_t pid;

	EXPECT_FAIL(getgroups(-1, got), EINVAL);
	NEED_ROOT();
	pid = FORK();
	if (!pid) {
		EXPECT_OK(setgroups(3, groups));
		EXPECT_EQ(getgroups(0, NULL), 3);
		EXPECT_EQ(getgroups(8, got), 3);
		EXPECT(got[0] == 5 && got[1] == 6 && got[2] == 7);
		EXPECT_FAIL(getgroups(2, got), EINVAL);
		EXPECT_FAIL(syscall(SYS_getgroups, 8, BAD_PTR), EFAULT);
		EXPECT_FAIL(setgroups(65537, groups), EINVAL);
		EXPECT_FAIL(syscall(SYS_setgroups, 3, BAD_PTR), EFAULT);
		close(new_file("f", "x", 1));
		MUST(chown("f", 0, 6));
		MUST(chmod("f", 0040));
		MUST(setresuid(LST_NOBODY, LST_NOBODY, LST_NOBODY));
		EXPECT_OK(open("f", O_RDONLY));
		EXPECT_FAIL(open("f", O_WRONLY), EACCES);
		EXPECT_FAIL(setgroups(3, groups), EPERM);
		child_exit();
	}
	REAP(pid);
}
