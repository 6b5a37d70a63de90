/* rt_sigqueueinfo and rt_tgsigqueueinfo: codes one may not forge, missing targets. */
#include "../lst.h"

static void run(void)
{
	siginfo_t si = { .si_code = SI_USER };
	sigset_t set;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	pid = FORK();
	if (!pid)
		for (;;)
			pause();
	EXPECT_FAIL(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &si), EPERM);
	si.si_code = SI_TKILL;
	EXPECT_FAIL(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &si), EPERM);
	EXPECT_FAIL(syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGUSR1, &si), EPERM);
	si.si_code = SI_QUEUE;
	EXPECT_OK(syscall(SYS_rt_sigqueueinfo, pid, 0, &si));
	EXPECT_FAIL(syscall(SYS_rt_sigqueueinfo, pid, 65, &si), EINVAL);
	EXPECT_FAIL(syscall(SYS_rt_sigqueueinfo, 0x3fffffff, SIGUSR1, &si), ESRCH);
	EXPECT_FAIL(syscall(SYS_rt_tgsigqueueinfo, getpid(), pid, SIGUSR1, &si), ESRCH);
	EXPECT_FAIL(syscall(SYS_rt_tgsigqueueinfo, 0, pid, SIGUSR1, &si), EINVAL);
	EXPECT_FAIL(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, BAD_PTR), EFAULT);
	MUST(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	si.si_code = -7;
	si.si_value.sival_int = 99;
	EXPECT_OK(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR1, &si));
	EXPECT_EQ(sigwaitinfo(&set, &si), SIGUSR1);
	EXPECT_EQ(si.si_code, -7);
	EXPECT_EQ(si.si_value.sival_int, 99);
}
