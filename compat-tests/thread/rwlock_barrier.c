/*
 * Read-write locks (many readers or one writer, timed and try forms) and barriers (one serial
 * thread per round, no thread runs ahead).
 */
#include "threads.h"

static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static atomic_int readers;
static long value, copy;

static void *try_both(void *arg)
{
	int r = pthread_rwlock_tryrdlock(&rw), w;

	if (!r)
		pthread_rwlock_unlock(&rw);
	w = pthread_rwlock_trywrlock(&rw);
	if (!w)
		pthread_rwlock_unlock(&rw);
	return (void *)(long)(r * 1000 + w + 0 * (long)arg);
}

TEST(try_forms)
{
	EXPECT_EQ(pthread_rwlock_rdlock(&rw), 0);
	EXPECT_EQ(thread_join(thread_start(try_both, NULL)), EBUSY);
	EXPECT_EQ(pthread_rwlock_unlock(&rw), 0);
	EXPECT_EQ(pthread_rwlock_wrlock(&rw), 0);
	EXPECT_EQ(thread_join(thread_start(try_both, NULL)), EBUSY * 1000 + EBUSY);
	EXPECT_EQ(pthread_rwlock_wrlock(&rw), EDEADLK);
	EXPECT_EQ(pthread_rwlock_rdlock(&rw), EDEADLK);
	EXPECT_EQ(pthread_rwlock_unlock(&rw), 0);
	EXPECT_EQ(thread_join(thread_start(try_both, NULL)), 0);
}

static void *timed(void *arg)
{
	struct timespec t = deadline(CLOCK_REALTIME, 40);
	int64_t start = now_ns();

	EXPECT_EQ(pthread_rwlock_timedrdlock(&rw, &t), ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 30000000);
	t = deadline(CLOCK_REALTIME, 20);
	EXPECT_EQ(pthread_rwlock_timedwrlock(&rw, &t), ETIMEDOUT);
	return arg;
}

TEST(timed_forms)
{
	EXPECT_EQ(pthread_rwlock_wrlock(&rw), 0);
	EXPECT(thread_join(thread_start(timed, NULL)) == NULL);
	EXPECT_EQ(pthread_rwlock_unlock(&rw), 0);
}

static void *read_together(void *arg)
{
	pthread_rwlock_rdlock(&rw);
	atomic_fetch_add(&readers, 1);
	WAIT_UNTIL(atomic_load(&readers) == 6);		/* needs all of them inside at once */
	pthread_rwlock_unlock(&rw);
	return (void *)((long)arg * 0);
}

TEST(readers_share)
{
	atomic_store(&readers, 0);
	threads_run(6, read_together);
}

static void *mixed(void *arg)
{
	long id = (long)arg;

	for (int i = 0; i < 3000; i++) {
		if ((i + id) % 8 == 0) {
			pthread_rwlock_wrlock(&rw);
			value++;
			copy++;
		} else {
			pthread_rwlock_rdlock(&rw);
			EXPECT_EQ(value, copy);
		}
		pthread_rwlock_unlock(&rw);
	}
	return NULL;
}

TEST(writers_exclude)
{
	value = copy = 0;
	threads_run(6, mixed);
	EXPECT_EQ(value, 6 * 3000 / 8);
	EXPECT_EQ(copy, value);
}

enum { PARTIES = 7, ROUNDS = 200 };

static pthread_barrier_t barrier;
static atomic_int serial, arrived;

static void *cross(void *arg)
{
	for (int round = 1; round <= ROUNDS; round++) {
		int r;

		atomic_fetch_add(&arrived, 1);
		r = pthread_barrier_wait(&barrier);
		EXPECT(r == 0 || r == PTHREAD_BARRIER_SERIAL_THREAD);
		if (r)
			atomic_fetch_add(&serial, 1);
		EXPECT_GE(atomic_load(&arrived), round * PARTIES);
		EXPECT_LT(atomic_load(&arrived), (round + 1) * PARTIES);
		r = pthread_barrier_wait(&barrier);
		if (r)
			atomic_fetch_add(&serial, 1);
	}
	return (void *)((long)arg * 0);
}

TEST(barrier_rounds)
{
	EXPECT_EQ(pthread_barrier_init(&barrier, NULL, 0), EINVAL);
	EXPECT_EQ(pthread_barrier_init(&barrier, NULL, PARTIES), 0);
	threads_run(PARTIES, cross);
	EXPECT_EQ(atomic_load(&serial), 2 * ROUNDS);
	EXPECT_EQ(pthread_barrier_destroy(&barrier), 0);
}
