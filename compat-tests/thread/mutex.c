/*
 * Mutex kinds: normal, recursive, error-checking, adaptive; trylock and timedlock; priority
 * protocols that exist; and mutual exclusion under contention, in one process and between
 * processes.
 */
#include "threads.h"
#include <sys/mman.h>

static pthread_mutex_t make(int type)
{
	pthread_mutexattr_t at;
	pthread_mutex_t m;

	pthread_mutexattr_init(&at);
	EXPECT_EQ(pthread_mutexattr_settype(&at, type), 0);
	EXPECT_EQ(pthread_mutex_init(&m, &at), 0);
	pthread_mutexattr_destroy(&at);
	return m;
}

static void *try_lock(void *m)
{
	int r = pthread_mutex_trylock(m);

	if (!r)
		pthread_mutex_unlock(m);
	return (void *)(long)r;
}

static void *unlock(void *m)
{
	return (void *)(long)pthread_mutex_unlock(m);
}

TEST(normal)
{
	pthread_mutex_t m = make(PTHREAD_MUTEX_NORMAL);

	EXPECT_EQ(pthread_mutex_lock(&m), 0);
	EXPECT_EQ(pthread_mutex_trylock(&m), EBUSY);
	EXPECT_EQ(thread_join(thread_start(try_lock, &m)), EBUSY);
	EXPECT_EQ(pthread_mutex_unlock(&m), 0);
	EXPECT_EQ(thread_join(thread_start(try_lock, &m)), 0);
	EXPECT_EQ(pthread_mutex_destroy(&m), 0);
}

TEST(recursive)
{
	pthread_mutex_t m = make(PTHREAD_MUTEX_RECURSIVE);

	for (int i = 0; i < 10; i++)
		EXPECT_EQ(pthread_mutex_lock(&m), 0);
	EXPECT_EQ(thread_join(thread_start(unlock, &m)), EPERM);
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(thread_join(thread_start(try_lock, &m)), EBUSY);
		EXPECT_EQ(pthread_mutex_unlock(&m), 0);
	}
	EXPECT_EQ(thread_join(thread_start(try_lock, &m)), 0);
	EXPECT_EQ(pthread_mutex_unlock(&m), EPERM);
}

TEST(errorcheck)
{
	pthread_mutex_t m = make(PTHREAD_MUTEX_ERRORCHECK);

	EXPECT_EQ(pthread_mutex_unlock(&m), EPERM);
	EXPECT_EQ(pthread_mutex_lock(&m), 0);
	EXPECT_EQ(pthread_mutex_lock(&m), EDEADLK);
	EXPECT_EQ(thread_join(thread_start(unlock, &m)), EPERM);
	EXPECT_EQ(pthread_mutex_unlock(&m), 0);
}

static void *timed(void *m)
{
	struct timespec t = deadline(CLOCK_REALTIME, 60), mono = deadline(CLOCK_MONOTONIC, 120),
			past = { 1, 0 };
	struct timespec bad = { 0, 1000000000 };
	int64_t start = now_ns();

	EXPECT_EQ(pthread_mutex_timedlock(m, &t), ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 50000000);
	EXPECT_EQ(pthread_mutex_clocklock(m, CLOCK_MONOTONIC, &mono), ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 120000000);
	EXPECT_EQ(pthread_mutex_timedlock(m, &past), ETIMEDOUT);
	EXPECT_EQ(pthread_mutex_timedlock(m, &bad), EINVAL);
	return NULL;
}

TEST(timedlock)
{
	pthread_mutex_t m = make(PTHREAD_MUTEX_NORMAL);
	struct timespec past = { 1, 0 };

	EXPECT_EQ(pthread_mutex_lock(&m), 0);
	EXPECT(thread_join(thread_start(timed, &m)) == NULL);
	EXPECT_EQ(pthread_mutex_unlock(&m), 0);
	EXPECT_EQ(pthread_mutex_timedlock(&m, &past), 0);	/* free: the time does not matter */
	EXPECT_EQ(pthread_mutex_unlock(&m), 0);
}

static pthread_mutex_t shared;
static long total;

static void *add(void *arg)
{
	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&shared);
		total++;
		if (i % 1000 == 0)
			sched_yield();
		pthread_mutex_unlock(&shared);
	}
	return (void *)((long)arg * 0);
}

static void contend(int type)
{
	shared = make(type);
	total = 0;
	threads_run(6, add);
	EXPECT_EQ(total, 120000);
}

TEST(contention)
{
	contend(PTHREAD_MUTEX_NORMAL);
	contend(PTHREAD_MUTEX_RECURSIVE);
	contend(PTHREAD_MUTEX_ERRORCHECK);
	contend(PTHREAD_MUTEX_ADAPTIVE_NP);
}

struct board {
	pthread_mutex_t m;
	long total;
};

static struct board *board_map(int fd)
{
	return EXPECT_OK(
		(struct board *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
}

ROLE(add)
{
	struct board *b = board_map(atoi(argv[0]));

	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&b->m);
		b->total++;
		pthread_mutex_unlock(&b->m);
	}
	return 0;
}

TEST(between_processes)
{
	int fd = EXPECT_OK(memfd_create("board", 0));
	pthread_mutexattr_t at;
	struct board *b;
	pid_t pid[3];
	char num[16];

	EXPECT_OK(ftruncate(fd, 4096));
	b = board_map(fd);
	pthread_mutexattr_init(&at);
	EXPECT_EQ(pthread_mutexattr_setpshared(&at, PTHREAD_PROCESS_SHARED), 0);
	EXPECT_EQ(pthread_mutex_init(&b->m, &at), 0);
	snprintf(num, sizeof(num), "%d", fd);
	for (int i = 0; i < 3; i++)
		pid[i] = spawn_self("add", num);
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(pid[i], 0);
	EXPECT_EQ(b->total, 60000);
	EXPECT_OK(munmap(b, 4096));
	close(fd);
}

static void *lock_long(void *m)
{
	pthread_mutex_lock(m);
	total++;
	pthread_mutex_unlock(m);
	return NULL;
}

/* Priority inheritance uses other futex operations. */
TEST(priority_inheritance)
{
	pthread_mutexattr_t at;
	pthread_mutex_t m;
	pthread_t t[3];
	int err;

	pthread_mutexattr_init(&at);
	pthread_mutexattr_setprotocol(&at, PTHREAD_PRIO_INHERIT);
	err = pthread_mutex_init(&m, &at);
	if (err == ENOTSUP)
		SKIP("no priority inheritance");
	EXPECT_EQ(err, 0);
	total = 0;
	EXPECT_EQ(pthread_mutex_lock(&m), 0);
	for (int i = 0; i < 3; i++)
		t[i] = thread_start(lock_long, &m);
	sleep_ms(20);
	EXPECT_EQ(total, 0);
	EXPECT_EQ(pthread_mutex_unlock(&m), 0);
	for (int i = 0; i < 3; i++)
		thread_join(t[i]);
	EXPECT_EQ(total, 3);
}
