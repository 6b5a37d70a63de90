/* setsid: a group leader may not, a child may; getsid of the missing. */
#include "../lst.h"

static void run(void)
{
	pid_t pid;

	EXPECT_FAIL(getsid(0x3fffffff), ESRCH);
	EXPECT_FAIL(getsid(-1), ESRCH);
	pid = FORK();
	if (!pid) {
		MUST(setpgid(0, 0));
		EXPECT_FAIL(setsid(), EPERM);
		child_exit();
	}
	REAP(pid);
	pid = FORK();
	if (!pid) {
		EXPECT_EQ(setsid(), getpid());
		EXPECT_EQ(getsid(0), getpid());
		EXPECT_EQ(getpgrp(), getpid());
		EXPECT_FAIL(open("/dev/tty", O_RDWR), ENXIO);
		child_exit();
	}
	REAP(pid);
}
