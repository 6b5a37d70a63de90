/* msync: flags and ranges. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123", 4);
	char *m = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));

	EXPECT_OK(msync(m, 4096, MS_SYNC));
	EXPECT_OK(msync(m, 4096, MS_ASYNC | MS_INVALIDATE));
	EXPECT_OK(msync(m, 0, MS_SYNC));
	EXPECT_OK(msync(m, 4096, 0));
	EXPECT_FAIL(msync(m, 4096, MS_SYNC | MS_ASYNC), EINVAL);
	EXPECT_FAIL(msync(m, 4096, 8), EINVAL);
	EXPECT_FAIL(msync(m + 1, 4096, MS_SYNC), EINVAL);
	MUST(munmap(m + 4096, 4096));
	EXPECT_FAIL(msync(m, 8192, MS_SYNC), ENOMEM);
	EXPECT_FAIL(msync(m, SIZE_MAX - 8191, MS_SYNC), ENOMEM);
	MUST(mlock(m, 4096));
	EXPECT_FAIL(msync(m, 4096, MS_INVALIDATE), EBUSY);
}
