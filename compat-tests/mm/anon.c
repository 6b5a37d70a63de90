/*
 * Private anonymous mappings: zero-filled, page-rounded, placed apart from each other; the errors
 * of mmap's arguments; fd and offset do not matter for MAP_ANONYMOUS.
 */
#include "fault.h"

TEST(zero_filled)
{
	size_t len = 300 * PAGE;
	char *p = map_anon(len, PROT_READ | PROT_WRITE);

	EXPECT_EQ((uintptr_t)p % PAGE, 0);
	EXPECT(all_bytes(p, 0, len));
	memset(p, 0xa5, len);
	EXPECT(all_bytes(p, (char)0xa5, len));
	EXPECT_OK(munmap(p, len));
	EXPECT_FAULT(read, p, SIGSEGV, SEGV_MAPERR);
	EXPECT_FAULT(read, p + len - 1, SIGSEGV, SEGV_MAPERR);
}

TEST(length_is_rounded_up)
{
	char *p = map_anon(PAGE + 1, PROT_READ | PROT_WRITE);

	p[2 * PAGE - 1] = 7;
	EXPECT_EQ(p[2 * PAGE - 1], 7);
	EXPECT_OK(munmap(p, PAGE + 1));
	EXPECT_FAULT(read, p + PAGE, SIGSEGV, SEGV_MAPERR);
}

TEST(mappings_do_not_overlap)
{
	enum { COUNT = 64 };
	char *p[COUNT];

	for (int i = 0; i < COUNT; i++) {
		p[i] = map_anon((i % 5 + 1) * PAGE, PROT_READ | PROT_WRITE);
		memset(p[i], i + 1, (i % 5 + 1) * PAGE);
	}
	for (int i = 0; i < COUNT; i++)
		EXPECT(all_bytes(p[i], i + 1, (i % 5 + 1) * PAGE));
	for (int i = 0; i < COUNT; i++)
		EXPECT_OK(munmap(p[i], (i % 5 + 1) * PAGE));
}

TEST(bad_arguments)
{
	int rw = PROT_READ | PROT_WRITE;

	EXPECT_ERRNO(mmap(NULL, 0, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EINVAL);
	EXPECT_ERRNO(mmap(NULL, PAGE, rw, MAP_ANONYMOUS, -1, 0), EINVAL);
	EXPECT_ERRNO(mmap(NULL, PAGE, rw, MAP_PRIVATE, -1, 0), EBADF);
	EXPECT_ERRNO(mmap(NULL, -PAGE, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	EXPECT_ERRNO(mmap(NULL, (size_t)-1, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	EXPECT_ERRNO(mmap(NULL, 1UL << 47, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			  -1, 0),
		     ENOMEM);
	EXPECT_ERRNO(syscall(SYS_mmap, NULL, PAGE, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 1), EINVAL);
}

TEST(descriptor_is_ignored)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, 12345, 0);

	EXPECT(p != MAP_FAILED);
	p[0] = 1;
	EXPECT_OK(munmap(p, PAGE));
}

TEST(hint_is_taken_when_free)
{
	char *p = map_anon(16 * PAGE, PROT_READ | PROT_WRITE), *q;

	EXPECT_OK(munmap(p + 8 * PAGE, PAGE));
	q = mmap(p + 8 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT_EQ((uintptr_t)q, (uintptr_t)(p + 8 * PAGE));
	EXPECT_OK(munmap(p, 16 * PAGE));
}

TEST(hint_in_use_goes_elsewhere)
{
	char *p = map_anon(PAGE, PROT_READ | PROT_WRITE), *q;

	p[0] = 42;
	q = mmap(p, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(q != MAP_FAILED && q != p);
	EXPECT_EQ(p[0], 42);
	EXPECT_OK(munmap(p, PAGE));
	EXPECT_OK(munmap(q, PAGE));
}

TEST(map_populate)
{
	char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	EXPECT(p != MAP_FAILED);
	EXPECT(all_bytes(p, 0, 64 * PAGE));
	EXPECT_OK(munmap(p, 64 * PAGE));
}

TEST(map_32bit_is_below_2_gib)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
		       -1, 0);

	EXPECT(p != MAP_FAILED);
	EXPECT_LE((uintptr_t)p + PAGE, 1UL << 31);
	p[0] = 1;
	EXPECT_OK(munmap(p, PAGE));
}
