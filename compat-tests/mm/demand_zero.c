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

enum { WALK_PAGES = 2048 };

struct walker {
	char *pages;
	int word; /* its own in each page */
	pthread_barrier_t *start;
};

/* Through all pages in order: its word is zero before it writes there. How many were not. */
static void *walk(void *arg)
{
	struct walker *w = arg;
	uintptr_t wrong = 0;

	pthread_barrier_wait(w->start);
	for (long i = 0; i < WALK_PAGES; i++) {
		volatile long *at = (volatile long *)(w->pages + i * PAGE) + w->word;

		wrong += *at != 0;
		*at = i + 1;
	}
	return (void *)wrong;
}

/* Two threads go through the same fresh memory: neither finds old content, and neither's writes are lost when the other's
 * fault brings pages in. */
TEST(two_threads_in_the_same_pages)
{
	pthread_barrier_t start;

	pthread_barrier_init(&start, NULL, 2);
	for (int round = 0; round < 30; round++) {
		char *p = map_anon(WALK_PAGES * PAGE, RW);
		struct walker w[2] = { { p, 0, &start }, { p, 500, &start } };
		pthread_t t;
		void *wrong;

		EXPECT_EQ(pthread_create(&t, NULL, walk, &w[1]), 0);
		EXPECT(!walk(&w[0]));
		EXPECT_EQ(pthread_join(t, &wrong), 0);
		EXPECT(!wrong);
		for (long i = 0; i < WALK_PAGES; i++) {
			const long *page = (const long *)(p + i * PAGE);

			EXPECT(page[0] == i + 1 && page[500] == i + 1);
		}
		memset(p, 0xee, WALK_PAGES * PAGE);
		EXPECT_OK(munmap(p, WALK_PAGES * PAGE));
	}
	pthread_barrier_destroy(&start);
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
