/*
 * sigsuspend: the mask changes and the wait begins in one step, the old mask is back afterwards,
 * and a pending signal ends it at once; pause for comparison.
 */
#include "signals.h"

static pthread_t self;

static void *send_later(void *arg)
{
	sleep_ms(30);
	pthread_kill(self, (int)(long)arg);
	return NULL;
}

TEST(waits_with_the_given_mask)
{
	sigset_t mask;
	pthread_t t;

	log_start(SIGUSR1, 0);
	block(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigdelset(&mask, SIGUSR1);
	self = pthread_self();
	EXPECT_EQ(pthread_create(&t, NULL, send_later, (void *)SIGUSR1), 0);
	EXPECT_ERRNO(sigsuspend(&mask), EINTR);
	EXPECT_EQ(logged.count, 1);
	EXPECT(is_blocked(SIGUSR1));
	pthread_join(t, NULL);
	unblock(SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
}

TEST(pending_ends_it_at_once)
{
	sigset_t mask;

	log_start(SIGUSR1, 0);
	block(SIGUSR1);
	raise(SIGUSR1);
	EXPECT_EQ(logged.count, 0);
	sigfillset(&mask);
	sigdelset(&mask, SIGUSR1);
	sigdelset(&mask, SIGALRM);
	EXPECT_ERRNO(sigsuspend(&mask), EINTR);
	EXPECT_EQ(logged.count, 1);
	EXPECT(is_blocked(SIGUSR1));
	unblock(SIGUSR1);
	EXPECT_EQ(logged.count, 1);
	signal(SIGUSR1, SIG_DFL);
}

static volatile int usr2_blocked;

static void look(int sig, siginfo_t *si, void *uc)
{
	log_signal(sig, si, uc);
	usr2_blocked = is_blocked(SIGUSR2);
}

/* The handler runs under the temporary mask. */
TEST(handler_sees_the_temporary_mask)
{
	sigset_t mask;

	logged.count = 0;
	set_handler(SIGUSR1, look, 0);
	block(SIGUSR1);
	raise(SIGUSR1);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	EXPECT(!is_blocked(SIGUSR2));
	EXPECT_ERRNO(sigsuspend(&mask), EINTR);
	EXPECT_EQ(usr2_blocked, 1);
	EXPECT(!is_blocked(SIGUSR2));
	unblock(SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
}

static void *send_three(void *arg)
{
	sleep_ms(20);
	pthread_kill(self, SIGURG);	/* ignored by default: must not end the wait */
	sleep_ms(10);
	pthread_kill(self, SIGUSR2);	/* blocked by the mask given */
	sleep_ms(10);
	pthread_kill(self, SIGUSR1);
	return arg;
}

TEST(only_caught_signals_end_it)
{
	sigset_t mask = one_signal(SIGUSR2);
	pthread_t t;

	log_start(SIGUSR1, 0);
	set_handler(SIGUSR2, log_signal, 0);
	block(SIGUSR1);
	block(SIGUSR2);
	self = pthread_self();
	EXPECT_EQ(pthread_create(&t, NULL, send_three, NULL), 0);
	EXPECT_ERRNO(sigsuspend(&mask), EINTR);
	pthread_join(t, NULL);
	EXPECT_EQ(logged.count, 1);
	EXPECT(is_pending(SIGUSR2));
	unblock(SIGUSR2);
	unblock(SIGUSR1);
	EXPECT_EQ(logged.count, 2);
	EXPECT_EQ(logged.sig[0], SIGUSR1);
	EXPECT_EQ(logged.sig[1], SIGUSR2);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}

TEST(two_hundred_times)
{
	sigset_t mask;
	int sent = 0;

	log_start(SIGUSR1, 0);
	block(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigdelset(&mask, SIGUSR1);
	for (int i = 0; i < 200; i++) {
		raise(SIGUSR1);
		sent++;
		EXPECT_ERRNO(sigsuspend(&mask), EINTR);
		EXPECT_EQ(logged.count, sent);
	}
	unblock(SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
}

TEST(errors)
{
	EXPECT_ERRNO(syscall(SYS_rt_sigsuspend, (void *)8, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_rt_sigsuspend, &(sigset_t){ 0 }, 4), EINVAL);
}

TEST(pause_returns_eintr)
{
	struct poker p;

	log_start(SIGUSR1, SA_RESTART);
	poker_start(&p, SIGUSR1);
	EXPECT_ERRNO(pause(), EINTR);
	poker_stop(&p);
	EXPECT_GE(logged.count, 1);
	signal(SIGUSR1, SIG_DFL);
}
