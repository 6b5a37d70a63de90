/*
 * Threads that never call the system share the processors all the same: more spinners than CPUs all
 * make progress, a spinner holds up neither sleepers nor signals nor other processes.
 */
#include "threads.h"
#include <linux/futex.h>
#include <sys/syscall.h>

enum { SPINNERS = 8 };

static atomic_int stop;
static volatile unsigned long progress[SPINNERS];

static void *spin(void *arg)
{
	while (!atomic_load_explicit(&stop, memory_order_relaxed))
		progress[(long)arg]++;
	return NULL;
}

static void start(pthread_t *t)
{
	atomic_store(&stop, 0);
	for (long i = 0; i < SPINNERS; i++) {
		progress[i] = 0;
		t[i] = thread_start(spin, (void *)i);
	}
}

static void finish(pthread_t *t)
{
	atomic_store(&stop, 1);
	for (int i = 0; i < SPINNERS; i++)
		thread_join(t[i]);
}

TEST(all_make_progress)
{
	pthread_t t[SPINNERS];

	start(t);
	for (int i = 0; i < SPINNERS; i++)
		WAIT_UNTIL(progress[i] > 1000);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < SPINNERS; i++) {
			unsigned long seen = progress[i];

			WAIT_UNTIL(progress[i] > seen);
		}
	finish(t);
}

TEST(sleeper_wakes)
{
	pthread_t t[SPINNERS];

	start(t);
	for (int i = 0; i < 10; i++) {
		int64_t from = now_ns();

		sleep_ms(10);
		EXPECT_GE(now_ns() - from, 10000000);
	}
	finish(t);
}

static atomic_int token;

static void *spin_for_token(void *arg)
{
	int me = (int)(long)arg;

	for (int i = 0; i < 10; i++) {
		while (atomic_load(&token) != i * 3 + me)
			;	/* no yield: somebody else must be let in by force */
		atomic_store(&token, i * 3 + me + 1);
	}
	return NULL;
}

TEST(token_without_yield)
{
	atomic_store(&token, 0);
	threads_run(3, spin_for_token);
	EXPECT_EQ(atomic_load(&token), 30);
}

static atomic_int caught;

static void on_signal(int sig)
{
	(void)sig;
	atomic_fetch_add(&caught, 1);
}

static void *spin_until_caught(void *arg)
{
	(void)arg;
	while (atomic_load(&caught) < 10)
		;
	return NULL;
}

TEST(signals_reach_a_spinner)
{
	pthread_t t;

	signal(SIGUSR1, on_signal);
	t = thread_start(spin_until_caught, NULL);
	for (int i = 1; i <= 10; i++) {
		EXPECT_EQ(pthread_kill(t, SIGUSR1), 0);
		WAIT_UNTIL(atomic_load(&caught) >= i);
	}
	thread_join(t);
	signal(SIGUSR1, SIG_DFL);
}

static atomic_int ball;	/* odd: the other's */

static void ball_hit(int to)
{
	atomic_store(&ball, to);
	syscall(SYS_futex, &ball, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static int ball_await(int while_odd)
{
	int now;

	while ((now = atomic_load(&ball)) >= 0 && (now & 1) == while_odd)
		syscall(SYS_futex, &ball, FUTEX_WAIT_PRIVATE, now, NULL, NULL, 0);
	return now;
}

static void *hit_back(void *arg)
{
	int now;

	while ((now = ball_await(0)) >= 0)
		ball_hit(now + 1);
	return arg;
}

/* Who has always slept after it woke the other does not this time: the woken one runs all the same. */
TEST(woken_by_a_spinner)
{
	pthread_t t;
	int now = 0;

	atomic_store(&ball, 0);
	t = thread_start(hit_back, NULL);
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 50; i++) {
			ball_hit(now + 1);
			now = ball_await(1);
		}
		ball_hit(now + 1);
		while ((atomic_load(&ball) & 1) == 1)
			;
		now += 2;
		EXPECT_EQ(atomic_load(&ball), now);
	}
	ball_hit(-1);
	thread_join(t);
}

ROLE(spin_for_ever)
{
	for (volatile unsigned long i = 1; i; i++)
		;
	return 1;
}

ROLE(nine)
{
	return 9;
}

TEST(spinning_processes)
{
	pid_t pid[4];

	for (int i = 0; i < 4; i++)
		pid[i] = spawn_self("spin_for_ever");
	for (int i = 0; i < 5; i++)
		EXPECT_EXIT(spawn_self("nine"), 9);
	sleep_ms(20);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(waitpid(pid[i], NULL, WNOHANG), 0);
		EXPECT_OK(kill(pid[i], SIGKILL));
		EXPECT_SIGNALED(pid[i], SIGKILL);
	}
}
