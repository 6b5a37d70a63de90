/*
 * exec with threads: whichever thread calls it, the others vanish, the process keeps its pid, and
 * the new program's only thread has tid == pid; a failed exec leaves all threads running. exit from
 * one thread ends all too.
 */
#include "child.h"
#include <stdatomic.h>

static atomic_int running;
static const char *exec_path = "/proc/self/exe";

static void *spin(void *arg)
{
	(void)arg;
	atomic_fetch_add(&running, 1);
	for (;;)
		atomic_load(&running);
	return NULL;
}

static void *block(void *arg)
{
	atomic_fetch_add(&running, 1);
	for (;;)
		if (read(*(int *)arg, &(char){ 0 }, 1) == 0)
			pause();
	return NULL;
}

static void *lock(void *mutex)
{
	pthread_mutex_lock(mutex);
	return NULL;
}

static void *exec_here(void *arg)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	execl(exec_path, "self", "--role", "alone", pid, arg, NULL);
	_exit(126);
}

/* Threads that spin, block in read and wait in futex. */
static void start_crowd(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	static int fd[2];
	pthread_t t;

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	pthread_mutex_lock(&m);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(pthread_create(&t, NULL, spin, NULL), 0);
		EXPECT_EQ(pthread_create(&t, NULL, block, fd), 0);
		EXPECT_EQ(pthread_create(&t, NULL, lock, &m), 0);
	}
	while (atomic_load(&running) < 4)
		sched_yield();
}

static int count_threads(void)
{
	char buf[4096], *p;

	EXPECT_GT(read_file("/proc/self/status", buf, sizeof(buf)), 0);
	p = strstr(buf, "\nThreads:");
	return p ? atoi(p + 9) : -1;
}

ROLE(alone)
{
	EXPECT_EQ(getpid(), atoi(argv[0]));
	EXPECT_EQ(syscall(SYS_gettid), getpid());
	EXPECT_EQ(count_threads(), 1);
	return 33;
}

ROLE(from_main)
{
	start_crowd();
	exec_here(NULL);
	return 1;
}

TEST(from_the_main_thread)
{
	EXPECT_EXIT(spawn_self("from_main"), 33);
}

ROLE(from_other)
{
	pthread_t t;

	start_crowd();
	EXPECT_EQ(pthread_create(&t, NULL, exec_here, NULL), 0);
	pthread_join(t, NULL);
	return 1;
}

TEST(from_another_thread)
{
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(spawn_self("from_other"), 33);
}

ROLE(main_gone)
{
	pthread_t t;

	exec_path = self_path();	/* /proc/self/exe is not there without the main thread */
	start_crowd();
	EXPECT_EQ(pthread_create(&t, NULL, exec_here, NULL), 0);
	pthread_exit(NULL);
}

TEST(after_the_main_thread_ended)
{
	EXPECT_EXIT(spawn_self("main_gone"), 33);
}

ROLE(failing)
{
	char *argv_x[] = { "x", NULL };

	start_crowd();
	for (int i = 0; i < 5; i++)
		EXPECT_ERRNO(execve("/no/such/file", argv_x, environ), ENOENT);
	EXPECT_EQ(count_threads(), 7);
	return 34;
}

TEST(failed_exec_keeps_threads)
{
	EXPECT_EXIT(spawn_self("failing"), 34);
}

static void *exit_here(void *arg)
{
	(void)arg;
	exit(35);
}

ROLE(exit_in_thread)
{
	pthread_t t;

	start_crowd();
	EXPECT_EQ(pthread_create(&t, NULL, exit_here, NULL), 0);
	pause();
	return 1;
}

TEST(exit_from_a_thread)
{
	EXPECT_EXIT(spawn_self("exit_in_thread"), 35);
}

static atomic_int go;

static void *exec_on_go(void *arg)
{
	while (!atomic_load(&go))
		;
	return exec_here(arg);
}

/* Two threads exec at once: exactly one program comes out. */
ROLE(two_execs)
{
	pthread_t t[2];

	for (int i = 0; i < 2; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, exec_on_go, NULL), 0);
	atomic_store(&go, 1);
	pause();
	return 1;
}

TEST(two_threads_exec_at_once)
{
	for (int i = 0; i < 5; i++)
		EXPECT_EXIT(spawn_self("two_execs"), 33);
}
