/* kill between users: EPERM, but SIGCONT within a session passes. */
#include "../lst.h"

static void run(void)
{
	int p[2];
	char c;
	pid_t pid;

	NEED_ROOT();
	MUST(pipe(p));
	pid = FORK();
	if (!pid) {
		MUST(setresuid(12345, 12345, 12345));
		MUST(write(p[1], "x", 1));
		for (;;)
			pause();
	}
	MUST(read(p[0], &c, 1));
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(kill(pid, 0), EPERM);
	MUST(seteuid(0));
	if (!FORK()) {
		MUST(setresuid(LST_NOBODY, LST_NOBODY, LST_NOBODY));
		EXPECT_FAIL(kill(pid, SIGTERM), EPERM);
		EXPECT_FAIL(kill(pid, 0), EPERM);
		EXPECT_OK(kill(pid, SIGCONT));
		MUST(setsid());
		EXPECT_FAIL(kill(pid, SIGCONT), EPERM);
		EXPECT_FAIL(syscall(SYS_tgkill, pid, pid, 0), EPERM);
		child_exit();
	} else {
		int status;

		MUST(waitpid(-1, &status, 0));
		lst_result |= WEXITSTATUS(status);
	}
	MUST(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}
