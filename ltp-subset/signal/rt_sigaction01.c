/* rt_sigaction: signals and sizes it refuses; the former action comes back whole. */
#include "../lst.h"
static void handler(int sig)
{
	(void)sig;
}

static void run(void)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART | SA_NODEFER }, old;

	sigaddset(&sa.sa_mask, SIGUSR2);
	EXPECT_FAIL(sigaction(SIGKILL, &sa, NULL), EINVAL);
	EXPECT_FAIL(sigaction(SIGSTOP, &sa, NULL), EINVAL);
	EXPECT_FAIL(sigaction(0, &sa, NULL), EINVAL);
	EXPECT_FAIL(sigaction(65, &sa, NULL), EINVAL);
	EXPECT_OK(syscall(SYS_rt_sigaction, SIGKILL, NULL, &old, 8));
	EXPECT_FAIL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4), EINVAL);
	EXPECT_FAIL(syscall(SYS_rt_sigaction, SIGUSR1, BAD_PTR, NULL, 8), EFAULT);
	EXPECT_FAIL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, BAD_PTR, 8), EFAULT);
	EXPECT_OK(sigaction(SIGUSR1, &sa, &old));
	EXPECT(old.sa_handler == SIG_DFL);
	EXPECT_OK(sigaction(SIGUSR1, NULL, &old));
	EXPECT(old.sa_handler == handler);
	EXPECT_EQ(old.sa_flags & (SA_RESTART | SA_NODEFER | SA_RESETHAND), SA_RESTART | SA_NODEFER);
	EXPECT(sigismember(&old.sa_mask, SIGUSR2));
	EXPECT(!sigismember(&old.sa_mask, SIGUSR1));
}
