/*
 * madvise: MADV_DONTNEED drops the content at once (zeros, or the file's bytes again), MADV_FREE
 * may drop it until the next write, hints are accepted, and unmapped, unaligned or unknown requests
 * are refused.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)

TEST(dontneed_zeroes)
{
	char *p = map_anon(64 * PAGE, RW);

	memset(p, 0xcc, 64 * PAGE);
	EXPECT_OK(madvise(p + PAGE, 62 * PAGE, MADV_DONTNEED));
	EXPECT(all_bytes(p, (char)0xcc, PAGE));
	EXPECT(all_bytes(p + PAGE, 0, 62 * PAGE));
	EXPECT(all_bytes(p + 63 * PAGE, (char)0xcc, PAGE));
	memset(p + PAGE, 1, PAGE);
	EXPECT(all_bytes(p + PAGE, 1, PAGE));
	EXPECT_OK(munmap(p, 64 * PAGE));
}

TEST(dontneed_on_read_only_pages)
{
	char *p = map_anon(PAGE, RW);

	memset(p, 1, PAGE);
	EXPECT_OK(mprotect(p, PAGE, PROT_READ));
	EXPECT_OK(madvise(p, PAGE, MADV_DONTNEED));
	EXPECT(all_bytes(p, 0, PAGE));
	EXPECT_FAULT(write, p, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(munmap(p, PAGE));
}

TEST(dontneed_brings_the_file_back)
{
	int fd = tmp_file("f", "original", 8);
	char *p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));

	memcpy(p, "modified", 8);
	EXPECT_MEM(p, "modified", 8);
	EXPECT_OK(madvise(p, PAGE, MADV_DONTNEED));
	EXPECT_MEM(p, "original", 8);
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

TEST(dontneed_keeps_shared_content)
{
	char *p = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));

	memset(p, 3, 2 * PAGE);
	EXPECT_OK(madvise(p, 2 * PAGE, MADV_DONTNEED));
	EXPECT(all_bytes(p, 3, 2 * PAGE));
	EXPECT_OK(munmap(p, 2 * PAGE));
}

TEST(free_then_write)
{
	char *p = map_anon(8 * PAGE, RW);

	memset(p, 0x11, 8 * PAGE);
	EXPECT_OK(madvise(p, 8 * PAGE, MADV_FREE));
	for (int i = 0; i < 8; i++) {
		EXPECT(p[i * PAGE + 1] == 0 || p[i * PAGE + 1] == 0x11);
		p[i * PAGE] = 0x22;
		EXPECT_EQ(p[i * PAGE], 0x22);
	}
	EXPECT_OK(munmap(p, 8 * PAGE));
}

TEST(free_needs_private_anonymous)
{
	int fd = tmp_file("f", "x", 1);
	char *p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));

	EXPECT_ERRNO(madvise(p, PAGE, MADV_FREE), EINVAL);
	EXPECT_OK(munmap(p, PAGE));
	p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	EXPECT_ERRNO(madvise(p, PAGE, MADV_FREE), EINVAL);
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

TEST(hints)
{
	static const int hint[] = { MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
				    MADV_DONTFORK, MADV_DOFORK, MADV_DONTDUMP, MADV_DODUMP };
	char *p = map_anon(4 * PAGE, RW);

	memset(p, 8, 4 * PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(hint); i++)
		EXPECT_OK(madvise(p, 4 * PAGE, hint[i]));
	EXPECT(all_bytes(p, 8, 4 * PAGE));
	EXPECT_OK(munmap(p, 4 * PAGE));
}

TEST(errors)
{
	char *p = map_anon(3 * PAGE, RW);

	memset(p, 5, 3 * PAGE);
	EXPECT_ERRNO(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
	EXPECT_ERRNO(madvise(p, PAGE, 9999), EINVAL);
	EXPECT_ERRNO(madvise(p, (size_t)-1, MADV_DONTNEED), EINVAL);
	EXPECT_OK(madvise(p, 0, MADV_DONTNEED));
	EXPECT(all_bytes(p, 5, 3 * PAGE));
	EXPECT_OK(munmap(p + PAGE, PAGE));
	/* The pages around the hole are done all the same. */
	EXPECT_ERRNO(madvise(p, 3 * PAGE, MADV_DONTNEED), ENOMEM);
	EXPECT_EQ(p[0], 0);
	EXPECT_EQ(p[2 * PAGE], 0);
	EXPECT_OK(munmap(p, 3 * PAGE));
}

TEST(dontneed_round_by_round)
{
	char *p = map_anon(16 * PAGE, RW);

	for (int round = 1; round <= 50; round++) {
		EXPECT(all_bytes(p, 0, 16 * PAGE));
		memset(p, round, 16 * PAGE);
		EXPECT_OK(madvise(p, 16 * PAGE, MADV_DONTNEED));
	}
	EXPECT_OK(munmap(p, 16 * PAGE));
}
