/*
 * Semaphores: counting, try and timed waits, overflow, interruption by a handler, ping-pong between
 * threads and between processes, named ones where /dev/shm exists.
 */
#include "threads.h"
#include <semaphore.h>
#include <sys/mman.h>

TEST(counting)
{
	sem_t s;
	int v;

	EXPECT_OK(sem_init(&s, 0, 2));
	EXPECT_OK(sem_wait(&s));
	EXPECT_OK(sem_trywait(&s));
	EXPECT_ERRNO(sem_trywait(&s), EAGAIN);
	EXPECT_OK(sem_post(&s));
	EXPECT_OK(sem_getvalue(&s, &v));
	EXPECT_EQ(v, 1);
	EXPECT_OK(sem_destroy(&s));
	EXPECT_ERRNO(sem_init(&s, 0, (unsigned int)INT_MAX + 1), EINVAL);
	EXPECT_OK(sem_init(&s, 0, INT_MAX));
	EXPECT_ERRNO(sem_post(&s), EOVERFLOW);
}

TEST(timed)
{
	struct timespec t = deadline(CLOCK_REALTIME, 50);
	int64_t start = now_ns();
	sem_t s;

	EXPECT_OK(sem_init(&s, 0, 0));
	EXPECT_ERRNO(sem_timedwait(&s, &t), ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 40000000);
	t = deadline(CLOCK_MONOTONIC, 30);
	EXPECT_ERRNO(sem_clockwait(&s, CLOCK_MONOTONIC, &t), ETIMEDOUT);
	t.tv_nsec = 2000000000;
	EXPECT_ERRNO(sem_timedwait(&s, &t), EINVAL);
	EXPECT_OK(sem_post(&s));
	EXPECT_OK(sem_timedwait(&s, &(struct timespec){ 1, 0 }));
}

static sem_t ping, pong;
static int ball;

static void *player(void *arg)
{
	for (int i = 0; i < 2000; i++) {
		EXPECT_EQ(sem_wait(&ping), 0);
		EXPECT_EQ(ball, 2 * i);
		ball++;
		EXPECT_EQ(sem_post(&pong), 0);
	}
	return arg;
}

TEST(ping_pong)
{
	pthread_t t;

	EXPECT_OK(sem_init(&ping, 0, 0));
	EXPECT_OK(sem_init(&pong, 0, 0));
	ball = 0;
	t = thread_start(player, NULL);
	for (int i = 0; i < 2000; i++) {
		EXPECT_OK(sem_post(&ping));
		EXPECT_OK(sem_wait(&pong));
		EXPECT_EQ(ball, 2 * i + 1);
		ball++;
	}
	thread_join(t);
}

static void on_signal(int sig)
{
	(void)sig;
}

static atomic_int interrupted;

/* Again and again: the first may come before the wait has begun. */
static void *poke(void *arg)
{
	while (!atomic_load(&interrupted)) {
		sleep_ms(10);
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
	}
	return NULL;
}

TEST(interrupted)
{
	struct sigaction sa = { .sa_handler = on_signal };
	pthread_t me = pthread_self(), t;
	sem_t s;

	EXPECT_OK(sigaction(SIGUSR1, &sa, NULL));
	EXPECT_OK(sem_init(&s, 0, 0));
	t = thread_start(poke, &me);
	EXPECT_ERRNO(sem_wait(&s), EINTR);
	atomic_store(&interrupted, 1);
	thread_join(t);
	signal(SIGUSR1, SIG_DFL);
}

ROLE(partner)
{
	sem_t *s = EXPECT_OK(
		(sem_t *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[0]), 0));

	for (int i = 0; i < 500; i++) {
		EXPECT_OK(sem_wait(&s[0]));
		EXPECT_OK(sem_post(&s[1]));
	}
	return 0;
}

TEST(between_processes)
{
	int fd = EXPECT_OK(memfd_create("sem", 0)), v;
	char num[16];
	sem_t *s;
	pid_t pid;

	EXPECT_OK(ftruncate(fd, 4096));
	s = EXPECT_OK((sem_t *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_OK(sem_init(&s[0], 1, 0));
	EXPECT_OK(sem_init(&s[1], 1, 0));
	snprintf(num, sizeof(num), "%d", fd);
	pid = spawn_self("partner", num);
	for (int i = 0; i < 500; i++) {
		EXPECT_OK(sem_post(&s[0]));
		EXPECT_OK(sem_wait(&s[1]));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_OK(sem_getvalue(&s[0], &v));
	EXPECT_EQ(v, 0);
	EXPECT_OK(munmap(s, 4096));
	close(fd);
}

ROLE(post_named)
{
	sem_t *s = sem_open(argv[0], 0);

	EXPECT(s != SEM_FAILED);
	EXPECT_OK(sem_post(s));
	return 0;
}

TEST(named)
{
	char name[64];
	sem_t *s;

	snprintf(name, sizeof(name), "/compat-%d", getpid());
	s = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
	if (s == SEM_FAILED && (errno == ENOENT || errno == ENOSYS))
		SKIP("no /dev/shm");
	EXPECT(s != SEM_FAILED);
	EXPECT(sem_open(name, O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED);
	EXPECT_EQ(errno, EEXIST);
	EXPECT_EXIT(spawn_self("post_named", name), 0);
	EXPECT_OK(sem_wait(s));
	EXPECT_OK(sem_close(s));
	EXPECT_OK(sem_unlink(name));
	EXPECT(sem_open(name, 0) == SEM_FAILED);
	EXPECT_EQ(errno, ENOENT);
}
