/*
 * POSIX timers: signals with values, threads, or nothing; relative, absolute, periodic; overruns
 * are counted; several live side by side; CPU-time timers.
 */
#include "../test.h"

static volatile sig_atomic_t hits;
static siginfo_t last;

static void on_signal(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	last = *si;
	hits++;
}

static timer_t make(clockid_t clock, int sig, int value)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = sig,
			       .sigev_value.sival_int = value };
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	timer_t t;

	EXPECT_OK(sigaction(sig, &sa, NULL));
	EXPECT_OK(timer_create(clock, &ev, &t));
	hits = 0;
	return t;
}

static struct itimerspec spec(int ms, int every_ms)
{
	return (struct itimerspec){ { every_ms / 1000, every_ms % 1000 * 1000000L },
				    { ms / 1000, ms % 1000 * 1000000L } };
}

static void set(timer_t t, int ms, int every_ms)
{
	struct itimerspec s = spec(ms, every_ms);

	EXPECT_OK(timer_settime(t, 0, &s, NULL));
}

TEST(once_with_value)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGRTMIN, 4711);
	int64_t start = now_ns();

	set(t, 30, 0);
	while (!hits)
		sleep_ms(1);
	EXPECT_GE(now_ns() - start, 30000000);
	EXPECT_EQ(last.si_code, SI_TIMER);
	EXPECT_EQ(last.si_value.sival_int, 4711);
	EXPECT_EQ(last.si_signo, SIGRTMIN);
	sleep_ms(40);
	EXPECT_EQ(hits, 1);
	EXPECT_OK(timer_delete(t));
	EXPECT_ERRNO(timer_delete(t), EINVAL);
}

TEST(periodic_and_stop)
{
	timer_t t = make(CLOCK_REALTIME, SIGUSR1, 0);
	int64_t start = now_ns();

	set(t, 10, 10);
	while (hits < 6)
		sleep_ms(1);
	EXPECT_GE(now_ns() - start, 55000000);
	set(t, 0, 0);
	hits = 0;
	sleep_ms(40);
	EXPECT_EQ(hits, 0);
	EXPECT_OK(timer_delete(t));
}

TEST(gettime)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGUSR1, 0);
	struct itimerspec s, old;

	EXPECT_OK(timer_gettime(t, &s));
	EXPECT(s.it_value.tv_sec == 0 && s.it_value.tv_nsec == 0);
	set(t, 30000, 2500);
	EXPECT_OK(timer_gettime(t, &s));
	EXPECT(s.it_value.tv_sec == 29 || (s.it_value.tv_sec == 30 && s.it_value.tv_nsec == 0));
	EXPECT_EQ(s.it_interval.tv_sec, 2);
	EXPECT_EQ(s.it_interval.tv_nsec, 500000000);
	s = spec(0, 0);
	EXPECT_OK(timer_settime(t, 0, &s, &old));
	EXPECT_EQ(old.it_interval.tv_sec, 2);
	EXPECT_OK(timer_delete(t));
}

TEST(absolute)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGUSR1, 0);
	struct itimerspec s = spec(0, 0);
	int64_t end = now_ns() + 40000000;

	s.it_value = (struct timespec){ end / 1000000000, end % 1000000000 };
	EXPECT_OK(timer_settime(t, TIMER_ABSTIME, &s, NULL));
	while (!hits)
		sleep_ms(1);
	EXPECT_GE(now_ns(), end);
	s.it_value = (struct timespec){ 0, 1 };	/* past: at once */
	hits = 0;
	EXPECT_OK(timer_settime(t, TIMER_ABSTIME, &s, NULL));
	while (!hits)
		sleep_ms(1);
	EXPECT_OK(timer_delete(t));
}

TEST(overruns)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGUSR1, 0);
	sigset_t set_, old;

	sigemptyset(&set_);
	sigaddset(&set_, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set_, &old);
	set(t, 5, 5);
	sleep_ms(60);
	sigprocmask(SIG_SETMASK, &old, NULL);
	EXPECT_GE(hits, 1);
	EXPECT_GE(last.si_overrun + hits, 8);	/* one signal stands for many expirations */
	set(t, 0, 0);
	EXPECT_GE(timer_getoverrun(t), 0);
	EXPECT_OK(timer_delete(t));
}

static volatile int thread_runs;

static void in_thread(union sigval v)
{
	if (v.sival_int == 5)
		__atomic_fetch_add(&thread_runs, 1, __ATOMIC_SEQ_CST);
}

TEST(thread_notification)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD,
			       .sigev_notify_function = in_thread,
			       .sigev_value.sival_int = 5 };
	timer_t t;

	EXPECT_OK(timer_create(CLOCK_MONOTONIC, &ev, &t));
	set(t, 5, 5);
	while (__atomic_load_n(&thread_runs, __ATOMIC_SEQ_CST) < 3)
		sleep_ms(1);
	EXPECT_OK(timer_delete(t));
}

TEST(several)
{
	timer_t t[8];
	sigset_t set_, old;
	int seen = 0;

	sigemptyset(&set_);
	sigaddset(&set_, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set_, &old);
	for (int i = 0; i < 8; i++) {
		t[i] = make(CLOCK_MONOTONIC, SIGRTMIN + 1, i);
		set(t[i], 5 * (8 - i), 0);
	}
	for (int i = 0; i < 8; i++) {
		siginfo_t si;

		EXPECT_EQ(sigwaitinfo(&set_, &si), SIGRTMIN + 1);
		seen |= 1 << si.si_value.sival_int;
	}
	EXPECT_EQ(seen, 0xff);
	sigprocmask(SIG_SETMASK, &old, NULL);
	for (int i = 0; i < 8; i++)
		EXPECT_OK(timer_delete(t[i]));
}

TEST(to_one_thread)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	timer_t t;

	ev._sigev_un._tid = (int)syscall(SYS_gettid);
	EXPECT_OK(sigaction(SIGUSR1, &sa, NULL));
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, &ev, &t));
	hits = 0;
	set(t, 10, 0);
	while (!hits)
		sleep_ms(1);
	EXPECT_OK(timer_delete(t));
}

TEST(no_notification)
{
	struct sigevent ev = { .sigev_notify = SIGEV_NONE };
	struct itimerspec s;
	timer_t t;

	EXPECT_OK(timer_create(CLOCK_MONOTONIC, &ev, &t));
	set(t, 5, 0);
	sleep_ms(20);
	EXPECT_OK(timer_gettime(t, &s));
	EXPECT(s.it_value.tv_sec == 0 && s.it_value.tv_nsec == 0);
	EXPECT_OK(timer_delete(t));
}

TEST(cpu_time)
{
	timer_t t = make(CLOCK_PROCESS_CPUTIME_ID, SIGUSR2, 0);

	set(t, 30, 0);
	while (!hits)
		;
	EXPECT_OK(timer_delete(t));
}

TEST(errors)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 99 };
	struct itimerspec s = spec(0, 0);
	timer_t t;

	EXPECT_ERRNO(timer_create(99, NULL, &t), EINVAL);
	EXPECT_ERRNO(timer_create(CLOCK_MONOTONIC, &ev, &t), EINVAL);
	t = make(CLOCK_MONOTONIC, SIGUSR1, 0);
	s.it_value.tv_nsec = 1000000000;
	EXPECT_ERRNO(timer_settime(t, 0, &s, NULL), EINVAL);
	EXPECT_OK(timer_delete(t));
	s = spec(1, 0);
	EXPECT_ERRNO(timer_settime(t, 0, &s, NULL), EINVAL);
	EXPECT_ERRNO(timer_gettime(t, &s), EINVAL);
	EXPECT_ERRNO(timer_getoverrun(t), EINVAL);
}
