/*
 * mincore: touched pages are resident, dropped ones are not any more, and holes, unaligned
 * addresses and bad vectors give ENOMEM, EINVAL and EFAULT.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)

TEST(touched_pages)
{
	unsigned char vec[16];
	char *p = map_anon(16 * PAGE, RW);

	p[3 * PAGE] = 1;
	p[9 * PAGE + 17] = 1;
	EXPECT_OK(mincore(p, 16 * PAGE, vec));
	EXPECT_EQ(vec[3] & 1, 1);
	EXPECT_EQ(vec[9] & 1, 1);
	EXPECT_OK(munmap(p, 16 * PAGE));
}

TEST(dropped_pages)
{
	unsigned char vec[4];
	char *p = map_anon(4 * PAGE, RW);

	memset(p, 1, 4 * PAGE);
	EXPECT_OK(mincore(p, 4 * PAGE, vec));
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(vec[i] & 1, 1);
	EXPECT_OK(madvise(p, 4 * PAGE, MADV_DONTNEED));
	EXPECT_OK(mincore(p, 4 * PAGE, vec));
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(vec[i] & 1, 0);
	EXPECT_OK(munmap(p, 4 * PAGE));
}

TEST(writes_exactly_one_byte_per_page)
{
	unsigned char vec[8];
	char *p = map_anon(4 * PAGE, RW);

	memset(vec, 0xee, sizeof(vec));
	memset(p, 1, 4 * PAGE);
	EXPECT_OK(mincore(p, 3 * PAGE + 1, vec));
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(vec[i] & 1, 1);
	for (int i = 4; i < 8; i++)
		EXPECT_EQ(vec[i], 0xee);
	EXPECT_OK(munmap(p, 4 * PAGE));
}

TEST(errors)
{
	unsigned char vec[4];
	char *p = map_anon(3 * PAGE, RW);

	EXPECT_ERRNO(mincore(p + 1, PAGE, vec), EINVAL);
	EXPECT_ERRNO(mincore(p, PAGE, (void *)8), EFAULT);
	EXPECT_OK(munmap(p + PAGE, PAGE));
	EXPECT_ERRNO(mincore(p, 3 * PAGE, vec), ENOMEM);
	EXPECT_OK(mincore(p, 0, vec));
	EXPECT_OK(munmap(p, 3 * PAGE));
	EXPECT_ERRNO(mincore(p, PAGE, vec), ENOMEM);
}
