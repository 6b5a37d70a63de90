/* rt_sigtimedwait: bad times and sizes, a queue in order, a timeout, a handler that interrupts. */
#include "../lst.h"
static void on_usr2(int sig)
{
	(void)sig;
}

static void run(void)
{
	struct timespec bad = { 0, 1000000000 }, zero = { 0, 0 }, wait_time = { 0, 20000000 };
	union sigval one = { .sival_int = 1 }, two = { .sival_int = 2 };
	struct sigaction sa = { .sa_handler = on_usr2 };
	sigset_t set;
	siginfo_t si;
	int64_t start;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGUSR1);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	EXPECT_FAIL(sigtimedwait(&set, &si, &bad), EINVAL);
	EXPECT_FAIL(syscall(SYS_rt_sigtimedwait, &set, &si, &zero, 4), EINVAL);
	EXPECT_FAIL(syscall(SYS_rt_sigtimedwait, BAD_PTR, &si, &zero, 8), EFAULT);
	EXPECT_FAIL(syscall(SYS_rt_sigtimedwait, &set, &si, BAD_PTR, 8), EFAULT);
	EXPECT_FAIL(sigtimedwait(&set, &si, &zero), EAGAIN);
	start = now_ns();
	EXPECT_FAIL(sigtimedwait(&set, &si, &wait_time), EAGAIN);
	EXPECT_GE(now_ns() - start, 20000000);
	MUST(sigqueue(getpid(), SIGRTMIN, one));
	MUST(sigqueue(getpid(), SIGRTMIN, two));
	raise(SIGUSR1);
	EXPECT_EQ(sigwaitinfo(&set, &si), SIGUSR1);
	EXPECT_EQ(sigwaitinfo(&set, &si), SIGRTMIN);
	EXPECT_EQ(si.si_value.sival_int, 1);
	EXPECT_EQ(sigwaitinfo(&set, &si), SIGRTMIN);
	EXPECT_EQ(si.si_value.sival_int, 2);
	MUST(sigaction(SIGUSR2, &sa, NULL));
	pid = FORK();
	if (!pid) {
		EXPECT_FAIL(sigwaitinfo(&set, &si), EINTR);
		child_exit();
	}
	EXPECT(wait_state(pid, 'S'));
	MUST(kill(pid, SIGUSR2));
	REAP(pid);
}
