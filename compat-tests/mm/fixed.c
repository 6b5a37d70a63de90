/*
 * MAP_FIXED replaces what it covers, and only that; MAP_FIXED_NOREPLACE refuses any overlap with
 * EEXIST and leaves the old content alone.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

TEST(replaces_the_middle)
{
	char *p = map_anon(5 * PAGE, RW), *q;

	memset(p, 1, 5 * PAGE);
	q = mmap(p + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	EXPECT_EQ((uintptr_t)q, (uintptr_t)(p + 2 * PAGE));
	EXPECT(all_bytes(p, 1, 2 * PAGE));
	EXPECT(all_bytes(p + 2 * PAGE, 0, PAGE));
	EXPECT(all_bytes(p + 3 * PAGE, 1, 2 * PAGE));
	EXPECT_OK(munmap(p, 5 * PAGE));
}

TEST(replaces_across_several)
{
	char *p = map_anon(6 * PAGE, PROT_NONE), *q;

	EXPECT_OK(mprotect(p, PAGE, RW));
	EXPECT_OK(mprotect(p + 2 * PAGE, PAGE, PROT_READ));
	EXPECT_OK(munmap(p + 3 * PAGE, PAGE));
	q = mmap(p + PAGE, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
	EXPECT_EQ((uintptr_t)q, (uintptr_t)(p + PAGE));
	memset(p, 3, 5 * PAGE);
	EXPECT(all_bytes(p, 3, 5 * PAGE));
	EXPECT_FAULT(read, p + 5 * PAGE, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(munmap(p, 6 * PAGE));
}

TEST(file_over_anonymous)
{
	int fd = tmp_file("f", "file content", 12);
	char *p = map_anon(3 * PAGE, RW);

	memset(p, 9, 3 * PAGE);
	EXPECT_EQ((uintptr_t)mmap(p + PAGE, 12, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0),
		  (uintptr_t)(p + PAGE));
	EXPECT_MEM(p + PAGE, "file content", 13);
	EXPECT_EQ(p[PAGE - 1], 9);
	EXPECT_EQ(p[2 * PAGE], 9);
	EXPECT_FAULT(write, p + PAGE, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(munmap(p, 3 * PAGE));
	close(fd);
}

TEST(unaligned_address)
{
	char *p = map_anon(2 * PAGE, RW);

	p[0] = 5;
	EXPECT_ERRNO(mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
	EXPECT_ERRNO(mmap(p + 16, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EINVAL);
	EXPECT_EQ(p[0], 5);
	EXPECT_OK(munmap(p, 2 * PAGE));
}

TEST(address_out_of_range)
{
	EXPECT_ERRNO(mmap((void *)0xffff800000000000UL, PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
	EXPECT_ERRNO(mmap((void *)-PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
}

TEST(failed_map_keeps_the_old_one)
{
	char *p = map_anon(PAGE, RW);

	p[0] = 77;
	EXPECT_ERRNO(mmap(p, PAGE, RW, MAP_PRIVATE | MAP_FIXED, -1, 0), EBADF);
	EXPECT_EQ(p[0], 77);
	EXPECT_OK(munmap(p, PAGE));
}

TEST(noreplace_refuses_overlap)
{
	char *p = map_anon(4 * PAGE, RW);

	memset(p, 6, 4 * PAGE);
	EXPECT_OK(munmap(p + 2 * PAGE, PAGE));
	EXPECT_ERRNO(mmap(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	EXPECT_ERRNO(mmap(p + PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	EXPECT_ERRNO(mmap(p + 2 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	EXPECT(all_bytes(p, 6, 2 * PAGE));
	EXPECT(all_bytes(p + 3 * PAGE, 6, PAGE));
	EXPECT_FAULT(read, p + 2 * PAGE, SIGSEGV, SEGV_MAPERR);
	EXPECT_OK(munmap(p, 4 * PAGE));
}

TEST(noreplace_fills_a_hole)
{
	char *p = map_anon(3 * PAGE, RW), *q;

	memset(p, 6, 3 * PAGE);
	EXPECT_OK(munmap(p + PAGE, PAGE));
	q = mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);
	EXPECT_EQ((uintptr_t)q, (uintptr_t)(p + PAGE));
	EXPECT(all_bytes(q, 0, PAGE));
	EXPECT_OK(munmap(p, 3 * PAGE));
}
