/*
 * Condition variables: signal wakes one, broadcast all, nobody is lost under load; timed waits on
 * both clocks; between processes.
 */
#include "threads.h"
#include <sys/mman.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int waiting, tickets, woken;

static void *take_ticket(void *arg)
{
	pthread_mutex_lock(&m);
	waiting++;
	while (!tickets)
		pthread_cond_wait(&c, &m);
	tickets--;
	woken++;
	pthread_mutex_unlock(&m);
	return (void *)((long)arg * 0);
}

static int locked_read(const int *p)
{
	int v;

	pthread_mutex_lock(&m);
	v = *p;
	pthread_mutex_unlock(&m);
	return v;
}

TEST(signal_one_by_one)
{
	enum { N = 8 };
	pthread_t t[N];

	waiting = tickets = woken = 0;
	for (int i = 0; i < N; i++)
		t[i] = thread_start(take_ticket, NULL);
	WAIT_UNTIL(locked_read(&waiting) == N);
	for (int i = 1; i <= N; i++) {
		pthread_mutex_lock(&m);
		tickets++;
		pthread_cond_signal(&c);
		pthread_mutex_unlock(&m);
		WAIT_UNTIL(locked_read(&woken) == i);
	}
	for (int i = 0; i < N; i++)
		thread_join(t[i]);
}

TEST(broadcast)
{
	enum { N = 16 };
	pthread_t t[N];

	waiting = tickets = woken = 0;
	for (int i = 0; i < N; i++)
		t[i] = thread_start(take_ticket, NULL);
	WAIT_UNTIL(locked_read(&waiting) == N);
	pthread_mutex_lock(&m);
	tickets = N;
	pthread_cond_broadcast(&c);
	pthread_mutex_unlock(&m);
	for (int i = 0; i < N; i++)
		thread_join(t[i]);
	EXPECT_EQ(woken, N);
}

TEST(timed_wait)
{
	pthread_condattr_t at;
	pthread_cond_t mono;
	struct timespec t;
	int64_t start;

	pthread_mutex_lock(&m);
	start = now_ns();
	t = deadline(CLOCK_REALTIME, 50);
	EXPECT_EQ(pthread_cond_timedwait(&c, &m, &t), ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 40000000);
	EXPECT_EQ(pthread_mutex_trylock(&m), EBUSY);	/* held again */
	pthread_condattr_init(&at);
	EXPECT_EQ(pthread_condattr_setclock(&at, CLOCK_MONOTONIC), 0);
	EXPECT_EQ(pthread_cond_init(&mono, &at), 0);
	start = now_ns();
	t = deadline(CLOCK_MONOTONIC, 50);
	EXPECT_EQ(pthread_cond_timedwait(&mono, &m, &t), ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 50000000);
	t = deadline(CLOCK_MONOTONIC, 30);
	EXPECT_EQ(pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &t), ETIMEDOUT);
	t = (struct timespec){ 1, 0 };
	EXPECT_EQ(pthread_cond_timedwait(&c, &m, &t), ETIMEDOUT);
	t.tv_nsec = -1;
	EXPECT_EQ(pthread_cond_timedwait(&c, &m, &t), EINVAL);
	pthread_mutex_unlock(&m);
	EXPECT_EQ(pthread_cond_destroy(&mono), 0);
}

static void *signal_later(void *arg)
{
	sleep_ms(20);
	pthread_mutex_lock(&m);
	tickets = 1;
	pthread_mutex_unlock(&m);
	pthread_cond_signal(&c);
	return arg;
}

TEST(signal_before_the_time)
{
	struct timespec t = deadline(CLOCK_REALTIME, 15000);
	pthread_t th;
	int r = 0;

	tickets = 0;
	th = thread_start(signal_later, NULL);
	pthread_mutex_lock(&m);
	while (!tickets && !r)
		r = pthread_cond_timedwait(&c, &m, &t);
	pthread_mutex_unlock(&m);
	EXPECT_EQ(r, 0);
	thread_join(th);
}

enum { QUEUE = 4, ITEMS = 5000 };

static int queue[QUEUE], head, tail;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static long consumed;

static void *produce(void *arg)
{
	for (int i = 1; i <= ITEMS; i++) {
		pthread_mutex_lock(&m);
		while (tail - head == QUEUE)
			pthread_cond_wait(&not_full, &m);
		queue[tail++ % QUEUE] = i;
		pthread_cond_signal(&not_empty);
		pthread_mutex_unlock(&m);
	}
	return (void *)((long)arg * 0);
}

static void *consume(void *arg)
{
	for (int i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&m);
		while (tail == head)
			pthread_cond_wait(&not_empty, &m);
		consumed += queue[head++ % QUEUE];
		pthread_cond_signal(&not_full);
		pthread_mutex_unlock(&m);
	}
	return (void *)((long)arg * 0);
}

static void *both(void *arg)
{
	return (long)arg % 2 ? produce(arg) : consume(arg);
}

TEST(bounded_queue)
{
	consumed = 0;
	threads_run(6, both);
	EXPECT_EQ(consumed, 3L * ITEMS * (ITEMS + 1) / 2);
	EXPECT_EQ(head, tail);
}

struct board {
	pthread_mutex_t m;
	pthread_cond_t c;
	int turn;
};

static struct board *board_map(int fd)
{
	return EXPECT_OK(
		(struct board *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
}

static void play(struct board *b, int side, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		pthread_mutex_lock(&b->m);
		while (b->turn % 2 != side)
			pthread_cond_wait(&b->c, &b->m);
		b->turn++;
		pthread_cond_signal(&b->c);
		pthread_mutex_unlock(&b->m);
	}
}

ROLE(play)
{
	play(board_map(atoi(argv[0])), 1, 500);
	return 0;
}

TEST(between_processes)
{
	int fd = EXPECT_OK(memfd_create("board", 0));
	pthread_mutexattr_t ma;
	pthread_condattr_t ca;
	struct board *b;
	char num[16];
	pid_t pid;

	EXPECT_OK(ftruncate(fd, 4096));
	b = board_map(fd);
	pthread_mutexattr_init(&ma);
	pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&b->m, &ma);
	pthread_condattr_init(&ca);
	pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&b->c, &ca);
	snprintf(num, sizeof(num), "%d", fd);
	pid = spawn_self("play", num);
	play(b, 0, 500);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(b->turn, 1000);
	EXPECT_OK(munmap(b, 4096));
	close(fd);
}
