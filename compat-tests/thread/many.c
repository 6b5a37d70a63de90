/*
 * Two hundred threads at a time, thousands one after the other, threads that start threads; every
 * one runs, every one is counted out again.
 */
#include "threads.h"

enum { N = 200 };

static atomic_int inside, left;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static bool open_gate;

static void *wait_for_gate(void *arg)
{
	atomic_fetch_add(&inside, 1);
	pthread_mutex_lock(&m);
	while (!open_gate)
		pthread_cond_wait(&c, &m);
	pthread_mutex_unlock(&m);
	atomic_fetch_add(&left, 1);
	return arg;
}

static int count_threads(void)
{
	char buf[4096], *p;

	if (read_file("/proc/self/status", buf, sizeof(buf)) <= 0)
		return -1;
	p = strstr(buf, "\nThreads:");
	return p ? atoi(p + 9) : -1;
}

TEST(two_hundred_at_once)
{
	pthread_t t[N];

	for (long i = 0; i < N; i++)
		t[i] = thread_start(wait_for_gate, (void *)i);
	WAIT_UNTIL(atomic_load(&inside) == N);
	EXPECT_EQ(count_threads(), N + 1);
	EXPECT_EQ(atomic_load(&left), 0);
	pthread_mutex_lock(&m);
	open_gate = true;
	pthread_cond_broadcast(&c);
	pthread_mutex_unlock(&m);
	for (long i = 0; i < N; i++)
		EXPECT_EQ(thread_join(t[i]), i);
	EXPECT_EQ(atomic_load(&left), N);
}

static void *nothing(void *arg)
{
	return arg;
}

TEST(three_thousand_in_a_row)
{
	for (long i = 0; i < 3000; i++)
		EXPECT_EQ(thread_join(thread_start(nothing, (void *)i)), i);
	/* The last one may still be on its way out of the kernel's count. */
	WAIT_UNTIL(count_threads() == 1);
}

static void *split(void *arg)
{
	long depth = (long)arg, sum = 0;
	pthread_t t[2];

	if (depth == 0)
		return (void *)1;
	for (int i = 0; i < 2; i++)
		t[i] = thread_start(split, (void *)(depth - 1));
	for (int i = 0; i < 2; i++)
		sum += (long)thread_join(t[i]);
	return (void *)sum;
}

TEST(threads_that_start_threads)
{
	EXPECT_EQ(thread_join(thread_start(split, (void *)7)), 128);
}

static atomic_long tids[64];

static void *note_tid(void *arg)
{
	atomic_store(&tids[(long)arg], syscall(SYS_gettid));
	WAIT_UNTIL(atomic_load(&inside) == 0);
	return NULL;
}

TEST(tids_differ)
{
	pthread_t t[64];

	atomic_store(&inside, 1);
	for (long i = 0; i < 64; i++)
		t[i] = thread_start(note_tid, (void *)i);
	for (int i = 0; i < 64; i++) {
		WAIT_UNTIL(atomic_load(&tids[i]));
		for (int j = 0; j < i; j++)
			EXPECT_NE(atomic_load(&tids[i]), atomic_load(&tids[j]));
	}
	atomic_store(&inside, 0);
	for (int i = 0; i < 64; i++)
		thread_join(t[i]);
}

static void *sleep_a_bit(void *arg)
{
	sleep_ms(50);
	return arg;
}

/* Sleeping threads cost no time of each other. */
TEST(hundred_sleepers)
{
	pthread_t t[100];
	int64_t start = now_ns();

	for (int i = 0; i < 100; i++)
		t[i] = thread_start(sleep_a_bit, NULL);
	for (int i = 0; i < 100; i++)
		thread_join(t[i]);
	EXPECT_GE(now_ns() - start, 50000000);
	EXPECT_LT(now_ns() - start, 3000000000);
}
