/*
 * pthread_create, join, detach and exit: values come back, wrong joins are refused, detached
 * threads end alone, a process lives until its last thread, also without its main thread.
 */
#include "threads.h"

static void *give_back(void *arg)
{
	return arg;
}

static void *exit_with(void *arg)
{
	pthread_exit((char *)arg + 1);
}

TEST(values)
{
	for (long i = 0; i < 50; i++) {
		EXPECT_EQ(thread_join(thread_start(give_back, (void *)i)), i);
		EXPECT_EQ(thread_join(thread_start(exit_with, (void *)i)), i + 1);
	}
}

TEST(in_any_order)
{
	pthread_t t[16];

	for (long i = 0; i < 16; i++)
		t[i] = thread_start(give_back, (void *)i);
	for (long i = 15; i >= 0; i -= 2)
		EXPECT_EQ(thread_join(t[i]), i);
	for (long i = 0; i < 16; i += 2)
		EXPECT_EQ(thread_join(t[i]), i);
}

static void *join_other(void *arg)
{
	return (void *)(long)pthread_join(*(pthread_t *)arg, NULL);
}

TEST(bad_joins)
{
	static pthread_t me;
	pthread_attr_t at;
	pthread_t t;

	me = pthread_self();
	EXPECT_EQ(pthread_join(me, NULL), EDEADLK);
	pthread_attr_init(&at);
	EXPECT_EQ(pthread_attr_setdetachstate(&at, PTHREAD_CREATE_DETACHED), 0);
	EXPECT_EQ(pthread_create(&t, &at, join_other, &me), 0);
	pthread_attr_destroy(&at);
	sleep_ms(10);	/* it waits for us, for ever; we go on without it */
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *wait_gate(void *arg)
{
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return arg;
}

TEST(try_and_timed_join)
{
	struct timespec t;
	pthread_t th;
	int64_t start;
	void *r = NULL;

	pthread_mutex_lock(&gate);
	th = thread_start(wait_gate, (void *)7);
	EXPECT_EQ(pthread_tryjoin_np(th, &r), EBUSY);
	t = deadline(CLOCK_REALTIME, 50);
	start = now_ns();
	EXPECT_EQ(pthread_timedjoin_np(th, &r, &t), ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 40000000);
	pthread_mutex_unlock(&gate);
	EXPECT_EQ(thread_join(th), 7);
	th = thread_start(give_back, (void *)8);
	while (pthread_tryjoin_np(th, &r) == EBUSY)
		sched_yield();
	EXPECT_EQ(r, 8);
}

static atomic_int ran;

static void *count(void *arg)
{
	pthread_detach(pthread_self());
	atomic_fetch_add(&ran, 1);
	return arg;
}

TEST(detached)
{
	for (int i = 0; i < 100; i++)
		thread_start(count, NULL);
	WAIT_UNTIL(atomic_load(&ran) == 100);
}

static void *self_is(void *arg)
{
	*(pthread_t *)arg = pthread_self();
	return NULL;
}

TEST(self_and_equal)
{
	pthread_t in, out = thread_start(self_is, &in);

	EXPECT(thread_join(out) == NULL);
	EXPECT(pthread_equal(in, out));
	EXPECT(!pthread_equal(in, pthread_self()));
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_int onces, seen_before_done;

static void init_slowly(void)
{
	sleep_ms(20);
	atomic_fetch_add(&onces, 1);
}

static void *call_once_(void *arg)
{
	(void)arg;
	pthread_once(&once, init_slowly);
	if (atomic_load(&onces) != 1)
		atomic_fetch_add(&seen_before_done, 1);
	return NULL;
}

TEST(once)
{
	threads_run(8, call_once_);
	EXPECT_EQ(atomic_load(&onces), 1);
	EXPECT_EQ(atomic_load(&seen_before_done), 0);
}

static void *leave_process(void *arg)
{
	sleep_ms(40);
	exit((long)arg);
}

ROLE(main_leaves)
{
	thread_start(leave_process, (void *)77);
	pthread_exit(NULL);
}

TEST(process_outlives_main_thread)
{
	EXPECT_EXIT(spawn_self("main_leaves"), 77);
}

ROLE(return_from_main)
{
	pthread_mutex_lock(&gate);
	for (int i = 0; i < 5; i++)
		thread_start(wait_gate, NULL);
	return 78;
}

TEST(return_from_main_ends_all)
{
	EXPECT_EXIT(spawn_self("return_from_main"), 78);
}
