/* setpgid and getpgid: errors; a child's group set by both sides. */
#include "../lst.h"

static void run(void)
{
	int go[2];
	char c;
	pid_t pid;

	MUST(pipe(go));
	EXPECT_FAIL(setpgid(0, -1), EINVAL);
	EXPECT_FAIL(setpgid(0x3fffffff, 0), ESRCH);
	EXPECT_FAIL(setpgid(1, 0), ESRCH);
	EXPECT_FAIL(setpgid(0, 0x3fffffff), EPERM);
	EXPECT_FAIL(getpgid(0x3fffffff), ESRCH);
	EXPECT_FAIL(getpgid(-1), ESRCH);
	EXPECT_EQ(getpgid(0), getpgrp());
	pid = FORK();
	if (!pid) {
		MUST(read(go[0], &c, 1));
		EXPECT_EQ(getpgrp(), getpid());
		EXPECT_EQ(setpgid(0, getpgid(getppid())), 0);
		EXPECT_EQ(setsid(), getpid());
		EXPECT_FAIL(setpgid(0, 0), EPERM);
		EXPECT_FAIL(setsid(), EPERM);
		child_exit();
	}
	EXPECT_OK(setpgid(pid, pid));
	EXPECT_EQ(getpgid(pid), pid);
	MUST(write(go[1], "x", 1));
	REAP(pid);
}
