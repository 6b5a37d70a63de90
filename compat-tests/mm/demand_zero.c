/*
 * Memory that comes back is zero: after munmap and mmap, in new threads' mappings, after a process
 * filled much memory and died, and for every new stack and heap.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)
#define MIB	(1UL << 20)

TEST(unmap_and_map_again)
{
	for (int i = 1; i <= 40; i++) {
		size_t len = (i * 37 % 200 + 1) * PAGE;
		char *p = map_anon(len, RW);

		EXPECT(all_bytes(p, 0, len));
		memset(p, i, len);
		EXPECT_OK(munmap(p, len));
	}
}

static void *zero_rounds(void *arg)
{
	unsigned int seed = (uintptr_t)arg;

	for (int i = 0; i < 100; i++) {
		size_t len = (rand_r(&seed) % 50 + 1) * PAGE;
		char *p = mmap(NULL, len, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED || !all_bytes(p, 0, len))
			return (void *)1;
		memset(p, 0xdd, len);
		munmap(p, len);
	}
	return NULL;
}

TEST(threads_at_once)
{
	pthread_t t[4];
	void *r;

	for (uintptr_t i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, zero_rounds, (void *)(i + 1)), 0);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(pthread_join(t[i], &r), 0);
		EXPECT(!r);
	}
}

ROLE(dirty)
{
	char *p = map_anon(16 * MIB, RW), *h = malloc(4 * MIB);

	if (!all_bytes(p, 0, 16 * MIB))
		return 1;
	memset(p, 0xbb, 16 * MIB);
	memset(h, 0xbb, 4 * MIB);
	if (argc && !strcmp(argv[0], "die"))
		raise(SIGKILL);
	return all_bytes(p, (char)0xbb, 16 * MIB) ? 0 : 2;
}

TEST(after_other_processes)
{
	for (int i = 0; i < 3; i++) {
		EXPECT_EXIT(spawn_self("dirty"), 0);
		EXPECT_SIGNALED(spawn_self("dirty", "die"), SIGKILL);
	}
}

ROLE(look)
{
	static char bss[MIB];
	char *heap = sbrk(64 * PAGE);

	heap = (char *)(((uintptr_t)heap + PAGE - 1) & -PAGE);
	return all_bytes(bss, 0, sizeof(bss)) && all_bytes(heap, 0, 63 * PAGE) ? 0 : 1;
}

TEST(bss_and_heap_of_a_new_program)
{
	for (int i = 0; i < 4; i++) {
		EXPECT_EXIT(spawn_self("dirty"), 0);
		EXPECT_EXIT(spawn_self("look"), 0);
	}
}

TEST(random_access_order)
{
	enum { PAGES = 1024 };
	char *p = map_anon(PAGES * PAGE, RW);

	for (unsigned int i = 0, at = 1; i < PAGES; i++) {
		unsigned int *w = (unsigned int *)(p + at * PAGE + at % 1000 * 4);

		EXPECT_EQ(*w, 0);
		*w = at + 1;
		at = (at * 5 + 3) % PAGES;
	}
	EXPECT_OK(munmap(p, PAGES * PAGE));
}
