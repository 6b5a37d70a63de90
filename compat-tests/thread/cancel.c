/*
 * Cancellation: at blocking calls, by test, asynchronously; held off while disabled; cleanup
 * handlers and key destructors run, and join gives PTHREAD_CANCELED.
 */
#include "threads.h"
#include <poll.h>

static atomic_int ready, cleaned;

static void cleanup(void *arg)
{
	atomic_fetch_add(&cleaned, (int)(long)arg);
}

static void *in_read(void *fd)
{
	char c;

	pthread_cleanup_push(cleanup, (void *)1);
	atomic_store(&ready, 1);
	if (read(*(int *)fd, &c, 1) == 1)
		return NULL;
	pthread_cleanup_pop(0);
	return NULL;
}

static void *in_sleep(void *arg)
{
	pthread_cleanup_push(cleanup, (void *)1);
	atomic_store(&ready, 1);
	sleep(1000);
	pthread_cleanup_pop(0);
	return arg;
}

static void *in_poll(void *arg)
{
	pthread_cleanup_push(cleanup, (void *)1);
	atomic_store(&ready, 1);
	poll(NULL, 0, -1);
	pthread_cleanup_pop(0);
	return arg;
}

static void *in_cond_wait(void *arg)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	static pthread_cond_t c = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&m);
	pthread_cleanup_push((void (*)(void *))(void *)pthread_mutex_unlock, &m);
	pthread_cleanup_push(cleanup, (void *)1);
	atomic_store(&ready, 1);
	for (;;)
		pthread_cond_wait(&c, &m);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return arg;
}

static void *in_testcancel(void *arg)
{
	pthread_cleanup_push(cleanup, (void *)1);
	atomic_store(&ready, 1);
	for (;;)
		pthread_testcancel();
	pthread_cleanup_pop(0);
	return arg;
}

static void *in_loop_async(void *arg)
{
	int old;

	pthread_cleanup_push(cleanup, (void *)1);
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
	atomic_store(&ready, 1);
	for (volatile unsigned long i = 1; i; i++)
		;
	pthread_cleanup_pop(0);
	return arg;
}

static void cancel_one(void *(*fn)(void *), void *arg)
{
	pthread_t t;

	atomic_store(&ready, 0);
	atomic_store(&cleaned, 0);
	t = thread_start(fn, arg);
	WAIT_UNTIL(atomic_load(&ready));
	sleep_ms(5);
	EXPECT_EQ(pthread_cancel(t), 0);
	EXPECT_EQ(thread_join(t), PTHREAD_CANCELED);
	EXPECT_EQ(atomic_load(&cleaned), 1);
}

TEST(blocked_calls)
{
	int fd[2];

	EXPECT_OK(pipe(fd));
	for (int i = 0; i < 5; i++) {
		cancel_one(in_read, &fd[0]);
		cancel_one(in_sleep, NULL);
		cancel_one(in_poll, NULL);
		cancel_one(in_cond_wait, NULL);
	}
	close(fd[0]);
	close(fd[1]);
}

TEST(testcancel)
{
	cancel_one(in_testcancel, NULL);
}

TEST(asynchronous)
{
	for (int i = 0; i < 5; i++)
		cancel_one(in_loop_async, NULL);
}

static void *disabled_first(void *arg)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	pthread_cleanup_push(cleanup, (void *)10);
	atomic_store(&ready, 1);
	sleep_ms(60);	/* a cancellation point, but not now */
	atomic_fetch_add(&cleaned, 100);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	pthread_testcancel();
	atomic_fetch_add(&cleaned, 1000);
	pthread_cleanup_pop(0);
	return arg;
}

TEST(disabled)
{
	pthread_t t;

	atomic_store(&ready, 0);
	atomic_store(&cleaned, 0);
	t = thread_start(disabled_first, NULL);
	WAIT_UNTIL(atomic_load(&ready));
	EXPECT_EQ(pthread_cancel(t), 0);
	EXPECT_EQ(thread_join(t), PTHREAD_CANCELED);
	EXPECT_EQ(atomic_load(&cleaned), 110);
}

static char order[8];
static int at;

static void note(void *arg)
{
	order[at++] = (char)(long)arg;
}

static void *nested(void *arg)
{
	pthread_key_t key;

	pthread_key_create(&key, note);
	pthread_setspecific(key, (void *)'k');
	pthread_cleanup_push(note, (void *)'1');
	pthread_cleanup_push(note, (void *)'2');
	pthread_cleanup_push(note, (void *)'3');
	pthread_cleanup_pop(0);
	atomic_store(&ready, 1);
	pause();
	pthread_cleanup_pop(1);
	pthread_cleanup_pop(1);
	return arg;
}

TEST(cleanup_order)
{
	pthread_t t;

	at = 0;
	atomic_store(&ready, 0);
	t = thread_start(nested, NULL);
	WAIT_UNTIL(atomic_load(&ready));
	EXPECT_EQ(pthread_cancel(t), 0);
	EXPECT_EQ(thread_join(t), PTHREAD_CANCELED);
	EXPECT_MEM(order, "21k", 3);
}

static void *no_points(void *arg)
{
	atomic_store(&ready, 1);
	for (int i = 0; i < 1000; i++)
		sched_yield();	/* not a cancellation point */
	return arg;
}

TEST(deferred_needs_a_point)
{
	pthread_t t;

	atomic_store(&ready, 0);
	t = thread_start(no_points, (void *)5);
	WAIT_UNTIL(atomic_load(&ready));
	pthread_cancel(t);
	EXPECT_EQ(thread_join(t), 5);
}
