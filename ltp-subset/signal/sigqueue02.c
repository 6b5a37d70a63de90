/* sigqueue: RLIMIT_SIGPENDING of the user ends it with EAGAIN; kill still gets through. */
#include "../lst.h"
#include <sys/resource.h>

static void run(void)
{
	struct rlimit lim = { 10, 10 };
	sigset_t set, pending;
	int sent = 0;
	pid_t pid;

	NEED_ROOT();
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGUSR1);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	pid = FORK();
	if (!pid) {
		/* A user of its own: the limit counts what is pending for all of a user's processes. */
		MUST(setuid(54321));
		MUST(setrlimit(RLIMIT_SIGPENDING, &lim));
		while (sent < 100 && !sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 9 }))
			sent++;
		EXPECT_EQ(errno, EAGAIN);
		EXPECT_EQ(sent, 10);
		EXPECT_OK(kill(getpid(), SIGUSR1));
		MUST(sigpending(&pending));
		EXPECT(sigismember(&pending, SIGUSR1));
		child_exit();
	}
	REAP(pid);
}
