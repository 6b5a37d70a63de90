/*
 * Shared futexes are one by memory, not by address: processes that map a file at different places
 * wake each other, two views in one process too; private ones are not the same.
 */
#include "futex.h"
#include <sys/mman.h>

static uint32_t *map_word(int fd)
{
	return EXPECT_OK((uint32_t *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
}

ROLE(partner)
{
	/* A mapping in between moves the word elsewhere than in the parent. */
	void *pad = mmap(NULL, 7 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t *w = map_word(atoi(argv[0]));

	EXPECT(pad != MAP_FAILED);
	for (uint32_t i = 1; i <= 300; i++) {
		while (__atomic_load_n(&w[0], __ATOMIC_ACQUIRE) != i)
			futex(&w[0], FUTEX_WAIT, i - 1, NULL, NULL, 0);
		__atomic_store_n(&w[100], i, __ATOMIC_RELEASE);
		futex(&w[100], FUTEX_WAKE, 1, NULL, NULL, 0);
	}
	return 0;
}

static void ping(int fd)
{
	uint32_t *w = map_word(fd);
	char num[16];
	pid_t pid;

	snprintf(num, sizeof(num), "%d", fd);
	pid = spawn_self("partner", num);
	for (uint32_t i = 1; i <= 300; i++) {
		__atomic_store_n(&w[0], i, __ATOMIC_RELEASE);
		futex(&w[0], FUTEX_WAKE, 1, NULL, NULL, 0);
		while (__atomic_load_n(&w[100], __ATOMIC_ACQUIRE) != i)
			futex(&w[100], FUTEX_WAIT, i - 1, NULL, NULL, 0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_OK(munmap(w, 4096));
}

TEST(over_a_memfd)
{
	int fd = EXPECT_OK(memfd_create("word", 0));

	EXPECT_OK(ftruncate(fd, 4096));
	ping(fd);
	close(fd);
}

TEST(over_a_file)
{
	int fd = tmp_file("word", "", 0);

	EXPECT_OK(fcntl(fd, F_SETFD, 0));
	EXPECT_OK(ftruncate(fd, 4096));
	ping(fd);
	close(fd);
}

static uint32_t *view;

static void *wait_shared(void *arg)
{
	(void)arg;
	return (void *)futex(view, FUTEX_WAIT, 0, NULL, NULL, 0);
}

TEST(two_views_in_one_process)
{
	int fd = EXPECT_OK(memfd_create("word", MFD_CLOEXEC));
	uint32_t *a;
	pthread_t t;

	EXPECT_OK(ftruncate(fd, 4096));
	a = map_word(fd);
	view = map_word(fd);
	EXPECT(a != view);
	t = thread_start(wait_shared, NULL);
	while (futex(a, FUTEX_WAKE, 1, NULL, NULL, 0) != 1)
		sched_yield();
	EXPECT_EQ(thread_join(t), 0);
	EXPECT_OK(munmap(a, 4096));
	EXPECT_OK(munmap(view, 4096));
	close(fd);
}

ROLE(waits_for_private_memory)
{
	static uint32_t w;
	struct timespec t = { 0, 50000000 };

	/* Same program, same static variable: still not the parent's word. */
	EXPECT_ERRNO(futex(&w, FUTEX_WAIT, 0, &t, NULL, 0), ETIMEDOUT);
	return 0;
}

TEST(private_memory_is_not_shared)
{
	pid_t pid = spawn_self("waits_for_private_memory");

	for (int i = 0; i < 20; i++) {
		static uint32_t w;

		EXPECT_EQ(futex(&w, FUTEX_WAKE, 9, NULL, NULL, 0), 0);
		sleep_ms(2);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(unreadable_or_read_only)
{
	uint32_t *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct timespec t = { 0, 1000 };

	EXPECT_ERRNO(futex(p, FUTEX_WAIT_PRIVATE, 1, &t, NULL, 0), EAGAIN);
	EXPECT_OK(mprotect(p, 4096, PROT_NONE));
	EXPECT_ERRNO(futex(p, FUTEX_WAIT_PRIVATE, 1, &t, NULL, 0), EFAULT);
	EXPECT_OK(munmap(p, 4096));
}
