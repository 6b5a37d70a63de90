/* rt_sigprocmask: arguments it refuses, KILL and STOP that cannot be blocked, each way of changing. */
#include "../lst.h"

static void run(void)
{
	sigset_t all, set, old;

	sigfillset(&all);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	EXPECT_FAIL(sigprocmask(99, &set, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 4), EINVAL);
	EXPECT_FAIL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, BAD_PTR, NULL, 8), EFAULT);
	EXPECT_FAIL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, BAD_PTR, 8), EFAULT);
	EXPECT_OK(syscall(SYS_rt_sigprocmask, 99, NULL, &old, 8));
	EXPECT_OK(sigprocmask(SIG_SETMASK, &all, NULL));
	EXPECT_OK(sigprocmask(SIG_UNBLOCK, &set, &old));
	EXPECT(sigismember(&old, SIGUSR1) && !sigismember(&old, SIGKILL) && !sigismember(&old, SIGSTOP));
	EXPECT_OK(sigprocmask(SIG_SETMASK, &set, &old));
	EXPECT(!sigismember(&old, SIGUSR1) && sigismember(&old, SIGUSR2));
	EXPECT_OK(sigprocmask(SIG_BLOCK, NULL, &old));
	EXPECT(sigismember(&old, SIGUSR1) && !sigismember(&old, SIGUSR2));
}
