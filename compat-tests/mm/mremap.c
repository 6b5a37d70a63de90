/*
 * mremap shrinks, grows in place, moves (with and without a fixed target), duplicates shared
 * mappings with old size 0, and refuses what the man page says it refuses. Content follows the
 * pages.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)

static void fill(char *p, int pages)
{
	for (int i = 0; i < pages; i++)
		memset(p + i * PAGE, i + 1, PAGE);
}

static bool filled(const char *p, int pages)
{
	for (int i = 0; i < pages; i++)
		if (!all_bytes(p + i * PAGE, i + 1, PAGE))
			return false;
	return true;
}

/* `pages` pages at the front of a reserved area, with a hole of the same size behind them. */
static char *map_with_room(int pages)
{
	char *p = map_anon(2 * pages * PAGE, PROT_NONE);

	EXPECT_OK(munmap(p, 2 * pages * PAGE));
	return EXPECT_OK(
		(char *)mmap(p, pages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

TEST(shrink)
{
	char *p = map_anon(4 * PAGE, RW);

	fill(p, 4);
	EXPECT_EQ((uintptr_t)mremap(p, 4 * PAGE, 2 * PAGE, 0), (uintptr_t)p);
	EXPECT(filled(p, 2));
	EXPECT_FAULT(read, p + 2 * PAGE, SIGSEGV, SEGV_MAPERR);
	EXPECT_OK(munmap(p, 2 * PAGE));
}

TEST(same_size)
{
	char *p = map_anon(2 * PAGE, RW);

	fill(p, 2);
	EXPECT_EQ((uintptr_t)mremap(p, 2 * PAGE, 2 * PAGE, 0), (uintptr_t)p);
	EXPECT(filled(p, 2));
	EXPECT_OK(munmap(p, 2 * PAGE));
}

TEST(grow_in_place)
{
	char *p = map_with_room(4), *q;

	fill(p, 4);
	q = mremap(p, 4 * PAGE, 8 * PAGE, 0);
	EXPECT_EQ((uintptr_t)q, (uintptr_t)p);
	EXPECT(filled(p, 4));
	EXPECT(all_bytes(p + 4 * PAGE, 0, 4 * PAGE));
	EXPECT_OK(munmap(p, 8 * PAGE));
}

TEST(no_room_without_maymove)
{
	char *p = map_anon(4 * PAGE, RW);

	fill(p, 4);
	EXPECT_OK(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_READ));
	EXPECT_ERRNO(mremap(p, 2 * PAGE, 4 * PAGE, 0), ENOMEM);
	EXPECT(filled(p, 4));
	EXPECT_OK(munmap(p, 4 * PAGE));
}

TEST(move_when_no_room)
{
	char *p = map_anon(4 * PAGE, RW), *q;

	fill(p, 4);
	EXPECT_OK(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_READ));
	q = mremap(p, 2 * PAGE, 100 * PAGE, MREMAP_MAYMOVE);
	EXPECT(q != MAP_FAILED && q != p);
	EXPECT(filled(q, 2));
	EXPECT(all_bytes(q + 2 * PAGE, 0, 98 * PAGE));
	EXPECT_NO_FAULT(write, q + 99 * PAGE);
	EXPECT_FAULT(read, p, SIGSEGV, SEGV_MAPERR);
	EXPECT_EQ(p[2 * PAGE], 3);
	EXPECT_OK(munmap(p + 2 * PAGE, 2 * PAGE));
	EXPECT_OK(munmap(q, 100 * PAGE));
}

TEST(fixed_replaces_target)
{
	char *p = map_anon(2 * PAGE, RW), *t = map_anon(4 * PAGE, RW);

	fill(p, 2);
	memset(t, 0x77, 4 * PAGE);
	EXPECT_EQ((uintptr_t)mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, t + PAGE),
		  (uintptr_t)(t + PAGE));
	EXPECT(filled(t + PAGE, 2));
	EXPECT(all_bytes(t, 0x77, PAGE));
	EXPECT(all_bytes(t + 3 * PAGE, 0x77, PAGE));
	EXPECT_FAULT(read, p, SIGSEGV, SEGV_MAPERR);
	EXPECT_OK(munmap(t, 4 * PAGE));
}

TEST(move_part_of_a_mapping)
{
	char *p = map_anon(5 * PAGE, RW), *t = map_anon(PAGE, PROT_NONE);

	fill(p, 5);
	EXPECT_EQ((uintptr_t)mremap(p + 2 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, t),
		  (uintptr_t)t);
	EXPECT(all_bytes(t, 3, PAGE));
	EXPECT(filled(p, 2));
	EXPECT_FAULT(read, p + 2 * PAGE, SIGSEGV, SEGV_MAPERR);
	EXPECT(all_bytes(p + 3 * PAGE, 4, PAGE));
	EXPECT_OK(munmap(p, 5 * PAGE));
	EXPECT_OK(munmap(t, PAGE));
}

TEST(protection_moves_along)
{
	char *p = map_anon(PAGE, RW), *t = map_anon(PAGE, RW);

	p[0] = 1;
	EXPECT_OK(mprotect(p, PAGE, PROT_READ));
	EXPECT_OK(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, t));
	EXPECT_EQ(t[0], 1);
	EXPECT_FAULT(write, t, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(munmap(t, PAGE));
}

TEST(file_mapping_grows)
{
	char data[3 * PAGE], *p, *q;
	int fd;

	fill(data, 3);
	fd = tmp_file("f", data, sizeof(data));
	p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	q = EXPECT_OK((char *)mremap(p, PAGE, 3 * PAGE, MREMAP_MAYMOVE));
	EXPECT(filled(q, 3));
	q[2 * PAGE] = 'Z';
	EXPECT_EQ(pread(fd, data, 1, 2 * PAGE), 1);
	EXPECT_EQ(data[0], 'Z');
	EXPECT_OK(munmap(q, 3 * PAGE));
	close(fd);
}

TEST(duplicate_shared)
{
	char *p = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
	     *q;

	q = EXPECT_OK((char *)mremap(p, 0, 2 * PAGE, MREMAP_MAYMOVE));
	EXPECT(q != p);
	p[PAGE + 5] = 'a';
	EXPECT_EQ(q[PAGE + 5], 'a');
	q[0] = 'b';
	EXPECT_EQ(p[0], 'b');
	EXPECT_OK(munmap(p, 2 * PAGE));
	EXPECT_EQ(q[0], 'b');
	EXPECT_OK(munmap(q, 2 * PAGE));
}

TEST(dontunmap)
{
	char *p = map_anon(2 * PAGE, RW), *q;

	fill(p, 2);
	q = mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	EXPECT(q != MAP_FAILED && q != p);
	EXPECT(filled(q, 2));
	EXPECT(all_bytes(p, 0, 2 * PAGE));
	EXPECT_OK(munmap(p, 2 * PAGE));
	EXPECT_OK(munmap(q, 2 * PAGE));
}

TEST(errors)
{
	char *p = map_anon(4 * PAGE, RW);

	EXPECT_ERRNO(mremap(p + 1, PAGE, PAGE, 0), EINVAL);
	EXPECT_ERRNO(mremap(p, PAGE, 0, 0), EINVAL);
	EXPECT_ERRNO(mremap(p, PAGE, PAGE, 0x100), EINVAL);
	EXPECT_ERRNO(mremap(p, PAGE, PAGE, MREMAP_FIXED, p + 2 * PAGE), EINVAL);
	EXPECT_ERRNO(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 2 * PAGE + 1),
		     EINVAL);
	EXPECT_ERRNO(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE),
		     EINVAL);
	EXPECT_ERRNO(mremap(p, 0, PAGE, MREMAP_MAYMOVE), EINVAL);
	EXPECT_OK(munmap(p, 4 * PAGE));
	EXPECT_ERRNO(mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
}

TEST(over_two_mappings)
{
	char *p = map_anon(2 * PAGE, RW);

	EXPECT_OK(mprotect(p + PAGE, PAGE, PROT_READ));
	EXPECT_ERRNO(mremap(p, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE), EFAULT);
	EXPECT_OK(munmap(p, 2 * PAGE));
}
