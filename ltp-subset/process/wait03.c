/* SIGCHLD ignored: children leave nothing to wait for; wait sleeps until all are gone. */
#include "../lst.h"

static void run(void)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 3; i++) {
		pid = FORK();
		if (!pid) {
			sleep_ms(10 * i);
			_exit(1);
		}
	}
	EXPECT_FAIL(wait(NULL), ECHILD);
	EXPECT_FAIL(kill(pid, 0), ESRCH);
	signal(SIGCHLD, SIG_DFL);
	pid = FORK();
	if (!pid)
		_exit(1);
	EXPECT_EXIT(pid, 1);
}
