/* default actions: which signals kill, stop, or do nothing to a child. */
#include "../lst.h"

static void run(void)
{
	static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV,
				      SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF,
				      SIGIO, SIGPWR, SIGSYS, 34, 64 };
	static const int harmless[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };
	int status;
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++) {
		pid = FORK();
		if (!pid) {
			signal(SIGALRM, SIG_DFL);
			for (;;)
				pause();
		}
		EXPECT(wait_state(pid, 'S'));
		MUST(kill(pid, deadly[i]));
		EXPECT_KILLED(pid, deadly[i]);
	}
	pid = FORK();
	if (!pid)
		for (;;)
			pause();
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		MUST(kill(pid, harmless[i]));
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	/* Terminal stops do nothing in an orphaned process group: it gets one that is not. */
	MUST(setpgid(pid, pid));
	MUST(kill(pid, SIGTTOU));
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU);
	MUST(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}
