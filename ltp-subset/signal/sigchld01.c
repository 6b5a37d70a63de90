/* SIGCHLD: siginfo of an exit, SA_NOCLDSTOP and SA_NOCLDWAIT. */
#include "../lst.h"
static volatile int hits, code, value;
static volatile pid_t from;

static void handler(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	hits++;
	code = si->si_code;
	value = si->si_status;
	from = si->si_pid;
}

static void run(void)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP };
	int status;
	pid_t pid;

	MUST(sigaction(SIGCHLD, &sa, NULL));
	pid = FORK();
	if (!pid)
		for (;;)
			pause();
	MUST(kill(pid, SIGSTOP));
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT_EQ(hits, 0);
	MUST(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_EQ(hits, 1);
	EXPECT_EQ(code, CLD_KILLED);
	EXPECT_EQ(value, SIGKILL);
	EXPECT_EQ(from, pid);
	sa.sa_flags |= SA_NOCLDWAIT;
	MUST(sigaction(SIGCHLD, &sa, NULL));
	pid = FORK();
	if (!pid)
		_exit(5);
	EXPECT_FAIL(waitpid(pid, &status, 0), ECHILD);
	EXPECT_EQ(hits, 2);
	EXPECT_EQ(value, 5);
}
