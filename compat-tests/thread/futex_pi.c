/*
 * Futexes that are locks: the word names the owner, a lock goes to who waits for it, also when its owner dies; circles
 * are refused; waiters are moved from a word to a lock; a real-time thread lends its priority to the owner.
 */
#include "futex.h"
#include <sys/resource.h>

#define WAITERS FUTEX_WAITERS
#define DIED FUTEX_OWNER_DIED

static atomic_uint word, lock, lock2;
static atomic_int ready, go, done;

static int tid(void)
{
	return (int)syscall(SYS_gettid);
}

static long op(atomic_uint *w, int what)
{
	long r = futex(w, what | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);

	return r < 0 ? -errno : r;
}

static void reset(void)
{
	atomic_store(&word, 0);
	atomic_store(&lock, 0);
	atomic_store(&lock2, 0);
	atomic_store(&ready, 0);
	atomic_store(&go, 0);
	atomic_store(&done, 0);
}

static void sleeps(int t)
{
	WAIT_UNTIL(thread_sleeps(t));
}

TEST(alone)
{
	reset();
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	EXPECT_EQ(atomic_load(&lock), tid());
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), -EDEADLK);
	EXPECT_EQ(op(&lock, FUTEX_TRYLOCK_PI), -EDEADLK);
	EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
	EXPECT_EQ(atomic_load(&lock), 0);
	EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), -EPERM);
	atomic_store(&lock, DIED);
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	EXPECT_EQ(atomic_load(&lock), DIED | (unsigned)tid());
	EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
	EXPECT_EQ(atomic_load(&lock), 0);
	atomic_store(&lock, 0x3ffffff0);
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), -ESRCH);
	EXPECT_EQ(op(&lock, FUTEX_TRYLOCK_PI), -ESRCH);
}

static void *holder(void *arg)
{
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	atomic_store(&ready, tid());
	WAIT_UNTIL(atomic_load(&go));
	if (!arg)
		EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
	return NULL;
}

static void *taker(void *arg)
{
	atomic_store((atomic_int *)arg, tid());
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	EXPECT_EQ(atomic_load(&lock) & FUTEX_TID_MASK, tid());
	atomic_fetch_add(&done, 1);
	EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
	return NULL;
}

TEST(handed_over)
{
	atomic_int t1 = 0, t2 = 0;
	pthread_t h, a, b;

	reset();
	h = thread_start(holder, NULL);
	WAIT_UNTIL(atomic_load(&ready));
	EXPECT_EQ(op(&lock, FUTEX_TRYLOCK_PI), -EAGAIN);
	a = thread_start(taker, &t1);
	WAIT_UNTIL(atomic_load(&t1));
	sleeps(t1);
	EXPECT_EQ(atomic_load(&lock), WAITERS | (unsigned)atomic_load(&ready));
	b = thread_start(taker, &t2);
	WAIT_UNTIL(atomic_load(&t2));
	sleeps(t2);
	EXPECT_EQ(futex((void *)&lock, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), -1);
	EXPECT_EQ(errno, EINVAL);
	atomic_store(&go, 1);
	thread_join(h);
	thread_join(a);
	thread_join(b);
	EXPECT_EQ(atomic_load(&done), 2);
	EXPECT_EQ(atomic_load(&lock), 0);
}

TEST(owner_dies)
{
	pthread_t h;

	reset();
	h = thread_start(holder, (void *)1);
	WAIT_UNTIL(atomic_load(&ready));
	atomic_store(&go, 1); /* the holder ends, perhaps while we wait */
	long r = op(&lock, FUTEX_LOCK_PI);

	if (!r) {
		EXPECT_EQ(atomic_load(&lock), DIED | WAITERS | (unsigned)tid());
		EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
		EXPECT_EQ(atomic_load(&lock), 0);
	} else {
		EXPECT_EQ(r, -ESRCH); /* it was faster */
	}
	thread_join(h);
}

static void *die_later(void *arg)
{
	(void)arg;
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	atomic_store(&ready, tid());
	WAIT_UNTIL(atomic_load(&go) && thread_sleeps(atomic_load(&go)));
	return NULL;
}

TEST(owner_dies_with_waiter)
{
	pthread_t h;

	reset();
	h = thread_start(die_later, NULL);
	WAIT_UNTIL(atomic_load(&ready));
	atomic_store(&go, tid());
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	EXPECT_EQ(atomic_load(&lock), DIED | WAITERS | (unsigned)tid());
	thread_join(h);
	EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
}

TEST(timeouts)
{
	struct timespec real = deadline(CLOCK_REALTIME, 30), mono = deadline(CLOCK_MONOTONIC, 30);
	pthread_t h;

	reset();
	h = thread_start(holder, NULL);
	WAIT_UNTIL(atomic_load(&ready));
	EXPECT_EQ(futex((void *)&lock, FUTEX_LOCK_PI_PRIVATE, 0, &real, NULL, 0), -1);
	EXPECT_EQ(errno, ETIMEDOUT);
#ifdef FUTEX_LOCK_PI2
	EXPECT_EQ(futex((void *)&lock, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG, 0, &mono, NULL, 0), -1);
	EXPECT_EQ(errno, ETIMEDOUT);
#else
	(void)mono;
#endif
	EXPECT_EQ(atomic_load(&lock), WAITERS | (unsigned)atomic_load(&ready));
	atomic_store(&go, 1);
	thread_join(h);
	EXPECT_EQ(atomic_load(&lock), 0);
}

static void *crossing(void *arg)
{
	(void)arg;
	EXPECT_EQ(op(&lock2, FUTEX_LOCK_PI), 0);
	atomic_store(&ready, tid());
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
	EXPECT_EQ(op(&lock2, FUTEX_UNLOCK_PI), 0);
	return NULL;
}

TEST(circle)
{
	pthread_t h;

	reset();
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	h = thread_start(crossing, NULL);
	WAIT_UNTIL(atomic_load(&ready));
	sleeps(ready);
	EXPECT_EQ(op(&lock2, FUTEX_LOCK_PI), -EDEADLK);
	EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
	thread_join(h);
	EXPECT_EQ(op(&lock2, FUTEX_LOCK_PI), 0);
	EXPECT_EQ(op(&lock2, FUTEX_UNLOCK_PI), 0);
}

/* ---- from a word to a lock ---- */

struct moved {
	atomic_int tid;
	long result;
	unsigned seen;
	const struct timespec *timeout;
};

static void *wait_to_be_moved(void *arg)
{
	struct moved *m = arg;

	atomic_store(&m->tid, tid());
	m->result = futex((void *)&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, m->timeout, (void *)&lock, 0);
	if (m->result)
		m->result = -errno;
	m->seen = atomic_load(&lock);
	if (!m->result)
		EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
	return NULL;
}

static long requeue(unsigned nwake, long nmove, unsigned expect)
{
	long r = futex((void *)&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, nwake, (void *)nmove, (void *)&lock, expect);

	return r < 0 ? -errno : r;
}

static void start_moved(pthread_t *t, struct moved *m, int n)
{
	for (int i = 0; i < n; i++) {
		t[i] = thread_start(wait_to_be_moved, &m[i]);
		WAIT_UNTIL(atomic_load(&m[i].tid));
		sleeps(m[i].tid);
	}
}

TEST(moved_to_a_held_lock)
{
	struct moved m[3] = { 0 };
	pthread_t t[3];

	reset();
	EXPECT_EQ(requeue(1, 10, 0), 0);
	start_moved(t, m, 3);
	EXPECT_EQ(requeue(1, 10, 7), -EAGAIN);
	EXPECT_EQ(requeue(2, 10, 0), -EINVAL);
	EXPECT_EQ(requeue(1, -1, 0), -EINVAL);
	EXPECT_EQ(op(&word, FUTEX_WAKE), -EINVAL);
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	EXPECT_EQ(requeue(1, INT_MAX, 0), 3);
	EXPECT_EQ(atomic_load(&lock), WAITERS | (unsigned)tid());
	EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
	for (int i = 0; i < 3; i++) {
		thread_join(t[i]);
		EXPECT_EQ(m[i].result, 0);
		EXPECT_EQ(m[i].seen & FUTEX_TID_MASK, m[i].tid);
	}
	EXPECT_EQ(atomic_load(&lock), 0);
}

TEST(free_lock_is_given)
{
	struct moved m[3] = { 0 };
	pthread_t t[3];

	reset();
	start_moved(t, m, 3);
	EXPECT_EQ(requeue(1, 0, 0), 1);
	thread_join(t[0]);
	EXPECT_EQ(m[0].result, 0);
	EXPECT_EQ(m[0].seen, m[0].tid);
	EXPECT_EQ(requeue(1, 5, 0), 2);
	for (int i = 1; i < 3; i++)
		thread_join(t[i]);
	EXPECT_EQ(m[1].seen, WAITERS | (unsigned)m[1].tid);
	EXPECT_EQ(m[2].result, 0);
	EXPECT_EQ(atomic_load(&lock), 0);
}

TEST(moves_as_many_as_asked)
{
	struct moved m[3] = { 0 };
	pthread_t t[3];

	reset();
	start_moved(t, m, 3);
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	EXPECT_EQ(requeue(1, 1, 0), 2);
	EXPECT_EQ(requeue(1, 0, 0), 1);
	EXPECT_EQ(requeue(1, 0, 0), 0);
	EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
	for (int i = 0; i < 3; i++)
		thread_join(t[i]);
}

TEST(timeout_before_and_after_the_move)
{
	struct timespec soon = deadline(CLOCK_MONOTONIC, 30), later;
	struct moved m = { .timeout = &soon };
	pthread_t t;

	reset();
	thread_join(thread_start(wait_to_be_moved, &m));
	EXPECT_EQ(m.result, -ETIMEDOUT);
	later = deadline(CLOCK_MONOTONIC, 200);
	m = (struct moved){ .timeout = &later };
	EXPECT_EQ(op(&lock, FUTEX_LOCK_PI), 0);
	start_moved(&t, &m, 1);
	EXPECT_EQ(requeue(1, 1, 0), 1);
	thread_join(t);
	EXPECT_EQ(m.result, -ETIMEDOUT);
	EXPECT_EQ(op(&lock, FUTEX_UNLOCK_PI), 0);
	EXPECT_EQ(atomic_load(&lock), 0);
}

static void *plain_waiter(void *arg)
{
	atomic_store((atomic_int *)arg, tid());
	return (void *)futex((void *)&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

TEST(kinds_do_not_mix)
{
	struct moved m = { 0 };
	atomic_int t1 = 0;
	pthread_t t;

	reset();
	t = thread_start(plain_waiter, &t1);
	WAIT_UNTIL(atomic_load(&t1));
	sleeps(t1);
	EXPECT_EQ(requeue(1, 1, 0), -EINVAL);
	EXPECT_EQ(futex((void *)&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
	thread_join(t);
	start_moved(&t, &m, 1);
	EXPECT_EQ(futex((void *)&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(futex((void *)&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1L, (void *)&lock, 0), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(futex((void *)&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)1L, (void *)&lock2, 0), -1);
	EXPECT_EQ(errno, EINVAL); /* it waits for another lock */
	EXPECT_EQ(requeue(1, 1, 0), 1);
	thread_join(t);
	EXPECT_EQ(m.result, 0);
	EXPECT_EQ(futex((void *)&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, NULL, (void *)&word, 0), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(futex((void *)&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 1, NULL, (void *)&lock, 0), -1);
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(futex((void *)&word, FUTEX_WAIT_PRIVATE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0), -1);
	EXPECT_EQ(errno, ENOSYS);
}

/* ---- as libc uses it ---- */

static pthread_mutex_t mutex;
static long counter;

static void *count(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void inheriting(pthread_mutex_t *m, bool robust)
{
	pthread_mutexattr_t at;

	pthread_mutexattr_init(&at);
	EXPECT_EQ(pthread_mutexattr_setprotocol(&at, PTHREAD_PRIO_INHERIT), 0);
	if (robust)
		EXPECT_EQ(pthread_mutexattr_setrobust(&at, PTHREAD_MUTEX_ROBUST), 0);
	EXPECT_EQ(pthread_mutex_init(m, &at), 0);
}

TEST(mutex_of_many)
{
	inheriting(&mutex, false);
	counter = 0;
	threads_run(6, count);
	EXPECT_EQ(counter, 12000);
}

static void *take_and_leave(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&mutex);
	return NULL;
}

TEST(robust_mutex)
{
	inheriting(&mutex, true);
	for (int i = 0; i < 5; i++) {
		thread_join(thread_start(take_and_leave, NULL));
		EXPECT_EQ(pthread_mutex_lock(&mutex), EOWNERDEAD);
		EXPECT_EQ(pthread_mutex_consistent(&mutex), 0);
		EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
	}
}

/* The priority as /proc tells it: below zero for a real-time thread. */
static int kernel_priority(int t)
{
	char path[64], buf[512], *p;
	int prio = 99;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", t);
	EXPECT_GT(read_file(path, buf, sizeof(buf)), 0);
	p = strrchr(buf, ')');
	for (int i = 0; p && i < 16; i++)
		p = strchr(p + 1, ' ');
	if (p)
		prio = atoi(p);
	return prio;
}

static void *urgent_taker(void *arg)
{
	struct sched_param sp = { .sched_priority = 30 };

	if (sched_setscheduler(0, SCHED_FIFO, &sp))
		return NULL;
	return taker(arg);
}

TEST(priority_is_lent)
{
	struct sched_param sp = { .sched_priority = 30 };
	atomic_int t1 = 0;
	pthread_t h, a;

	if (sched_setscheduler(0, SCHED_FIFO, &sp))
		SKIP("may not be a real-time thread");
	sp.sched_priority = 0;
	sched_setscheduler(0, SCHED_OTHER, &sp);
	reset();
	h = thread_start(holder, NULL);
	WAIT_UNTIL(atomic_load(&ready));
	EXPECT_EQ(kernel_priority(ready), 20 + getpriority(PRIO_PROCESS, 0));
	a = thread_start(urgent_taker, &t1);
	WAIT_UNTIL(atomic_load(&t1));
	sleeps(t1);
	EXPECT_EQ(kernel_priority(ready), -31);
	EXPECT_EQ(sched_getscheduler(ready), SCHED_OTHER);
	atomic_store(&go, 1);
	thread_join(h);
	thread_join(a);
}
