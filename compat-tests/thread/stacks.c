/*
 * Thread stacks: the size asked for, one's own memory as stack, deep recursion in many at once,
 * reuse after a thread's end, and stacks that are apart.
 */
#include "threads.h"
#include <sys/mman.h>

static void *where(void *arg)
{
	pthread_attr_t at;
	size_t size;
	void *low;

	pthread_getattr_np(pthread_self(), &at);
	pthread_attr_getstack(&at, &low, &size);
	pthread_attr_destroy(&at);
	EXPECT((char *)&at >= (char *)low && (char *)&at < (char *)low + size);
	if (arg)
		*(size_t *)arg = size;
	return low;
}

TEST(asked_size)
{
	static const size_t sizes[] = { 16384, 65536, 1 << 20, 64 << 20 };
	pthread_attr_t at;
	pthread_t t;
	size_t got;

	pthread_attr_init(&at);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(pthread_attr_setstacksize(&at, sizes[i]), 0);
		EXPECT_EQ(pthread_create(&t, &at, where, &got), 0);
		thread_join(t);
		EXPECT_GE(got, sizes[i]);
	}
	EXPECT_EQ(pthread_attr_setstacksize(&at, 100), EINVAL);
	pthread_attr_destroy(&at);
}

TEST(own_memory)
{
	size_t size = 256 << 10;
	char *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t at;
	pthread_t t;

	pthread_attr_init(&at);
	EXPECT_EQ(pthread_attr_setstack(&at, mem, size), 0);
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(pthread_create(&t, &at, where, NULL), 0);
		EXPECT_EQ((uintptr_t)thread_join(t), (uintptr_t)mem);
	}
	pthread_attr_destroy(&at);
	EXPECT_OK(munmap(mem, size));
}

__attribute__((noinline))
static long dig(long depth, long tag)
{
	volatile long frame[120];

	for (int i = 0; i < 120; i += 30)
		frame[i] = tag;
	if (depth % 500 == 0)
		sched_yield();
	if (depth && dig(depth - 1, tag) != tag)
		return -1;
	return frame[0] == tag && frame[90] == tag ? tag : -1;
}

static void *dig_deep(void *arg)
{
	EXPECT_EQ(dig(4000, (long)arg + 1), (long)arg + 1);	/* some 4 MiB */
	return NULL;
}

TEST(deep_in_eight_threads)
{
	threads_run(8, dig_deep);
}

static void *fill(void *arg)
{
	volatile char big[100000];

	memset((char *)big, (int)(long)arg, sizeof(big));
	sched_yield();
	for (size_t i = 0; i < sizeof(big); i += 997)
		EXPECT_EQ(big[i], (char)(long)arg);
	return NULL;
}

TEST(reused_many_times)
{
	for (int i = 0; i < 60; i++)
		threads_run(8, fill);
}

static atomic_int stop;

static void *publish(void *arg)
{
	volatile int value = 1;

	atomic_store((_Atomic(volatile int *) *)arg, &value);
	WAIT_UNTIL(value == 2);
	value = 3;
	WAIT_UNTIL(atomic_load(&stop));
	return NULL;
}

/* One thread may write in the frame of another. */
TEST(visible_to_others)
{
	_Atomic(volatile int *) p = NULL;
	pthread_t t = thread_start(publish, &p);

	WAIT_UNTIL(atomic_load(&p));
	EXPECT_EQ(*atomic_load(&p), 1);
	*atomic_load(&p) = 2;
	WAIT_UNTIL(*atomic_load(&p) == 3);
	atomic_store(&stop, 1);
	thread_join(t);
}

static void *aligned(void *arg)
{
	volatile double x __attribute__((aligned(64))) = 1.5;
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);

	EXPECT_EQ((uintptr_t)&x % 64, 0);
	EXPECT_EQ(frame % 16, 0);
	return (void *)((long)arg * 0);
}

TEST(alignment)
{
	threads_run(8, aligned);
}
