/* kill: targets and signals it refuses; process groups. */
#include "../lst.h"
static volatile int hits;

static void handler(int sig)
{
	(void)sig;
	hits++;
}

static void run(void)
{
	pid_t pid;

	EXPECT_FAIL(kill(getpid(), 65), EINVAL);
	EXPECT_FAIL(kill(getpid(), -1), EINVAL);
	EXPECT_FAIL(kill(0x3fffffff, 0), ESRCH);
	EXPECT_FAIL(kill(-0x3fffffff, 0), ESRCH);
	EXPECT_FAIL(kill(INT_MIN, 0), ESRCH);
	EXPECT_OK(kill(getpid(), 0));
	pid = FORK();
	if (!pid) {
		MUST(setpgid(0, 0));
		signal(SIGUSR1, handler);
		EXPECT_OK(kill(0, SIGUSR1));
		EXPECT_OK(kill(-getpgrp(), SIGUSR1));
		EXPECT_EQ(hits, 2);
		child_exit();
	}
	REAP(pid);
	pid = FORK();
	if (!pid)
		_exit(0);
	EXPECT(wait_state(pid, 'Z'));
	EXPECT_OK(kill(pid, 0));
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_EXIT(pid, 0);
	EXPECT_FAIL(kill(pid, 0), ESRCH);
}
