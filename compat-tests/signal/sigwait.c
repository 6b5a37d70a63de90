/*
 * sigwait, sigwaitinfo, sigtimedwait: they take blocked pending signals without a handler, wait for
 * them, time out with EAGAIN, are interrupted by others, and give siginfo.
 */
#include "signals.h"

static pthread_t self;

TEST(takes_a_pending_one)
{
	sigset_t set = one_signal(SIGUSR1);
	struct timespec none = { 0, 0 };
	siginfo_t si;
	int sig;

	log_start(SIGUSR1, 0);
	block(SIGUSR1);
	kill(getpid(), SIGUSR1);
	EXPECT_EQ(sigwaitinfo(&set, &si), SIGUSR1);
	EXPECT_EQ(si.si_signo, SIGUSR1);
	EXPECT_EQ(si.si_code, SI_USER);
	EXPECT_EQ(si.si_pid, getpid());
	EXPECT(!is_pending(SIGUSR1));
	raise(SIGUSR1);
	EXPECT_EQ(sigwait(&set, &sig), 0);
	EXPECT_EQ(sig, SIGUSR1);
	raise(SIGUSR1);
	EXPECT_EQ(sigtimedwait(&set, NULL, &none), SIGUSR1);
	EXPECT_ERRNO(sigtimedwait(&set, NULL, &none), EAGAIN);
	unblock(SIGUSR1);
	EXPECT_EQ(logged.count, 0);
	signal(SIGUSR1, SIG_DFL);
}

static void *send_later(void *arg)
{
	sleep_ms(30);
	pthread_kill(self, (int)(long)arg);
	return NULL;
}

TEST(waits_for_one)
{
	sigset_t set = one_signal(SIGUSR1);
	siginfo_t si;
	pthread_t t;

	block(SIGUSR1);
	self = pthread_self();
	EXPECT_EQ(pthread_create(&t, NULL, send_later, (void *)SIGUSR1), 0);
	EXPECT_EQ(sigwaitinfo(&set, &si), SIGUSR1);
	EXPECT_EQ(si.si_code, SI_USER);	/* libc makes SI_USER of SI_TKILL here */
	pthread_join(t, NULL);
	unblock(SIGUSR1);
}

TEST(times_out)
{
	struct timespec t = { 0, 50000000 }, bad = { 0, 1000000000 }, neg = { -1, 0 };
	sigset_t set = one_signal(SIGUSR1);
	int64_t start = now_ns();

	block(SIGUSR1);
	EXPECT_ERRNO(sigtimedwait(&set, NULL, &t), EAGAIN);
	EXPECT_GE(now_ns() - start, 50000000);
	EXPECT_ERRNO(sigtimedwait(&set, NULL, &bad), EINVAL);
	EXPECT_ERRNO(sigtimedwait(&set, NULL, &neg), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigtimedwait, (void *)8, NULL, &t, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_rt_sigtimedwait, &set, NULL, &t, 4), EINVAL);
	unblock(SIGUSR1);
}

TEST(interrupted_by_another)
{
	sigset_t set = one_signal(SIGUSR1);
	struct poker p;

	block(SIGUSR1);
	log_start(SIGUSR2, SA_RESTART);
	poker_start(&p, SIGUSR2);
	EXPECT_ERRNO(sigwaitinfo(&set, NULL), EINTR);
	poker_stop(&p);
	EXPECT_GE(logged.count, 1);
	unblock(SIGUSR1);
	signal(SIGUSR2, SIG_DFL);
}

TEST(lowest_number_first)
{
	const int sig[] = { SIGRTMIN + 1, SIGUSR2, SIGHUP, SIGRTMIN, SIGTERM };
	static const int want[] = { SIGHUP, SIGUSR2, SIGTERM };
	struct timespec none = { 0, 0 };
	sigset_t set, old;

	sigemptyset(&set);
	for (int i = 0; i < 5; i++)
		sigaddset(&set, sig[i]);
	sigprocmask(SIG_BLOCK, &set, &old);
	for (int i = 0; i < 5; i++)
		raise(sig[i]);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(sigtimedwait(&set, NULL, &none), want[i]);
	EXPECT_EQ(sigtimedwait(&set, NULL, &none), SIGRTMIN);
	EXPECT_EQ(sigtimedwait(&set, NULL, &none), SIGRTMIN + 1);
	EXPECT_ERRNO(sigtimedwait(&set, NULL, &none), EAGAIN);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

TEST(kill_and_stop_are_not_taken)
{
	struct timespec none = { 0, 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGKILL);
	sigaddset(&set, SIGSTOP);
	EXPECT_ERRNO(sigtimedwait(&set, NULL, &none), EAGAIN);
}

static atomic_int sum;

static void *taker(void *arg)
{
	sigset_t set = one_signal(SIGRTMIN + 5);
	siginfo_t si;

	for (int i = 0; i < 25; i++) {
		/* EINTR: woken for one that another taker was faster to get. */
		while (sigwaitinfo(&set, &si) != SIGRTMIN + 5)
			if (errno != EINTR)
				return (void *)1;
		atomic_fetch_add(&sum, si.si_value.sival_int);
	}
	return arg;
}

TEST(four_takers_share_a_queue)
{
	pthread_t t[4];
	void *r;

	block(SIGRTMIN + 5);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, taker, NULL), 0);
	for (int i = 1; i <= 100; i++)
		EXPECT_OK(sigqueue(getpid(), SIGRTMIN + 5, (union sigval){ .sival_int = i }));
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(pthread_join(t[i], &r), 0);
		EXPECT(!r);
	}
	EXPECT_EQ(atomic_load(&sum), 5050);
	unblock(SIGRTMIN + 5);
}

static void *chld_later(void *arg)
{
	sleep_ms(20);
	kill(getpid(), SIGCHLD);
	return arg;
}

/* Ignored by default, but blocked and waited for: it arrives. */
TEST(ignored_by_default_but_waited_for)
{
	sigset_t set = one_signal(SIGCHLD);
	pthread_t t;

	block(SIGCHLD);
	EXPECT_EQ(pthread_create(&t, NULL, chld_later, NULL), 0);
	EXPECT_EQ(sigwaitinfo(&set, NULL), SIGCHLD);
	pthread_join(t, NULL);
	unblock(SIGCHLD);
}
