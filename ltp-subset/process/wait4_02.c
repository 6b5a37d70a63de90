/* wait4: a child that is stopped, continued and killed reports each; a bad address for the status reaps nothing. */
#include "../lst.h"

static void run(void)
{
	int status;
	pid_t pid = FORK();

	if (!pid)
		for (;;)
			pause();
	MUST(kill(pid, SIGSTOP));
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
	MUST(kill(pid, SIGCONT));
	EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
	EXPECT(WIFCONTINUED(status));
	EXPECT_EQ(status, 0xffff);
	MUST(kill(pid, SIGTERM));
	EXPECT_KILLED(pid, SIGTERM);
}
