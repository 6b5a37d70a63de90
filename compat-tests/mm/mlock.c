/*
 * mlock, mlock2, munlock, mlockall and MAP_LOCKED: locked memory stays usable and resident, holes
 * give ENOMEM, wrong flags EINVAL. Sizes stay under the 64 KiB that every user may lock.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)

TEST(lock_and_unlock)
{
	unsigned char vec[4];
	char *p = map_anon(4 * PAGE, RW);

	EXPECT_OK(mlock(p, 4 * PAGE));
	EXPECT_OK(mincore(p, 4 * PAGE, vec));
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(vec[i] & 1, 1);
	EXPECT(all_bytes(p, 0, 4 * PAGE));
	EXPECT_OK(munlock(p, 4 * PAGE));
	EXPECT_OK(munmap(p, 4 * PAGE));
}

TEST(any_address_in_the_page)
{
	char *p = map_anon(2 * PAGE, RW);

	EXPECT_OK(mlock(p + 100, 1));
	EXPECT_OK(mlock(p + PAGE - 1, 2));
	EXPECT_OK(munlock(p + 5, 2 * PAGE - 10));
	EXPECT_OK(munmap(p, 2 * PAGE));
}

TEST(locked_pages_keep_content)
{
	char *p = map_anon(2 * PAGE, RW);

	memset(p, 9, 2 * PAGE);
	EXPECT_OK(mlock(p, 2 * PAGE));
	EXPECT_ERRNO(madvise(p, 2 * PAGE, MADV_DONTNEED), EINVAL);
	EXPECT(all_bytes(p, 9, 2 * PAGE));
	EXPECT_OK(munlock(p, 2 * PAGE));
	EXPECT_OK(madvise(p, 2 * PAGE, MADV_DONTNEED));
	EXPECT(all_bytes(p, 0, 2 * PAGE));
	EXPECT_OK(munmap(p, 2 * PAGE));
}

TEST(holes)
{
	char *p = map_anon(3 * PAGE, RW);

	EXPECT_OK(munmap(p + PAGE, PAGE));
	EXPECT_ERRNO(mlock(p, 3 * PAGE), ENOMEM);
	EXPECT_ERRNO(munlock(p, 3 * PAGE), ENOMEM);
	EXPECT_OK(munlock(p, PAGE));
	EXPECT_OK(munmap(p, 3 * PAGE));
	EXPECT_ERRNO(mlock(p, PAGE), ENOMEM);
}

TEST(mlock2_flags)
{
	char *p = map_anon(2 * PAGE, RW);

	EXPECT_OK(mlock2(p, PAGE, MLOCK_ONFAULT));
	EXPECT_OK(mlock2(p, PAGE, 0));
	EXPECT_ERRNO(mlock2(p, PAGE, 0x80), EINVAL);
	EXPECT_OK(munlock(p, 2 * PAGE));
	EXPECT_OK(munmap(p, 2 * PAGE));
}

TEST(map_locked)
{
	char *p = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);

	EXPECT(p != MAP_FAILED);
	EXPECT(all_bytes(p, 0, 4 * PAGE));
	EXPECT_OK(munmap(p, 4 * PAGE));
}

TEST(mlockall_flags)
{
	EXPECT_ERRNO(mlockall(0), EINVAL);
	EXPECT_ERRNO(mlockall(0x100), EINVAL);
	EXPECT_ERRNO(mlockall(MCL_ONFAULT), EINVAL);
	EXPECT_OK(munlockall());
}
