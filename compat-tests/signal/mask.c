/*
 * Masks and pending signals: block, unblock, set; standard signals merge while blocked; delivery
 * comes before the unblocking call returns; SIGKILL and SIGSTOP cannot be blocked.
 */
#include "signals.h"

TEST(how)
{
	sigset_t a = one_signal(SIGUSR1), b = one_signal(SIGUSR2), old, start;

	EXPECT_OK(sigprocmask(SIG_BLOCK, NULL, &start));
	EXPECT_OK(sigprocmask(SIG_BLOCK, &a, &old));
	EXPECT(!sigismember(&old, SIGUSR1));
	EXPECT_OK(sigprocmask(SIG_BLOCK, &b, &old));
	EXPECT(sigismember(&old, SIGUSR1) && !sigismember(&old, SIGUSR2));
	EXPECT_OK(sigprocmask(SIG_UNBLOCK, &a, &old));
	EXPECT(sigismember(&old, SIGUSR1) && sigismember(&old, SIGUSR2));
	EXPECT_OK(sigprocmask(SIG_SETMASK, &a, &old));
	EXPECT(!sigismember(&old, SIGUSR1) && sigismember(&old, SIGUSR2));
	EXPECT_OK(sigprocmask(SIG_SETMASK, &start, &old));
	EXPECT(sigismember(&old, SIGUSR1) && !sigismember(&old, SIGUSR2));
}

TEST(errors)
{
	sigset_t set;

	sigemptyset(&set);
	EXPECT_ERRNO(sigprocmask(99, &set, NULL), EINVAL);
	EXPECT_OK(sigprocmask(99, NULL, &set));		/* how does not matter then */
	EXPECT_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, (void *)8, NULL, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, (void *)8, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_rt_sigpending, (void *)8, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_rt_sigpending, &set, 16), EINVAL);
}

TEST(unblockable)
{
	unsigned long all = -1, now = 0, old;

	EXPECT_OK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, 8));
	EXPECT_OK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, &now, 8));
	EXPECT_EQ(now, ~(1UL << (SIGKILL - 1) | 1UL << (SIGSTOP - 1)));
}

TEST(standard_signals_merge)
{
	log_start(SIGUSR1, 0);
	block(SIGUSR1);
	for (int i = 0; i < 10; i++)
		EXPECT_OK(kill(getpid(), SIGUSR1));
	EXPECT(is_pending(SIGUSR1));
	EXPECT_EQ(logged.count, 0);
	unblock(SIGUSR1);
	EXPECT_EQ(logged.count, 1);
	EXPECT(!is_pending(SIGUSR1));
	EXPECT_EQ(logged.info[0].si_code, SI_USER);
	signal(SIGUSR1, SIG_DFL);
}

/* A signal for the thread and the same one for the process are two. */
TEST(thread_and_process_pending)
{
	log_start(SIGUSR1, 0);
	block(SIGUSR1);
	EXPECT_OK(raise(SIGUSR1));
	EXPECT_OK(kill(getpid(), SIGUSR1));
	unblock(SIGUSR1);
	EXPECT_EQ(logged.count, 2);
	EXPECT_EQ(logged.info[0].si_code, SI_TKILL);
	EXPECT_EQ(logged.info[1].si_code, SI_USER);
	signal(SIGUSR1, SIG_DFL);
}

TEST(several_at_once)
{
	static const int sig[] = { SIGUSR1, SIGUSR2, SIGTERM, SIGHUP };
	sigset_t set, old;
	unsigned long seen = 0;

	logged.count = 0;
	sigemptyset(&set);
	for (int i = 0; i < 4; i++) {
		set_handler(sig[i], log_signal, 0);
		sigaddset(&set, sig[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &old);
	for (int i = 0; i < 4; i++)
		raise(sig[i]);
	EXPECT_EQ(logged.count, 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	EXPECT_EQ(logged.count, 4);
	for (int i = 0; i < 4; i++)
		seen |= 1UL << logged.sig[i];
	EXPECT_EQ(seen, 1UL << SIGUSR1 | 1UL << SIGUSR2 | 1UL << SIGTERM | 1UL << SIGHUP);
	for (int i = 0; i < 4; i++)
		signal(sig[i], SIG_DFL);
}

TEST(ignoring_drops_pending)
{
	log_start(SIGUSR1, 0);
	block(SIGUSR1);
	raise(SIGUSR1);
	EXPECT(is_pending(SIGUSR1));
	signal(SIGUSR1, SIG_IGN);
	EXPECT(!is_pending(SIGUSR1));
	set_handler(SIGUSR1, log_signal, 0);
	unblock(SIGUSR1);
	EXPECT_EQ(logged.count, 0);
	/* The default action of SIGURG is to ignore: the same. */
	block(SIGURG);
	set_handler(SIGURG, log_signal, 0);
	raise(SIGURG);
	EXPECT(is_pending(SIGURG));
	signal(SIGURG, SIG_DFL);
	EXPECT(!is_pending(SIGURG));
	unblock(SIGURG);
	signal(SIGUSR1, SIG_DFL);
}

/* Ignored but blocked signals are kept, for somebody might yet change the action. */
TEST(blocked_and_ignored)
{
	signal(SIGUSR1, SIG_IGN);
	block(SIGUSR1);
	raise(SIGUSR1);
	EXPECT(is_pending(SIGUSR1));
	log_start(SIGUSR1, 0);
	unblock(SIGUSR1);
	EXPECT_EQ(logged.count, 1);
	signal(SIGUSR1, SIG_DFL);
}

static volatile int mask_inside;

static void unblock_inside(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig, (void)si;
	mask_inside = sigismember(&u->uc_sigmask, SIGUSR1);
	sigaddset(&u->uc_sigmask, SIGUSR2);
}

TEST(context_mask_is_what_comes_back)
{
	set_handler(SIGUSR1, unblock_inside, 0);
	EXPECT(!is_blocked(SIGUSR2));
	raise(SIGUSR1);
	EXPECT_EQ(mask_inside, 0);	/* the mask before the handler */
	EXPECT(is_blocked(SIGUSR2));
	EXPECT(!is_blocked(SIGUSR1));
	unblock(SIGUSR2);
	signal(SIGUSR1, SIG_DFL);
}
