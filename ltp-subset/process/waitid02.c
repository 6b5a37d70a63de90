/* waitid: what siginfo says of an exit, a death, a stop; WNOWAIT leaves the child. */
#include "../lst.h"

static void run(void)
{
	siginfo_t si = { 0 };
	pid_t pid = FORK();

	if (!pid)
		_exit(300 & 0xff);
	EXPECT_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	EXPECT_EQ(si.si_signo, SIGCHLD);
	EXPECT_EQ(si.si_code, CLD_EXITED);
	EXPECT_EQ(si.si_status, 44);
	EXPECT_EQ(si.si_pid, pid);
	EXPECT_EQ(si.si_uid, getuid());
	EXPECT_EXIT(pid, 44);
	pid = FORK();
	if (!pid)
		for (;;)
			pause();
	si.si_pid = 77;
	EXPECT_OK(waitid(P_ALL, 0, &si, WEXITED | WNOHANG));
	EXPECT_EQ(si.si_pid, 0);
	MUST(kill(pid, SIGSTOP));
	EXPECT_OK(waitid(P_PGID, 0, &si, WSTOPPED));
	EXPECT_EQ(si.si_code, CLD_STOPPED);
	EXPECT_EQ(si.si_status, SIGSTOP);
	MUST(kill(pid, SIGCONT));
	EXPECT_OK(waitid(P_PID, pid, &si, WCONTINUED));
	EXPECT_EQ(si.si_code, CLD_CONTINUED);
	MUST(kill(pid, SIGKILL));
	EXPECT_OK(waitid(P_PID, pid, &si, WEXITED));
	EXPECT_EQ(si.si_code, CLD_KILLED);
	EXPECT_EQ(si.si_status, SIGKILL);
}
