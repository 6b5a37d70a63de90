/*
 * Programs reserve far more address space than they use: 8 GiB PROT_NONE, MAP_NORESERVE regions
 * touched here and there, and arenas that commit and decommit inside a reservation.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)
#define GIB	(1UL << 30)
#define RESERVE	(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

TEST(eight_gib_of_nothing)
{
	char *p = EXPECT_OK((char *)mmap(NULL, 8 * GIB, PROT_NONE, RESERVE, -1, 0));

	EXPECT_FAULT(read, p, SIGSEGV, SEGV_ACCERR);
	EXPECT_FAULT(read, p + 8 * GIB - 1, SIGSEGV, SEGV_ACCERR);
	EXPECT_FAULT(write, p + 3 * GIB + 12345, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(munmap(p, 8 * GIB));
	EXPECT_FAULT(read, p + 4 * GIB, SIGSEGV, SEGV_MAPERR);
}

TEST(commit_inside)
{
	char *p = EXPECT_OK((char *)mmap(NULL, 8 * GIB, PROT_NONE, RESERVE, -1, 0));

	for (unsigned long i = 0; i < 8; i++) {
		char *q = p + i * GIB + i * 7 * PAGE;

		EXPECT_OK(mprotect(q, 4 * PAGE, RW));
		EXPECT(all_bytes(q, 0, 4 * PAGE));
		memset(q, i + 1, 4 * PAGE);
		EXPECT_FAULT(read, q + 4 * PAGE, SIGSEGV, SEGV_ACCERR);
	}
	for (unsigned long i = 0; i < 8; i++)
		EXPECT(all_bytes(p + i * GIB + i * 7 * PAGE, i + 1, 4 * PAGE));
	EXPECT_OK(munmap(p, 8 * GIB));
}

TEST(trim_to_alignment)
{
	size_t align = 64UL << 20;
	char *p = EXPECT_OK((char *)mmap(NULL, 2 * align, PROT_NONE, RESERVE, -1, 0));
	char *q = (char *)(((uintptr_t)p + align - 1) & -align);

	if (q > p)
		EXPECT_OK(munmap(p, q - p));
	EXPECT_OK(munmap(q + align, p + align - q));
	EXPECT_OK(mprotect(q, align, RW));
	q[0] = q[align - 1] = 1;
	EXPECT_OK(munmap(q, align));
}

TEST(sparse_writes)
{
	size_t len = 4 * GIB, step = 64UL << 20;
	char *p = EXPECT_OK((char *)mmap(NULL, len, RW, RESERVE, -1, 0));

	for (size_t i = 0; i < len; i += step)
		*(size_t *)(p + i) = i ^ 0x1234567;
	for (size_t i = 0; i < len; i += step) {
		EXPECT_EQ(*(size_t *)(p + i), i ^ 0x1234567);
		EXPECT_EQ(*(size_t *)(p + i + PAGE), 0);
	}
	EXPECT_OK(munmap(p, len));
}

TEST(decommit_by_fixed_map)
{
	char *p = EXPECT_OK((char *)mmap(NULL, GIB, PROT_NONE, RESERVE, -1, 0));

	for (int round = 0; round < 20; round++) {
		EXPECT_OK(mprotect(p + 5 * PAGE, 32 * PAGE, RW));
		EXPECT(all_bytes(p + 5 * PAGE, 0, 32 * PAGE));
		memset(p + 5 * PAGE, 0xff, 32 * PAGE);
		EXPECT_EQ((uintptr_t)mmap(p + 5 * PAGE, 32 * PAGE, PROT_NONE, RESERVE | MAP_FIXED,
					  -1, 0),
			  (uintptr_t)(p + 5 * PAGE));
		EXPECT_FAULT(read, p + 5 * PAGE, SIGSEGV, SEGV_ACCERR);
	}
	EXPECT_OK(munmap(p, GIB));
}
