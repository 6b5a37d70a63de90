/*
 * alarm and setitimer: real, virtual and profiling timers send their signals, once or again and
 * again, tell the time left, replace each other, and are not inherited by a spawned child.
 */
#define TEST_NO_MAIN
#include "../test.h"
#include <sys/time.h>

static volatile sig_atomic_t hits;

static void on_signal(int sig)
{
	(void)sig;
	hits++;
}

static struct itimerval timer(int ms, int every_ms)
{
	return (struct itimerval){ { every_ms / 1000, every_ms % 1000 * 1000 },
				   { ms / 1000, ms % 1000 * 1000 } };
}

static void start(int which, int sig, int ms, int every_ms)
{
	struct itimerval t = timer(ms, every_ms);

	hits = 0;
	signal(sig, on_signal);
	EXPECT_OK(setitimer(which, &t, NULL));
}

TEST(real_once)
{
	int64_t begin = now_ns();
	struct itimerval t;

	start(ITIMER_REAL, SIGALRM, 40, 0);
	while (!hits)
		sleep_ms(1);
	EXPECT_GE(now_ns() - begin, 40000000);
	sleep_ms(50);
	EXPECT_EQ(hits, 1);
	EXPECT_OK(getitimer(ITIMER_REAL, &t));
	EXPECT(t.it_value.tv_sec == 0 && t.it_value.tv_usec == 0);
}

TEST(real_periodic)
{
	struct itimerval off = timer(0, 0), old;
	int64_t begin = now_ns();

	start(ITIMER_REAL, SIGALRM, 10, 10);
	while (hits < 8)
		sleep_ms(1);
	EXPECT_GE(now_ns() - begin, 80000000);
	EXPECT_OK(setitimer(ITIMER_REAL, &off, &old));
	EXPECT_EQ(old.it_interval.tv_usec, 10000);
	EXPECT_LE(old.it_value.tv_usec, 10000);
	hits = 0;
	sleep_ms(40);
	EXPECT_EQ(hits, 0);
}

static void spin_until(int n)
{
	while (hits < n)
		;
}

TEST(virtual_and_profiling)
{
	struct itimerval off = timer(0, 0);

	start(ITIMER_VIRTUAL, SIGVTALRM, 10, 10);
	spin_until(3);
	EXPECT_OK(setitimer(ITIMER_VIRTUAL, &off, NULL));
	start(ITIMER_PROF, SIGPROF, 10, 10);
	spin_until(3);
	EXPECT_OK(setitimer(ITIMER_PROF, &off, NULL));
	/* Sleeping uses no CPU time. */
	start(ITIMER_PROF, SIGPROF, 80, 0);
	sleep_ms(150);
	EXPECT_EQ(hits, 0);
	EXPECT_OK(setitimer(ITIMER_PROF, &off, NULL));
	signal(SIGVTALRM, SIG_DFL);
	signal(SIGPROF, SIG_DFL);
}

TEST(alarm_call)
{
	signal(SIGALRM, on_signal);
	alarm(100);
	EXPECT_EQ(alarm(50), 100);
	EXPECT_EQ(alarm(0), 50);
	EXPECT_EQ(alarm(0), 0);
	hits = 0;
	EXPECT_EQ(alarm(1), 0);
	while (!hits)
		sleep_ms(1);
	EXPECT_EQ(alarm(0), 0);
}

TEST(alarm_and_itimer_are_one)
{
	struct itimerval t;

	alarm(0);
	start(ITIMER_REAL, SIGALRM, 30600, 0);
	EXPECT_EQ(alarm(20), 31);	/* rounded */
	EXPECT_OK(getitimer(ITIMER_REAL, &t));
	EXPECT(t.it_value.tv_sec == 19 || (t.it_value.tv_sec == 20 && t.it_value.tv_usec == 0));
}

TEST(errors)
{
	struct itimerval t = { { 0, 0 }, { 0, 1000000 } };

	EXPECT_ERRNO(setitimer(99, &t, NULL), EINVAL);
	EXPECT_ERRNO(getitimer(99, &t), EINVAL);
	EXPECT_ERRNO(setitimer(ITIMER_VIRTUAL, &t, NULL), EINVAL);
	t = (struct itimerval){ { 0, -1 }, { 0, 1 } };
	EXPECT_ERRNO(setitimer(ITIMER_VIRTUAL, &t, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getitimer, ITIMER_REAL, (void *)8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_setitimer, ITIMER_VIRTUAL, (void *)8, NULL), EFAULT);
}

/* main() below answers before the harness arms an alarm of its own. */
TEST(not_inherited_by_spawn)
{
	char *argv[] = { "self", "--alarm-left", NULL };
	pid_t pid;

	start(ITIMER_REAL, SIGALRM, 15000, 0);
	EXPECT_EQ(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
	EXPECT_EXIT(pid, 0);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--alarm-left"))
		return (int)alarm(0);
	return test_main(argc, argv);
}
