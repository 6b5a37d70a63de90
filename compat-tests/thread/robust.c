/*
 * Robust mutexes: the next owner learns with EOWNERDEAD that the last one died (thread exit,
 * process exit, SIGKILL), can make the state consistent, or ruins the mutex for all; waiters are
 * woken.
 */
#include "threads.h"
#include <sys/mman.h>

struct board {
	pthread_mutex_t m;
	atomic_int locked;
};

static void robust_init(pthread_mutex_t *m)
{
	pthread_mutexattr_t at;

	pthread_mutexattr_init(&at);
	EXPECT_EQ(pthread_mutexattr_setrobust(&at, PTHREAD_MUTEX_ROBUST), 0);
	EXPECT_EQ(pthread_mutexattr_setpshared(&at, PTHREAD_PROCESS_SHARED), 0);
	EXPECT_EQ(pthread_mutex_init(m, &at), 0);
	pthread_mutexattr_destroy(&at);
}

static void *lock_and_leave(void *m)
{
	pthread_mutex_lock(m);
	return NULL;
}

TEST(thread_exit)
{
	pthread_mutex_t m;

	robust_init(&m);
	for (int i = 0; i < 5; i++) {
		thread_join(thread_start(lock_and_leave, &m));
		EXPECT_EQ(pthread_mutex_lock(&m), EOWNERDEAD);
		EXPECT_EQ(pthread_mutex_consistent(&m), 0);
		EXPECT_EQ(pthread_mutex_unlock(&m), 0);
		EXPECT_EQ(pthread_mutex_lock(&m), 0);
		EXPECT_EQ(pthread_mutex_unlock(&m), 0);
	}
}

TEST(trylock)
{
	pthread_mutex_t m;

	robust_init(&m);
	thread_join(thread_start(lock_and_leave, &m));
	EXPECT_EQ(pthread_mutex_trylock(&m), EOWNERDEAD);
	EXPECT_EQ(pthread_mutex_consistent(&m), 0);
	EXPECT_EQ(pthread_mutex_unlock(&m), 0);
}

TEST(not_recoverable)
{
	pthread_mutex_t m;

	robust_init(&m);
	EXPECT_EQ(pthread_mutex_consistent(&m), EINVAL);
	thread_join(thread_start(lock_and_leave, &m));
	EXPECT_EQ(pthread_mutex_lock(&m), EOWNERDEAD);
	EXPECT_EQ(pthread_mutex_unlock(&m), 0);	/* without consistent */
	EXPECT_EQ(pthread_mutex_lock(&m), ENOTRECOVERABLE);
	EXPECT_EQ(pthread_mutex_trylock(&m), ENOTRECOVERABLE);
}

static atomic_int go;

static void *hold_until_go(void *m)
{
	pthread_mutex_lock(m);
	atomic_store(&go, 1);
	sleep_ms(50);
	return NULL;
}

TEST(waiter_is_woken)
{
	pthread_mutex_t m;
	pthread_t t;

	robust_init(&m);
	atomic_store(&go, 0);
	t = thread_start(hold_until_go, &m);
	WAIT_UNTIL(atomic_load(&go));
	EXPECT_EQ(pthread_mutex_lock(&m), EOWNERDEAD);
	EXPECT_EQ(pthread_mutex_consistent(&m), 0);
	EXPECT_EQ(pthread_mutex_unlock(&m), 0);
	thread_join(t);
}

static void *hold_many(void *m)
{
	for (int i = 0; i < 20; i++)
		pthread_mutex_lock((pthread_mutex_t *)m + i);
	return NULL;
}

TEST(many_at_once)
{
	pthread_mutex_t m[20];

	for (int i = 0; i < 20; i++)
		robust_init(&m[i]);
	thread_join(thread_start(hold_many, m));
	for (int i = 0; i < 20; i++)
		EXPECT_EQ(pthread_mutex_lock(&m[i]), EOWNERDEAD);
	for (int i = 0; i < 20; i++)
		EXPECT_EQ(pthread_mutex_consistent(&m[i]) | pthread_mutex_unlock(&m[i]), 0);
}

static struct board *board_map(int fd)
{
	return EXPECT_OK(
		(struct board *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
}

ROLE(lock_and_die)
{
	struct board *b = board_map(atoi(argv[0]));

	EXPECT_EQ(pthread_mutex_lock(&b->m), 0);
	atomic_store(&b->locked, 1);
	if (!strcmp(argv[1], "exit"))
		_exit(0);
	if (!strcmp(argv[1], "exec"))
		execl("/proc/self/exe", "self", "--role", "nothing", NULL);
	pause();
	return 1;
}

ROLE(nothing)
{
	return 0;
}

TEST(process_death)
{
	static const char *const how[] = { "exit", "exec", "kill" };
	int fd = EXPECT_OK(memfd_create("board", 0));
	struct board *b;
	char num[16];

	EXPECT_OK(ftruncate(fd, 4096));
	b = board_map(fd);
	robust_init(&b->m);
	snprintf(num, sizeof(num), "%d", fd);
	for (int i = 0; i < 3; i++) {
		pid_t pid = spawn_self("lock_and_die", num, how[i]);

		WAIT_UNTIL(atomic_load(&b->locked));
		if (i == 2)
			kill(pid, SIGKILL);
		EXPECT_EQ(pthread_mutex_lock(&b->m), EOWNERDEAD);
		EXPECT_EQ(pthread_mutex_consistent(&b->m), 0);
		EXPECT_EQ(pthread_mutex_unlock(&b->m), 0);
		atomic_store(&b->locked, 0);
		if (i == 2)
			EXPECT_SIGNALED(pid, SIGKILL);
		else
			EXPECT_EXIT(pid, 0);
	}
	EXPECT_OK(munmap(b, 4096));
	close(fd);
}

TEST(raw_list_calls)
{
	void *head;
	size_t len = 0;

	EXPECT_OK(syscall(SYS_get_robust_list, 0, &head, &len));
	EXPECT_EQ(len, 24);
	EXPECT(head != NULL);
	EXPECT_ERRNO(syscall(SYS_set_robust_list, head, 23), EINVAL);
	EXPECT_OK(syscall(SYS_set_robust_list, head, 24));
	EXPECT_ERRNO(syscall(SYS_get_robust_list, 0x3ffffff, &head, &len), ESRCH);
}
