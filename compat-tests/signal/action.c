/*
 * sigaction: what was set comes back, the handler runs with its mask, SA_NODEFER and SA_RESETHAND
 * do what they say, and the impossible is refused.
 */
#include "signals.h"

static volatile int depth, deepest, runs, was_blocked, other_blocked;

static void simple(int sig)
{
	(void)sig;
}

TEST(returns_the_old_one)
{
	struct sigaction a = { .sa_handler = simple, .sa_flags = SA_RESTART | SA_NODEFER }, b;

	sigemptyset(&a.sa_mask);
	sigaddset(&a.sa_mask, SIGUSR2);
	sigaddset(&a.sa_mask, SIGRTMAX);
	EXPECT_OK(sigaction(SIGUSR1, &a, &b));
	EXPECT(b.sa_handler == SIG_DFL);
	EXPECT_OK(sigaction(SIGUSR1, NULL, &b));
	EXPECT(b.sa_handler == simple);
	EXPECT_EQ(b.sa_flags & (SA_RESTART | SA_NODEFER | SA_SIGINFO | SA_ONSTACK),
		  SA_RESTART | SA_NODEFER);
	EXPECT(sigismember(&b.sa_mask, SIGUSR2) && sigismember(&b.sa_mask, SIGRTMAX));
	EXPECT(!sigismember(&b.sa_mask, SIGUSR1));
	EXPECT(signal(SIGUSR1, SIG_IGN) == simple);
	EXPECT(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
}

TEST(kill_and_stop_never_stay_in_a_mask)
{
	struct sigaction a = { .sa_handler = simple }, b;

	sigfillset(&a.sa_mask);
	EXPECT_OK(sigaction(SIGUSR1, &a, NULL));
	EXPECT_OK(sigaction(SIGUSR1, NULL, &b));
	EXPECT(!sigismember(&b.sa_mask, SIGKILL) && !sigismember(&b.sa_mask, SIGSTOP));
	EXPECT(sigismember(&b.sa_mask, SIGTERM));
	signal(SIGUSR1, SIG_DFL);
}

TEST(errors)
{
	struct sigaction a = { .sa_handler = simple };

	EXPECT_ERRNO(sigaction(SIGKILL, &a, NULL), EINVAL);
	EXPECT_ERRNO(sigaction(SIGSTOP, &a, NULL), EINVAL);
	EXPECT_OK(sigaction(SIGKILL, NULL, &a));
	EXPECT_ERRNO(sigaction(0, &a, NULL), EINVAL);
	EXPECT_ERRNO(sigaction(65, &a, NULL), EINVAL);
	EXPECT_ERRNO(sigaction(-1, &a, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, (void *)8, NULL, 8), EFAULT);
}

static void nest(int sig, siginfo_t *si, void *uc)
{
	(void)si, (void)uc;
	was_blocked = is_blocked(sig);
	other_blocked = is_blocked(SIGUSR2);
	if (++depth > deepest)
		deepest = depth;
	if (++runs < 3)
		raise(sig);
	depth--;
}

static void run_nest(int flags, bool with_mask)
{
	struct sigaction sa = { .sa_sigaction = nest, .sa_flags = SA_SIGINFO | flags };

	if (with_mask)
		sigaddset(&sa.sa_mask, SIGUSR2);
	EXPECT_OK(sigaction(SIGUSR1, &sa, NULL));
	depth = deepest = runs = 0;
	raise(SIGUSR1);
}

TEST(own_signal_is_blocked)
{
	run_nest(0, false);
	EXPECT_EQ(runs, 3);
	EXPECT_EQ(deepest, 1);
	EXPECT_EQ(was_blocked, 1);
	EXPECT_EQ(other_blocked, 0);
	EXPECT(!is_blocked(SIGUSR1));
	signal(SIGUSR1, SIG_DFL);
}

TEST(nodefer)
{
	run_nest(SA_NODEFER, true);
	EXPECT_EQ(deepest, 3);
	EXPECT_EQ(was_blocked, 0);
	EXPECT_EQ(other_blocked, 1);
	EXPECT(!is_blocked(SIGUSR2));
	signal(SIGUSR1, SIG_DFL);
}

static volatile bool reset_before_run;

static void look(int sig, siginfo_t *si, void *uc)
{
	struct sigaction now;

	log_signal(sig, si, uc);
	sigaction(sig, NULL, &now);
	reset_before_run = now.sa_handler == SIG_DFL;
}

TEST(resethand)
{
	struct sigaction now;

	logged.count = 0;
	set_handler(SIGURG, look, SA_RESETHAND);	/* default: ignore */
	raise(SIGURG);
	raise(SIGURG);
	EXPECT_EQ(logged.count, 1);
	EXPECT(reset_before_run);
	EXPECT_OK(sigaction(SIGURG, NULL, &now));
	EXPECT(now.sa_handler == SIG_DFL);
}

static void change_own(int sig, siginfo_t *si, void *uc)
{
	log_signal(sig, si, uc);
	signal(sig, SIG_IGN);
}

TEST(handler_changes_itself)
{
	logged.count = 0;
	set_handler(SIGUSR1, change_own, 0);
	raise(SIGUSR1);
	raise(SIGUSR1);
	EXPECT_EQ(logged.count, 1);
	signal(SIGUSR1, SIG_DFL);
}

TEST(all_catchable)
{
	for (int sig = 1; sig <= 64; sig++) {
		if (sig == SIGKILL || sig == SIGSTOP || sig == SIGALRM || sig == 32 || sig == 33)
			continue;
		log_start(sig, 0);
		EXPECT_OK(raise(sig));
		EXPECT_EQ(logged.count, 1);
		EXPECT_EQ(logged.sig[0], sig);
		EXPECT_EQ(logged.info[0].si_signo, sig);
		EXPECT_EQ(logged.info[0].si_code, SI_TKILL);
		EXPECT_EQ(logged.info[0].si_pid, getpid());
		EXPECT_EQ(logged.info[0].si_uid, getuid());
		signal(sig, SIG_DFL);
	}
}
