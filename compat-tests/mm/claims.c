/*
 * A program takes large parts of the address space by force: what others need there, the vDSO and libraries first, goes on
 * working, or the program is refused.
 */
#include "fault.h"
#include <time.h>

#define MIB (1UL << 20)

/* Around and over everything that lies near the vDSO, but for what is mapped already. */
TEST(clock_still_runs)
{
	struct timespec a, b;
	int taken = 0;
	char *base = mmap(NULL, 64 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	EXPECT(base != MAP_FAILED);
	EXPECT_OK(munmap(base, 64 * MIB));
	EXPECT_OK(clock_gettime(CLOCK_MONOTONIC, &a));
	b = a;
	for (char *p = (char *)((unsigned long)base & ~(1024 * MIB - 1)), *end = p + 1024 * MIB; p < end; p += 16 * MIB) {
		char *at = mmap(p, 16 * MIB, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

		if (at == MAP_FAILED)
			continue;
		at[0] = 1;
		taken++;
		EXPECT_OK(clock_gettime(CLOCK_MONOTONIC, &b));
		EXPECT_OK(munmap(at, 16 * MIB));
	}
	EXPECT_GT(taken, 0);
	EXPECT(b.tv_sec > a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
}

TEST(heap_as_large_as_it_gets)
{
	struct timespec t;
	unsigned long step = 256 * MIB;
	char *start = sbrk(0);

	for (; step >= MIB; step /= 2)
		while (sbrk((long)step) != (void *)-1 && (char *)sbrk(0) - start < 1L << 32)
			EXPECT_OK(clock_gettime(CLOCK_MONOTONIC, &t));
	EXPECT_GT((char *)sbrk(0), start);
	EXPECT_OK(brk(start));
	EXPECT_OK(clock_gettime(CLOCK_MONOTONIC, &t));
}
