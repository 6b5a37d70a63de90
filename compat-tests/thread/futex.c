/*
 * Raw futex: value mismatch, wake counts, timeouts (relative and absolute on both clocks),
 * interruption, bitsets, requeue with and without compare, wake_op, and refused addresses and
 * operations.
 */
#include "futex.h"

static uint32_t word, other;

static void join_woken(struct sleeper *s, int n)
{
	for (int i = 0; i < n; i++) {
		thread_join(s[i].thread);
		EXPECT_EQ(s[i].result, 0);
	}
}

TEST(value_mismatch)
{
	word = 5;
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0), EAGAIN);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_PRIVATE, 4, NULL, NULL, 0), EAGAIN);
	EXPECT_EQ(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 0);
}

TEST(wake_counts)
{
	struct sleeper s[5];

	for (int i = 0; i < 5; i++)
		sleeper_start(&s[i], &word, 0);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0), 2);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 2);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 0);
	join_woken(s, 5);
}

TEST(words_are_apart)
{
	static uint32_t words[4];
	struct sleeper s[4];

	for (int i = 0; i < 4; i++)
		sleeper_start(&s[i], &words[i], 0);
	for (int i = 3; i >= 0; i--) {
		EXPECT_EQ(futex(&words[i], FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 1);
		join_woken(&s[i], 1);
	}
}

TEST(relative_timeout)
{
	struct timespec t = { 0, 50000000 }, bad = { 0, 1000000000 }, neg = { -1, 0 },
			zero = { 0, 0 };
	int64_t start = now_ns();

	word = 0;
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0), ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 50000000);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_PRIVATE, 0, &zero, NULL, 0), ETIMEDOUT);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_PRIVATE, 0, &bad, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_PRIVATE, 0, &neg, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_PRIVATE, 0, (void *)8, NULL, 0), EFAULT);
}

TEST(absolute_timeout)
{
	int64_t start = now_ns();
	struct timespec t = deadline(CLOCK_MONOTONIC, 50), past = { 0, 1 };

	word = 0;
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &t, NULL, FUTEX_BITSET_MATCH_ANY),
		     ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 50000000);
	start = now_ns();
	t = deadline(CLOCK_REALTIME, 50);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &t, NULL,
			   FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 40000000);
	EXPECT_ERRNO(
		futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &past, NULL, FUTEX_BITSET_MATCH_ANY),
		ETIMEDOUT);
}

TEST(bitsets)
{
	struct sleeper s[4];

	for (int i = 0; i < 4; i++)
		sleeper_start(&s[i], &word, 1u << i);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 0x10), 0);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 0x4), 1);
	join_woken(&s[2], 1);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 0x3), 2);
	join_woken(s, 2);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 1);	/* matches any */
	join_woken(&s[3], 1);
	EXPECT_ERRNO(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, 0), EINVAL);
}

TEST(requeue)
{
	struct sleeper s[6];

	word = other = 0;
	for (int i = 0; i < 6; i++)
		sleeper_start(&s[i], &word, 0);
	EXPECT_EQ(futex(&word, FUTEX_REQUEUE_PRIVATE, 1, (void *)2, &other, 0),
		  3);	/* woken + moved */
	EXPECT_EQ(futex(&other, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 2);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 3);
	join_woken(s, 6);
}

TEST(compare_and_requeue)
{
	struct sleeper s[4];

	word = 7;
	for (int i = 0; i < 4; i++)
		sleeper_start(&s[i], &word, 0);
	EXPECT_ERRNO(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)9, &other, 8), EAGAIN);
	EXPECT_EQ(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)9, &other, 7), 4);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 0);
	EXPECT_EQ(futex(&other, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 3);
	join_woken(s, 4);
	word = 0;
}

TEST(wake_op)
{
	struct sleeper a, b;

	word = 0;
	other = 10;
	sleeper_start(&a, &word, 0);
	sleeper_start(&b, &other, 0);
	/* other += 5; wake one on word; wake on other if it was > 9 */
	EXPECT_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other,
			FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_GT, 9)), 2);
	EXPECT_EQ(other, 15);
	join_woken(&a, 1);
	join_woken(&b, 1);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other,
			FUTEX_OP(FUTEX_OP_SET, 3, FUTEX_OP_CMP_EQ, 99)), 0);
	EXPECT_EQ(other, 3);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void interrupt(int flags, int expect)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = flags };
	struct sleeper s;

	EXPECT_OK(sigaction(SIGUSR1, &sa, NULL));
	sleeper_start(&s, &word, 0);
	EXPECT_EQ(pthread_kill(s.thread, SIGUSR1), 0);
	if (expect) {
		thread_join(s.thread);
		EXPECT_EQ(s.result, -1);
		EXPECT_EQ(s.error, expect);
	} else {
		sleep_ms(30);
		EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
		join_woken(&s, 1);
	}
	signal(SIGUSR1, SIG_DFL);
}

TEST(signals)
{
	interrupt(0, EINTR);
	interrupt(SA_RESTART, 0);
}

TEST(errors)
{
	char buf[16] __attribute__((aligned(8))) = "";

	EXPECT_ERRNO(futex(buf + 1, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(buf + 2, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex((void *)8, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex((void *)-4096, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex(&word, 99, 0, NULL, NULL, 0), ENOSYS);
	EXPECT_ERRNO(futex(&word, FUTEX_WAKE_PRIVATE | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 0),
		     ENOSYS);
}

static atomic_uint lock, hits;

/* A small lock made of the raw calls. */
static void *raw_lock(void *arg)
{
	for (int i = 0; i < 3000; i++) {
		unsigned int c = 0;

		if (!atomic_compare_exchange_strong(&lock, &c, 1))
			while (atomic_exchange(&lock, 2))
				futex(&lock, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
		atomic_store(&hits, atomic_load(&hits) + 1);
		if (atomic_exchange(&lock, 0) == 2)
			futex(&lock, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	return (void *)((long)arg * 0);
}

TEST(as_a_lock)
{
	threads_run(6, raw_lock);
	EXPECT_EQ(atomic_load(&hits), 18000);
}
