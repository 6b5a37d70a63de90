/* rt_sigpending: sizes, and what is pending while blocked or ignored. */
#include "../lst.h"

static void run(void)
{
	sigset_t set, got;

	EXPECT_FAIL(syscall(SYS_rt_sigpending, BAD_PTR, 8), EFAULT);
	EXPECT_FAIL(syscall(SYS_rt_sigpending, &got, 16), EINVAL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	raise(SIGUSR1);
	MUST(sigpending(&got));
	EXPECT(sigismember(&got, SIGUSR1) && !sigismember(&got, SIGUSR2));
	signal(SIGUSR1, SIG_IGN);
	MUST(sigpending(&got));
	EXPECT(!sigismember(&got, SIGUSR1));
	raise(SIGUSR1);
	MUST(sigpending(&got));
	EXPECT(sigismember(&got, SIGUSR1));
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL));
	MUST(sigpending(&got));
	EXPECT(!sigismember(&got, SIGUSR1));
}
