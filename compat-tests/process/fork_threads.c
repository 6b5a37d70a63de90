/* fork in a process with threads: the child has one, the others' memory is whole, atfork handlers keep locks usable. */
#include "fork.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile bool stop;
static volatile int order[3];
static int n_order;

static void *worker(void *arg)
{
	unsigned long *count = arg;

	while (!stop) {
		pthread_mutex_lock(&lock);
		++*count;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void before(void)
{
	pthread_mutex_lock(&lock);
	order[n_order++ % 3] = 1;
}

static void in_parent(void)
{
	order[n_order++ % 3] = 2;
	pthread_mutex_unlock(&lock);
}

static void in_child(void)
{
	order[n_order++ % 3] = 3;
	pthread_mutex_unlock(&lock);
}

static int threads_of_self(void)
{
	char buf[4096], *at;

	if (read_file("/proc/self/status", buf, sizeof(buf)) < 0)
		return -1;
	at = strstr(buf, "Threads:");
	return at ? atoi(at + 8) : -1;
}

TEST(atfork_and_a_mutex_under_load)
{
	static unsigned long count[3];
	pthread_t t[3];

	EXPECT_EQ(pthread_atfork(before, in_parent, in_child), 0);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, worker, &count[i]);
	for (int i = 0; i < 10; i++) {
		pid_t pid = start_child();

		if (!pid) {
			CHECK(threads_of_self() == 1);
			CHECK(order[(n_order - 1) % 3] == 3);
			CHECK(!pthread_mutex_trylock(&lock));
			unsigned long now = count[0] + count[1] + count[2];

			sleep_ms(2);
			CHECK(now == count[0] + count[1] + count[2]);
			free(malloc(100000));
			_exit(0);
		}
		EXPECT_EXIT(pid, 0);
	}
	stop = true;
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	EXPECT_GT(count[0], 0);
}

static void *forker(void *arg)
{
	static __thread int mine = 5;
	pid_t pid, tid = gettid();

	(void)arg;
	mine = 6;
	pid = fork();
	if (!pid) {
		CHECK(mine == 6 && gettid() == getpid() && gettid() != tid);
		CHECK(threads_of_self() == 1);
		_exit(21);
	}
	return (void *)(long)(mine == 6 ? wait_status(pid) : -1);
}

TEST(fork_in_another_thread_than_the_first)
{
	pthread_t t[4];
	void *status;

	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, forker, NULL);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &status);
		EXPECT(WIFEXITED((int)(long)status) && WEXITSTATUS((int)(long)status) == 21);
	}
}

static void *adder(void *arg)
{
	*(int *)arg += 1;
	return NULL;
}

TEST(the_child_makes_threads)
{
	pid_t pid = start_child();

	if (!pid) {
		pthread_t t[5];
		int value[5] = { 1, 2, 3, 4, 5 };

		for (int i = 0; i < 5; i++)
			CHECK(!pthread_create(&t[i], NULL, adder, &value[i]));
		for (int i = 0; i < 5; i++)
			CHECK(!pthread_join(t[i], NULL) && value[i] == i + 2);
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(robust_mutex_of_a_dead_child)
{
	pthread_mutex_t *m = shared_memory(4096);
	pthread_mutexattr_t attr;
	pid_t pid;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(m, &attr);
	pid = start_child();
	if (!pid) {
		CHECK(!pthread_mutex_lock(m));
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(pthread_mutex_lock(m), EOWNERDEAD);
	EXPECT_EQ(pthread_mutex_consistent(m), 0);
	EXPECT_EQ(pthread_mutex_unlock(m), 0);
}

TEST(condition_variable_between_relatives)
{
	struct {
		pthread_mutex_t m;
		pthread_cond_t c;
		int turn;
	} *s = shared_memory(4096);
	pthread_mutexattr_t ma;
	pthread_condattr_t ca;
	pid_t pid;

	pthread_mutexattr_init(&ma);
	pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
	pthread_condattr_init(&ca);
	pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&s->m, &ma);
	pthread_cond_init(&s->c, &ca);
	pid = start_child();
	for (int i = 0; i < 50; i++) {
		pthread_mutex_lock(&s->m);
		while (s->turn % 2 != !pid)
			pthread_cond_wait(&s->c, &s->m);
		s->turn++;
		pthread_cond_broadcast(&s->c);
		pthread_mutex_unlock(&s->m);
	}
	if (!pid)
		_exit(0);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(s->turn, 100);
}
