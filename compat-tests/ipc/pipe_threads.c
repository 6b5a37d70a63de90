/*
 * Many threads on one pipe: readers share the bytes without loss, closing wakes those who wait, an
 * interrupted writer's data is complete, and descriptors closed under a blocked read do no harm.
 */
#include "ipc.h"
#include <sched.h>
#include <stdatomic.h>

enum { WRITERS = 3, READERS = 3, PER_WRITER = 3000 };

static int fd[2];
static atomic_long sum, count;
static atomic_int reader_tid;

static void *writer(void *id)
{
	for (long i = 0; i < PER_WRITER; i++) {
		long v = (long)id * PER_WRITER + i;

		if (write(fd[1], &v, sizeof(v)) != sizeof(v))
			return (void *)1;
	}
	return NULL;
}

static void *reader(void *arg)
{
	long v;

	while (read(fd[0], &v, sizeof(v)) == sizeof(v)) {
		atomic_fetch_add(&sum, v);
		atomic_fetch_add(&count, 1);
	}
	return (void *)((long)arg * 0);
}

TEST(nothing_lost_nothing_doubled)
{
	pthread_t w[WRITERS], r[READERS];
	long n = WRITERS * PER_WRITER;
	void *res;

	EXPECT_OK(pipe(fd));
	for (long i = 0; i < READERS; i++)
		EXPECT_EQ(pthread_create(&r[i], NULL, reader, NULL), 0);
	for (long i = 0; i < WRITERS; i++)
		EXPECT_EQ(pthread_create(&w[i], NULL, writer, (void *)i), 0);
	for (int i = 0; i < WRITERS; i++) {
		EXPECT_EQ(pthread_join(w[i], &res), 0);
		EXPECT(!res);
	}
	close(fd[1]);
	for (int i = 0; i < READERS; i++)
		EXPECT_EQ(pthread_join(r[i], NULL), 0);
	EXPECT_EQ(atomic_load(&count), n);
	EXPECT_EQ(atomic_load(&sum), n * (n - 1) / 2);
	close(fd[0]);
}

static void *read_eof(void *arg)
{
	char c;

	(void)arg;
	atomic_store(&reader_tid, (int)syscall(SYS_gettid));
	return (void *)(long)read(fd[0], &c, 1);
}

TEST(close_wakes_all_readers)
{
	pthread_t t[5];
	void *r;

	EXPECT_OK(pipe(fd));
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, read_eof, NULL), 0);
	sleep_ms(20);
	close(fd[1]);
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(pthread_join(t[i], &r), 0);
		EXPECT_EQ((long)r, 0);
	}
	close(fd[0]);
}

static void *write_until_broken(void *arg)
{
	static char buf[1 << 16];
	sigset_t set;

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	while (write(fd[1], buf, sizeof(buf)) > 0)
		;
	return (void *)(long)errno;
}

TEST(close_wakes_all_writers)
{
	pthread_t t[3];
	void *r;

	EXPECT_OK(pipe(fd));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, write_until_broken, NULL), 0);
	sleep_ms(20);
	close(fd[0]);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(pthread_join(t[i], &r), 0);
		EXPECT_EQ((long)r, EPIPE);
	}
	close(fd[1]);
}

/* Until the reader sleeps, and it has nothing but a read to sleep in. */
static void wait_until_asleep(void)
{
	char path[64], buf[512], *p;

	for (;;) {
		int tid = atomic_load(&reader_tid);

		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
		if (tid && read_file(path, buf, sizeof(buf)) <= 0) {
			sleep_ms(100);
			return;
		}
		p = tid ? strrchr(buf, ')') : NULL;
		if (p && p[2] == 'S')
			return;
		sched_yield();
	}
}

/* The descriptor is closed, the open file lives until the blocked call has ended. */
TEST(close_under_a_blocked_read)
{
	pthread_t t;
	void *r;
	int other;

	EXPECT_OK(pipe(fd));
	atomic_store(&reader_tid, 0);
	EXPECT_EQ(pthread_create(&t, NULL, read_eof, NULL), 0);
	wait_until_asleep();
	close(fd[0]);
	other = EXPECT_OK(open("/dev/null", O_RDONLY));
	EXPECT_EQ(other, fd[0]);
	EXPECT_EQ(write(fd[1], "z", 1), 1);	/* still has its reader */
	EXPECT_EQ(pthread_join(t, &r), 0);
	EXPECT_EQ((long)r, 1);
	close(other);
	close(fd[1]);
}

static void *ping(void *arg)
{
	int *p = arg;
	char c;

	for (int i = 0; i < 2000; i++)
		if (read(p[0], &c, 1) != 1 || write(p[1], &c, 1) != 1)
			return (void *)1;
	return NULL;
}

TEST(ping_pong)
{
	int a[2], b[2], side[2];
	pthread_t t;
	void *r;

	EXPECT_OK(pipe(a));
	EXPECT_OK(pipe(b));
	side[0] = a[0];
	side[1] = b[1];
	EXPECT_EQ(pthread_create(&t, NULL, ping, side), 0);
	for (int i = 0; i < 2000; i++) {
		char c = (char)i, d;

		EXPECT_EQ(write(a[1], &c, 1), 1);
		EXPECT_EQ(read(b[0], &d, 1), 1);
		EXPECT_EQ(c, d);
	}
	EXPECT_EQ(pthread_join(t, &r), 0);
	EXPECT(!r);
	close_pair(a);
	close_pair(b);
}
