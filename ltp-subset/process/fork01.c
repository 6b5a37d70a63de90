/* fork: ids of parent and child, what is not inherited. */
#include "../lst.h"
#include <sys/times.h>

static void run(void)
{
	pid_t parent = getpid(), group = getpgrp(), session = getsid(0), pid;
	sigset_t set;

	signal(SIGUSR1, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	raise(SIGUSR2);
	alarm(25);
	pid = MUST(fork());
	if (!pid) {
		sigset_t pending;
		struct tms t;

		EXPECT_EQ(alarm(0), 0);
		EXPECT_NE(getpid(), parent);
		EXPECT_EQ(getppid(), parent);
		EXPECT_EQ(gettid(), getpid());
		EXPECT_EQ(getpgrp(), group);
		EXPECT_EQ(getsid(0), session);
		MUST(sigpending(&pending));
		EXPECT(!sigismember(&pending, SIGUSR2));
		MUST(sigprocmask(SIG_BLOCK, NULL, &set));
		EXPECT(sigismember(&set, SIGUSR2));
		EXPECT(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
		times(&t);
		EXPECT_LE(t.tms_utime, 2);
		EXPECT_EQ(t.tms_cutime, 0);
		child_exit();
	}
	EXPECT_GT(pid, 0);
	REAP(pid);
	EXPECT_GT(alarm(LST_SECONDS), 0);
	EXPECT(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
}
