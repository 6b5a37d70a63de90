/*
 * munmap removes exactly the pages named: from the front, the back, the middle, over several
 * mappings and over holes; nothing mapped is no error.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)

/* '.' mapped, ' ' not. */
static void expect_layout(char *p, const char *layout)
{
	for (int i = 0; layout[i]; i++)
		EXPECT_EQ(fault_write(p + i * PAGE).sig, layout[i] == '.' ? 0 : SIGSEGV);
}

TEST(front_back_middle)
{
	char *p = map_anon(8 * PAGE, RW);

	EXPECT_OK(munmap(p, PAGE));
	expect_layout(p, " .......");
	EXPECT_OK(munmap(p + 7 * PAGE, PAGE));
	expect_layout(p, " ...... ");
	EXPECT_OK(munmap(p + 3 * PAGE, 2 * PAGE));
	expect_layout(p, " ..  .. ");
	EXPECT_OK(munmap(p, 8 * PAGE));
	expect_layout(p, "        ");
}

TEST(over_holes_and_kinds)
{
	int fd = tmp_file("f", "abc", 3);
	char *p = map_anon(8 * PAGE, RW);

	EXPECT_OK(mprotect(p + PAGE, PAGE, PROT_READ));
	EXPECT_OK(munmap(p + 3 * PAGE, PAGE));
	EXPECT_OK(mmap(p + 4 * PAGE, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0));
	EXPECT_OK(munmap(p + PAGE, 5 * PAGE));
	expect_layout(p, ".     ..");
	EXPECT_OK(munmap(p, 8 * PAGE));
	close(fd);
}

TEST(part_of_a_shared_mapping)
{
	int fd = tmp_file("f", "", 0);
	char buf[2] = "";
	char *p;

	EXPECT_OK(ftruncate(fd, 4 * PAGE));
	p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	EXPECT(p != MAP_FAILED);
	p[PAGE] = 'a';
	p[3 * PAGE] = 'b';
	EXPECT_OK(munmap(p + PAGE, 2 * PAGE));
	expect_layout(p, ".  .");
	EXPECT_EQ(fault_read(p + PAGE).sig, SIGSEGV);
	EXPECT_EQ(pread(fd, buf, 1, PAGE), 1); /* what was written there is in the file */
	EXPECT_EQ(buf[0], 'a');
	EXPECT_OK(munmap(p, 4 * PAGE));
	p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(p != MAP_FAILED);
	p[PAGE] = 'a';
	EXPECT_OK(munmap(p + PAGE, PAGE));
	expect_layout(p, ". ..");
	EXPECT_OK(munmap(p, 4 * PAGE));
	close(fd);
}

TEST(neighbours_keep_content)
{
	char *p = map_anon(32 * PAGE, RW);

	for (int i = 0; i < 32; i++)
		memset(p + i * PAGE, i + 1, PAGE);
	for (int i = 1; i < 32; i += 3)
		EXPECT_OK(munmap(p + i * PAGE, PAGE));
	for (int i = 0; i < 32; i++)
		if (i % 3 != 1)
			EXPECT(all_bytes(p + i * PAGE, i + 1, PAGE));
	EXPECT_OK(munmap(p, 32 * PAGE));
}

TEST(nothing_mapped)
{
	char *p = map_anon(4 * PAGE, RW);

	EXPECT_OK(munmap(p, 4 * PAGE));
	EXPECT_OK(munmap(p, 4 * PAGE));
}

TEST(bad_arguments)
{
	char *p = map_anon(2 * PAGE, RW);

	EXPECT_ERRNO(munmap(p + 1, PAGE), EINVAL);
	EXPECT_ERRNO(munmap(p, 0), EINVAL);
	EXPECT_ERRNO(munmap((void *)-PAGE, PAGE), EINVAL);
	EXPECT_ERRNO(munmap(p, (size_t)-PAGE), EINVAL);
	expect_layout(p, "..");
	EXPECT_OK(munmap(p, 2 * PAGE));
}

TEST(length_is_rounded_up)
{
	char *p = map_anon(3 * PAGE, RW);

	EXPECT_OK(munmap(p, PAGE + 1));
	expect_layout(p, "  .");
	EXPECT_OK(munmap(p + 2 * PAGE, 1));
	expect_layout(p, "   ");
}

TEST(hole_is_zero_when_mapped_again)
{
	char *p = map_anon(3 * PAGE, RW);

	memset(p, 0x5a, 3 * PAGE);
	EXPECT_OK(munmap(p + PAGE, PAGE));
	EXPECT_OK(mmap(p + PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT(all_bytes(p + PAGE, 0, PAGE));
	EXPECT(all_bytes(p, 0x5a, PAGE));
	EXPECT(all_bytes(p + 2 * PAGE, 0x5a, PAGE));
	EXPECT_OK(munmap(p, 3 * PAGE));
}
