/*
 * Thread-local storage: initial values for every thread, alignment, size, addresses that differ,
 * errno, and keys with their destructors run in rounds.
 */
#include "threads.h"
#include <sys/mman.h>

static __thread int counter = 5;
static __thread char zeroed[5000];
static __thread struct { char c; _Alignas(256) int big; } aligned = { 'x', 9 };
static __thread uint64_t array[4000] = { 1, 2, 3 };

static void *check_initial(void *arg)
{
	long id = (long)arg;

	EXPECT_EQ(counter, 5);
	EXPECT_EQ(aligned.c, 'x');
	EXPECT_EQ(aligned.big, 9);
	EXPECT_EQ((uintptr_t)&aligned.big % 256, 0);
	EXPECT(array[0] == 1 && array[1] == 2 && array[2] == 3 && array[3999] == 0);
	for (size_t i = 0; i < sizeof(zeroed); i++)
		EXPECT_EQ(zeroed[i], 0);
	counter = id;
	array[3999] = id;
	memset(zeroed, (int)id, sizeof(zeroed));
	for (int i = 0; i < 100; i++) {
		sched_yield();
		EXPECT_EQ(counter, id);
		EXPECT_EQ(array[3999], id);
		EXPECT_EQ(zeroed[4999], (char)id);
	}
	return NULL;
}

TEST(every_thread_starts_fresh)
{
	for (int round = 0; round < 5; round++)
		threads_run(16, check_initial);
	EXPECT_EQ(counter, 5);
}

static void *address_of(void *arg)
{
	*(int **)arg = &counter;
	counter = 1;
	WAIT_UNTIL(counter == 2);
	return NULL;
}

TEST(visible_from_others)
{
	int *volatile p = NULL;
	pthread_t t = thread_start(address_of, (void *)&p);

	WAIT_UNTIL(p);
	EXPECT(p != &counter);
	WAIT_UNTIL(*(volatile int *)p == 1);
	__atomic_store_n(p, 2, __ATOMIC_SEQ_CST);
	EXPECT(thread_join(t) == NULL);
	EXPECT_EQ(counter, 5);
}

static void *errno_loop(void *arg)
{
	long id = (long)arg;

	for (int i = 0; i < 300; i++) {
		errno = 0;
		if (id % 2) {
			EXPECT_EQ(close(-1), -1);
			sched_yield();
			EXPECT_EQ(errno, EBADF);
		} else {
			EXPECT_EQ(munmap((void *)1, 1), -1);
			sched_yield();
			EXPECT_EQ(errno, EINVAL);
		}
	}
	return NULL;
}

TEST(errno_is_per_thread)
{
	threads_run(4, errno_loop);
}

static pthread_key_t key[3];
static atomic_int destroyed, rounds;

static void destroy(void *arg)
{
	atomic_fetch_add(&destroyed, (int)(long)arg);
}

static void destroy_again(void *arg)
{
	if (atomic_fetch_add(&rounds, 1) < 2)
		pthread_setspecific(key[1], arg);
}

static void *use_keys(void *arg)
{
	EXPECT(pthread_getspecific(key[0]) == NULL);
	EXPECT_EQ(pthread_setspecific(key[0], (char *)arg + 1), 0);
	sched_yield();
	EXPECT_EQ(pthread_getspecific(key[0]), (long)arg + 1);
	return NULL;
}

static void *use_key_again(void *arg)
{
	pthread_setspecific(key[1], &rounds);
	return arg;
}

TEST(keys)
{
	EXPECT_EQ(pthread_key_create(&key[0], destroy), 0);
	EXPECT_EQ(pthread_key_create(&key[1], destroy_again), 0);
	threads_run(10, use_keys);
	EXPECT_EQ(atomic_load(&destroyed), 55);
	EXPECT(thread_join(thread_start(use_key_again, NULL)) == NULL);
	EXPECT_EQ(atomic_load(&rounds), 3);
	EXPECT_EQ(pthread_key_delete(key[0]), 0);
	EXPECT_EQ(pthread_key_delete(key[1]), 0);
	EXPECT_EQ(pthread_setspecific(key[0], NULL), EINVAL);
}

/*
 * The thread pointer points to itself (x86-64 ABI) and FS-relative access works after every kind of
 * call.
 */
static void *thread_pointer(void *arg)
{
	void *self;

	for (int i = 0; i < 50; i++) {
		__asm__ volatile("mov %%fs:0, %0" : "=r"(self));
		EXPECT_EQ((uintptr_t)self, (uintptr_t)pthread_self());
		i % 3 ? sched_yield() : usleep(10);
	}
	return (void *)((long)arg * 0);
}

TEST(fs_base)
{
	threads_run(6, thread_pointer);
}
