/*
 * RLIMIT_AS and RLIMIT_DATA: what goes beyond gives ENOMEM (mmap, brk, mremap, malloc), what fits
 * still works, and the process goes on. Runs in children because limits stay.
 */
#include "fault.h"
#include <sys/resource.h>

#define RW	(PROT_READ | PROT_WRITE)
#define MIB	(1UL << 20)

/* Address space in use now, from /proc. */
static size_t used_now(void)
{
	char buf[128] = "";

	EXPECT_GT(read_file("/proc/self/statm", buf, sizeof(buf)), 0);
	return strtoul(buf, NULL, 10) * PAGE;
}

static void limit_to(int which, size_t bytes)
{
	struct rlimit rl = { bytes, bytes };

	EXPECT_OK(setrlimit(which, &rl));
}

ROLE(mmap_beyond)
{
	char *p;

	limit_to(RLIMIT_AS, used_now() + 64 * MIB);
	EXPECT_ERRNO(mmap(NULL, 65 * MIB, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	EXPECT_ERRNO(
		mmap(NULL, 65 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
		ENOMEM);
	p = map_anon(32 * MIB, RW);
	p[32 * MIB - 1] = 1;
	EXPECT_ERRNO(mmap(NULL, 40 * MIB, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	EXPECT_ERRNO(mremap(p, 32 * MIB, 72 * MIB, MREMAP_MAYMOVE), ENOMEM);
	EXPECT_EQ(p[32 * MIB - 1], 1);
	EXPECT_OK(munmap(p, 32 * MIB));
	p = map_anon(40 * MIB, RW);
	EXPECT_OK(munmap(p, 40 * MIB));
	return 0;
}

TEST(mmap_fails)
{
	EXPECT_EXIT(spawn_self("mmap_beyond"), 0);
}

ROLE(brk_beyond)
{
	limit_to(RLIMIT_AS, used_now() + 8 * MIB);
	EXPECT_ERRNO(sbrk(16 * MIB), ENOMEM);
	EXPECT_OK(sbrk(4 * MIB));
	EXPECT_ERRNO(sbrk(6 * MIB), ENOMEM);
	return 0;
}

TEST(brk_fails)
{
	EXPECT_EXIT(spawn_self("brk_beyond"), 0);
}

ROLE(malloc_beyond)
{
	void *block[512];
	int n = 0;

	limit_to(RLIMIT_AS, used_now() + 64 * MIB);
	while (n < 512 && (block[n] = malloc(MIB)))
		memset(block[n++], 1, MIB);
	EXPECT_EQ(errno, ENOMEM);
	EXPECT_GE(n, 32);
	EXPECT_LE(n, 64);
	for (int i = 0; i < n; i++)
		free(block[i]);
	block[0] = malloc(16 * MIB);
	EXPECT(block[0] != NULL);
	free(block[0]);
	return 0;
}

TEST(malloc_fails_and_recovers)
{
	EXPECT_EXIT(spawn_self("malloc_beyond"), 0);
}

ROLE(fixed_replaces)
{
	char *p = map_anon(32 * MIB, RW);

	limit_to(RLIMIT_AS, used_now() + 8 * MIB);
	/* The same addresses again need no more address space than before. */
	EXPECT_OK(mprotect(p, 32 * MIB, PROT_READ));
	EXPECT_OK(munmap(p, 16 * MIB));
	EXPECT_OK(mmap(p, 16 * MIB, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	return 0;
}

TEST(freed_space_counts_as_free)
{
	EXPECT_EXIT(spawn_self("fixed_replaces"), 0);
}

ROLE(data_limit)
{
	limit_to(RLIMIT_DATA, 32 * MIB);
	EXPECT_ERRNO(mmap(NULL, 64 * MIB, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	EXPECT_ERRNO(sbrk(64 * MIB), ENOMEM);
	EXPECT_OK(mmap(NULL, 64 * MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	return 0;
}

TEST(rlimit_data)
{
	EXPECT_EXIT(spawn_self("data_limit"), 0);
}

TEST(parent_is_not_limited)
{
	char *p = map_anon(256 * MIB, RW);

	EXPECT_OK(munmap(p, 256 * MIB));
}
