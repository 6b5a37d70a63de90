/*
 * The program break: grows by bytes with zeroed pages, shrinks, grows again with zeros, and answers
 * an impossible request with the old break. Uses the raw call: libc's allocator stays out of the
 * way because no case allocates meanwhile.
 */
#include "fault.h"

static char *raw_brk(void *p)
{
	return (char *)syscall(SYS_brk, p);
}

static char *page_up(char *p)
{
	return (char *)(((uintptr_t)p + PAGE - 1) & -PAGE);
}

TEST(query)
{
	char *old = raw_brk(NULL);

	EXPECT(old != NULL);
	EXPECT_EQ((uintptr_t)raw_brk(NULL), (uintptr_t)old);
	EXPECT_EQ((uintptr_t)sbrk(0), (uintptr_t)old);
}

TEST(grow_and_shrink)
{
	char *old = raw_brk(NULL), *base = page_up(old);

	EXPECT_EQ((uintptr_t)raw_brk(base + 10 * PAGE), (uintptr_t)(base + 10 * PAGE));
	EXPECT(all_bytes(base, 0, 10 * PAGE));
	memset(base, 0x33, 10 * PAGE);
	EXPECT_EQ((uintptr_t)raw_brk(base + 4 * PAGE), (uintptr_t)(base + 4 * PAGE));
	EXPECT(all_bytes(base, 0x33, 4 * PAGE));
	EXPECT_FAULT(read, base + 4 * PAGE, SIGSEGV, SEGV_MAPERR);
	EXPECT_EQ((uintptr_t)raw_brk(base + 6 * PAGE), (uintptr_t)(base + 6 * PAGE));
	EXPECT(all_bytes(base + 4 * PAGE, 0, 2 * PAGE));
	EXPECT_EQ((uintptr_t)raw_brk(old), (uintptr_t)old);
}

TEST(unaligned_break)
{
	char *old = raw_brk(NULL), *base = page_up(old);

	EXPECT_EQ((uintptr_t)raw_brk(base + 100), (uintptr_t)(base + 100));
	base[0] = 1;
	base[PAGE - 1] = 2;
	EXPECT_EQ((uintptr_t)raw_brk(base + 200), (uintptr_t)(base + 200));
	EXPECT_EQ(base[0], 1);
	EXPECT_EQ(base[PAGE - 1], 2);
	EXPECT_EQ((uintptr_t)raw_brk(old), (uintptr_t)old);
}

TEST(impossible_requests)
{
	char *old = raw_brk(NULL);

	EXPECT_EQ((uintptr_t)raw_brk((void *)1), (uintptr_t)old);
	EXPECT_EQ((uintptr_t)raw_brk((void *)-PAGE), (uintptr_t)old);
	EXPECT_EQ((uintptr_t)raw_brk((void *)0x7fffffffe000UL), (uintptr_t)old);
	EXPECT_ERRNO(sbrk(1L << 46), ENOMEM);
	EXPECT_EQ((uintptr_t)raw_brk(NULL), (uintptr_t)old);
}

TEST(blocked_by_a_mapping)
{
	char *old = raw_brk(NULL), *base = page_up(old), *wall = base + 16 * PAGE;

	EXPECT_EQ((uintptr_t)mmap(wall, PAGE, PROT_READ,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0),
		  (uintptr_t)wall);
	EXPECT_EQ((uintptr_t)raw_brk(wall + PAGE), (uintptr_t)old);
	EXPECT_OK(munmap(wall, PAGE));
	EXPECT_EQ((uintptr_t)raw_brk(wall + PAGE), (uintptr_t)(wall + PAGE));
	EXPECT_EQ((uintptr_t)raw_brk(old), (uintptr_t)old);
}

TEST(sixteen_mib)
{
	char *old = raw_brk(NULL), *base = page_up(old);
	size_t len = 16UL << 20;

	EXPECT_EQ((uintptr_t)raw_brk(base + len), (uintptr_t)(base + len));
	for (size_t i = 0; i < len; i += PAGE) {
		EXPECT_EQ(*(unsigned long *)(base + i), 0);
		*(unsigned long *)(base + i) = i + 1;
	}
	for (size_t i = 0; i < len; i += PAGE)
		EXPECT_EQ(*(unsigned long *)(base + i), i + 1);
	EXPECT_EQ((uintptr_t)raw_brk(old), (uintptr_t)old);
}
