/*
 * Real-time signals queue: each one arrives, with its value, in order of sending, lower numbers
 * first; the queue has a limit (RLIMIT_SIGPENDING) and says EAGAIN.
 */
#include "signals.h"
#include <sys/resource.h>

#define RT(n)	(SIGRTMIN + (n))

static void queue(int sig, int value)
{
	EXPECT_OK(sigqueue(getpid(), sig, (union sigval){ .sival_int = value }));
}

TEST(every_one_in_order)
{
	log_start(RT(0), 0);
	block(RT(0));
	for (int i = 0; i < 200; i++)
		queue(RT(0), i * 3);
	EXPECT_EQ(logged.count, 0);
	unblock(RT(0));
	EXPECT_EQ(logged.count, 200);
	for (int i = 0; i < 200; i++) {
		EXPECT_EQ(logged.info[i].si_value.sival_int, i * 3);
		EXPECT_EQ(logged.info[i].si_code, SI_QUEUE);
		EXPECT_EQ(logged.info[i].si_pid, getpid());
		EXPECT_EQ(logged.info[i].si_uid, getuid());
	}
	signal(RT(0), SIG_DFL);
}

TEST(lower_numbers_first)
{
	sigset_t set, old;

	logged.count = 0;
	sigemptyset(&set);
	for (int i = 0; i < 5; i++) {
		struct sigaction sa = { .sa_sigaction = log_signal, .sa_flags = SA_SIGINFO };

		sigfillset(&sa.sa_mask);	/* one after the other, not nested */
		EXPECT_OK(sigaction(RT(i), &sa, NULL));
		sigaddset(&set, RT(i));
	}
	sigprocmask(SIG_BLOCK, &set, &old);
	for (int round = 0; round < 3; round++)
		for (int i = 4; i >= 0; i--)
			queue(RT(i), round);
	sigprocmask(SIG_SETMASK, &old, NULL);
	EXPECT_EQ(logged.count, 15);
	for (int i = 0; i < 15; i++) {
		EXPECT_EQ(logged.sig[i], RT(i / 3));
		EXPECT_EQ(logged.info[i].si_value.sival_int, i % 3);
	}
	for (int i = 0; i < 5; i++)
		signal(RT(i), SIG_DFL);
}

TEST(kill_queues_too)
{
	log_start(RT(2), 0);
	block(RT(2));
	for (int i = 0; i < 5; i++)
		EXPECT_OK(kill(getpid(), RT(2)));
	for (int i = 0; i < 5; i++)
		raise(RT(2));
	unblock(RT(2));
	EXPECT_EQ(logged.count, 10);
	signal(RT(2), SIG_DFL);
}

TEST(standard_signals_do_not)
{
	log_start(SIGUSR1, 0);
	block(SIGUSR1);
	for (int i = 1; i <= 5; i++)
		queue(SIGUSR1, i);
	unblock(SIGUSR1);
	EXPECT_EQ(logged.count, 1);
	EXPECT_EQ(logged.info[0].si_value.sival_int, 1);	/* the first, not the last */
	signal(SIGUSR1, SIG_DFL);
}

TEST(pointer_value)
{
	log_start(RT(0), 0);
	EXPECT_OK(sigqueue(getpid(), RT(0), (union sigval){ .sival_ptr = &logged }));
	EXPECT_EQ(logged.info[0].si_value.sival_ptr, &logged);
	signal(RT(0), SIG_DFL);
}

/* The limit counts what all processes of the user have pending, so there may be room for fewer. */
ROLE(limited)
{
	struct rlimit rl = { 10, 10 };
	int n = 0;

	EXPECT_OK(setrlimit(RLIMIT_SIGPENDING, &rl));
	log_start(RT(0), 0);
	block(RT(0));
	while (n < 100 && sigqueue(getpid(), RT(0), (union sigval){ .sival_int = n }) == 0)
		n++;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_LE(n, 10);
	unblock(RT(0));
	EXPECT_EQ(logged.count, n);
	/* kill() of a standard signal works even with a full queue. */
	block(SIGUSR1);
	EXPECT_OK(kill(getpid(), SIGUSR1));
	EXPECT(is_pending(SIGUSR1));
	return 0;
}

TEST(limit)
{
	EXPECT_EXIT(spawn_self("limited"), 0);
}

TEST(range)
{
	EXPECT_EQ(SIGRTMIN, 34);
	EXPECT_EQ(SIGRTMAX, 64);
	log_start(SIGRTMAX, 0);
	raise(SIGRTMAX);
	EXPECT_EQ(logged.count, 1);
	signal(SIGRTMAX, SIG_DFL);
}

TEST(raw_queue_rules)
{
	siginfo_t si = { .si_code = SI_QUEUE };

	log_start(RT(1), 0);
	si.si_value.sival_int = 5;
	EXPECT_OK(syscall(SYS_rt_sigqueueinfo, getpid(), RT(1), &si));
	EXPECT_EQ(logged.count, 1);
	EXPECT_EQ(logged.info[0].si_value.sival_int, 5);
	EXPECT_OK(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), RT(1), &si));
	EXPECT_EQ(logged.count, 2);
	/* To others nobody may pretend to be the kernel. */
	si.si_code = SI_KERNEL;
	EXPECT_ERRNO(syscall(SYS_rt_sigqueueinfo, getppid(), RT(1), &si), EPERM);
	si.si_code = SI_TKILL;
	EXPECT_ERRNO(syscall(SYS_rt_sigqueueinfo, getppid(), RT(1), &si), EPERM);
	EXPECT_ERRNO(syscall(SYS_rt_sigqueueinfo, getpid(), RT(1), (void *)8), EFAULT);
	si.si_code = SI_QUEUE;
	EXPECT_ERRNO(syscall(SYS_rt_sigqueueinfo, 0x3ffffff, RT(1), &si), ESRCH);
	EXPECT_ERRNO(syscall(SYS_rt_sigqueueinfo, getpid(), 99, &si), EINVAL);
	signal(RT(1), SIG_DFL);
}
