/* clone with an exit signal other than SIGCHLD: waiting needs __WCLONE or __WALL. */
#include "../lst.h"

static void run(void)
{
	sigset_t set;
	siginfo_t si;
	long pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	pid = MUST(syscall(SYS_clone, SIGUSR1, NULL, NULL, NULL, NULL));
	if (!pid)
		_exit(5);
	EXPECT_EQ(sigwaitinfo(&set, &si), SIGUSR1);
	EXPECT_EQ(si.si_pid, pid);
	EXPECT_FAIL(waitpid(pid, NULL, 0), ECHILD);
	EXPECT_EQ(waitpid(pid, NULL, __WCLONE), pid);
	pid = MUST(syscall(SYS_clone, 0, NULL, NULL, NULL, NULL));
	if (!pid)
		_exit(5);
	EXPECT_EQ(waitpid(-1, NULL, __WALL), pid);
}
