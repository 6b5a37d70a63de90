/* Memory without end: RLIMIT_AS, RLIMIT_DATA, huge requests, very many mappings, brk. */
#include "naughty.h"

static void limit(int resource, rlim_t n)
{
	struct rlimit l = { n, n };

	EXPECT_OK(setrlimit(resource, &l));
}

static void *map(size_t len)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

ROLE(address_space)
{
	size_t got = 0;

	limit(RLIMIT_AS, 256 << 20);
	while (map(4 << 20) != MAP_FAILED)
		got += 4 << 20;
	EXPECT_EQ(errno, ENOMEM);
	EXPECT_GT(got, 64 << 20);
	EXPECT_LE(got, 256 << 20);
	EXPECT(malloc(128 << 20) == NULL);
	EXPECT_EQ(sbrk(64 << 20), -1);
	EXPECT_ERRNO(map(4 << 20), ENOMEM);
	return 0;
}

ROLE(brk_limit)
{
	char *now = sbrk(0);

	limit(RLIMIT_DATA, 32 << 20);
	EXPECT_EQ(syscall(SYS_brk, now + (64 << 20)), now);
	EXPECT_EQ(syscall(SYS_brk, -1ul), now);
	EXPECT_EQ(syscall(SYS_brk, 16), now);
	EXPECT_EQ(syscall(SYS_brk, wild[5]), now);
	EXPECT_EQ(sbrk(1 << 20), now);
	return 0;
}

TEST(limits)
{
	EXPECT_EXIT(spawn_self("address_space"), 0);
	EXPECT_EXIT(spawn_self("brk_limit"), 0);
	expect_alive();
}

ROLE(mappings)
{
	enum { N = 5000 };
	static char *page[N];

	for (int i = 0; i < N; i++) {
		page[i] = map(8192);
		EXPECT_NE(page[i], MAP_FAILED);
		EXPECT_OK(mprotect(page[i], 4096, PROT_READ));
	}
	for (int i = 0; i < N; i++)
		page[i][4096] = i;
	for (int i = 0; i < N; i++) {
		EXPECT_EQ(page[i][4096], (char)i);
		EXPECT_OK(munmap(page[i], 8192));
	}
	return 0;
}

TEST(very_many_mappings)
{
	EXPECT_EXIT(spawn_self("mappings"), 0);
	expect_alive();
}

TEST(huge_requests)
{
	EXPECT_ERRNO(map(1ul << 62), ENOMEM);
	EXPECT_ERRNO(map(1ul << 47), ENOMEM);
	EXPECT_ERRNO(map(-4096ul), ENOMEM);
	EXPECT(malloc((size_t)hide_ptr(1ul << 62)) == NULL);
}

ROLE(touch_and_die)
{
	char *p = map(32 << 20);

	memset(p, 1, 32 << 20);
	raise(SIGKILL);
	return 0;
}

/* The memory of the dead is given back: together this is far more than a small enclave has. */
TEST(dead_processes_give_back)
{
	for (int i = 0; i < 24; i++)
		EXPECT_SIGNALED(spawn_self("touch_and_die"), SIGKILL);
	expect_alive();
}
