/*
 * MAP_SHARED | MAP_ANONYMOUS: zero at first, one memory through every duplicate of the mapping,
 * private to this program after exec, and usable from a vfork child until its exec.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)
#define SHARED	(MAP_SHARED | MAP_ANONYMOUS)

TEST(zero_filled)
{
	char *p = EXPECT_OK((char *)mmap(NULL, 20 * PAGE, RW, SHARED, -1, 0));

	EXPECT(all_bytes(p, 0, 20 * PAGE));
	memset(p, 1, 20 * PAGE);
	EXPECT(all_bytes(p, 1, 20 * PAGE));
	EXPECT_OK(munmap(p, 20 * PAGE));
}

TEST(duplicates_agree)
{
	char *p = EXPECT_OK((char *)mmap(NULL, 4 * PAGE, RW, SHARED, -1, 0)), *q;

	strcpy(p + 2 * PAGE, "before");
	q = EXPECT_OK((char *)mremap(p, 0, 4 * PAGE, MREMAP_MAYMOVE));
	EXPECT_STR(q + 2 * PAGE, "before");
	strcpy(q + 3 * PAGE, "after");
	EXPECT_STR(p + 3 * PAGE, "after");
	EXPECT_OK(mprotect(q, 4 * PAGE, PROT_READ));
	strcpy(p, "one side only");
	EXPECT_STR(q, "one side only");
	EXPECT_FAULT(write, q, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(munmap(p, 4 * PAGE));
	EXPECT_OK(munmap(q, 4 * PAGE));
}

TEST(mapping_stays_after_part_is_unmapped)
{
	char *p = EXPECT_OK((char *)mmap(NULL, 3 * PAGE, RW, SHARED, -1, 0)), *q;

	memset(p, 7, 3 * PAGE);
	q = EXPECT_OK((char *)mremap(p, 0, 3 * PAGE, MREMAP_MAYMOVE));
	EXPECT_OK(munmap(p + PAGE, PAGE));
	EXPECT(all_bytes(q, 7, 3 * PAGE));
	EXPECT_OK(munmap(p, 3 * PAGE));
	EXPECT_OK(munmap(q, 3 * PAGE));
}

TEST(vfork_child_writes)
{
	volatile int *p = EXPECT_OK((int *)mmap(NULL, PAGE, RW, SHARED, -1, 0));
	pid_t pid = vfork();

	if (pid == 0) {
		p[0] = 1234;
		_exit(0);
	}
	EXPECT_GT(pid, 0);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(p[0], 1234);
	EXPECT_OK(munmap((void *)p, PAGE));
}

ROLE(not_mapped)
{
	void *p = (void *)strtoul(argv[0], NULL, 16);
	unsigned char vec;

	/*
	 * Not there any more, or something else of the new program that does not hold the old word.
	 */
	return mincore(p, PAGE, &vec) == 0 && fault_read(p).sig == 0 &&
	       !strcmp(p, "secret of the parent");
}

TEST(exec_drops_it)
{
	char *p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, SHARED, -1, 0)), addr[32];

	strcpy(p, "secret of the parent");
	snprintf(addr, sizeof(addr), "%lx", (unsigned long)p);
	EXPECT_EXIT(spawn_self("not_mapped", addr), 0);
	EXPECT_OK(munmap(p, PAGE));
}
