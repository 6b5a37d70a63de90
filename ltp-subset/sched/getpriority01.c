/* getpriority and setpriority: errors, clamping, inheritance, rights. */
#include "../lst.h"
#include <sys/resource.h>

static void run(void)
{
	int nice = getpriority(PRIO_PROCESS, 0);
	pid_t pid;

	EXPECT_FAIL(getpriority(99, 0), EINVAL);
	EXPECT_FAIL(setpriority(99, 0, 0), EINVAL);
	EXPECT_FAIL(getpriority(PRIO_PROCESS, 0x3fffffff), ESRCH);
	EXPECT_FAIL(setpriority(PRIO_PROCESS, 0x3fffffff, 0), ESRCH);
	EXPECT_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 20 - nice);
	pid = FORK();
	if (!pid) {
		EXPECT_OK(setpriority(PRIO_PROCESS, 0, 5));
		EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 5);
		EXPECT_OK(setpriority(PRIO_PROCESS, 0, 100));
		EXPECT_EQ(getpriority(PRIO_PROCESS, getpid()), 19);
		if (!geteuid())
			MUST(seteuid(LST_NOBODY));
		EXPECT_FAIL(setpriority(PRIO_PROCESS, 0, 10), EACCES);
		EXPECT_FAIL(setpriority(PRIO_PROCESS, 1, 10), EPERM);
		child_exit();
	}
	REAP(pid);
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), nice);
}
