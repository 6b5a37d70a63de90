/*
 * libc's allocator over brk and mmap: sizes from bytes to hundreds of MiB, realloc that moves big
 * blocks, aligned blocks, freed memory given back, and four threads at once.
 */
#include "fault.h"
#include <malloc.h>

TEST(sizes)
{
	for (size_t n = 1; n <= 64UL << 20; n = n * 3 + 1) {
		char *p = malloc(n);

		EXPECT(p != NULL);
		EXPECT_EQ((uintptr_t)p % 16, 0);
		p[0] = 1;
		p[n - 1] = 2;
		free(p);
	}
}

TEST(calloc_is_zero)
{
	for (int i = 0; i < 30; i++) {
		size_t n = 1000UL << (i % 10);
		char *p = calloc(n, 3);

		EXPECT(p && all_bytes(p, 0, 3 * n));
		memset(p, 0xff, 3 * n);
		free(p);
	}
}

TEST(realloc_keeps_content)
{
	size_t n = 100;
	char *p = malloc(n);

	memset(p, 'r', n);
	for (; n < 32UL << 20; n *= 2) {
		p = realloc(p, 2 * n);
		EXPECT(p && all_bytes(p, 'r', n));
		memset(p, 'r', 2 * n);
	}
	for (; n > 100; n /= 2) {
		p = realloc(p, n);
		EXPECT(p && all_bytes(p, 'r', n));
	}
	free(p);
}

TEST(aligned)
{
	for (size_t a = 16; a <= 1UL << 20; a *= 4) {
		void *p = NULL;

		EXPECT_EQ(posix_memalign(&p, a, 1000), 0);
		EXPECT_EQ((uintptr_t)p % a, 0);
		memset(p, 1, 1000);
		free(p);
	}
}

TEST(impossible_size)
{
	volatile size_t huge = PTRDIFF_MAX;

	EXPECT(malloc(huge) == NULL);
	EXPECT_EQ(errno, ENOMEM);
	EXPECT(calloc(huge, 16) == NULL);
	EXPECT(malloc(1UL << 46) == NULL);
}

static void *churn(void *arg)
{
	enum { SLOTS = 300 };
	unsigned int seed = (uintptr_t)arg;
	unsigned char *slot[SLOTS] = { 0 };
	size_t len[SLOTS] = { 0 };

	for (int i = 0; i < 20000; i++) {
		int s = rand_r(&seed) % SLOTS;

		if (slot[s] && (slot[s][0] != (s & 0xff) || slot[s][len[s] - 1] != (s & 0xff)))
			return (void *)1;
		free(slot[s]);
		len[s] = rand_r(&seed) % (i % 50 ? 2000 : 300000) + 1;
		slot[s] = malloc(len[s]);
		if (!slot[s])
			return (void *)2;
		slot[s][0] = slot[s][len[s] - 1] = s;
	}
	for (int s = 0; s < SLOTS; s++)
		free(slot[s]);
	return NULL;
}

TEST(four_threads)
{
	pthread_t t[4];
	void *r;

	for (uintptr_t i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, churn, (void *)(i * 77 + 1)), 0);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(pthread_join(t[i], &r), 0);
		EXPECT_EQ((uintptr_t)r, 0);
	}
	malloc_trim(0);
}
