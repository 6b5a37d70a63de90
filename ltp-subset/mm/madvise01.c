/* madvise: advice and ranges it refuses. */
#include "../lst.h"

static void run(void)
{
	char *m = MUST(mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	EXPECT_OK(madvise(m, 4096, MADV_NORMAL));
	EXPECT_OK(madvise(m, 4096, MADV_RANDOM));
	EXPECT_OK(madvise(m, 4096, MADV_SEQUENTIAL));
	EXPECT_OK(madvise(m, 4096, MADV_DONTFORK));
	EXPECT_OK(madvise(m, 4096, MADV_DOFORK));
	EXPECT_OK(madvise(m, 4096, MADV_DONTDUMP));
	EXPECT_OK(madvise(m, 4096, MADV_COLD));
	EXPECT_OK(madvise(m, 0, MADV_DONTNEED));
	EXPECT_FAIL(madvise(m, 4096, 1000), EINVAL);
	EXPECT_FAIL(madvise(m + 1, 4096, MADV_NORMAL), EINVAL);
	EXPECT_FAIL(madvise(m, SIZE_MAX - 100, MADV_NORMAL), EINVAL);
	EXPECT_FAIL(madvise(m, 4096, MADV_REMOVE), EINVAL);
	MUST(munmap(m + 4096, 4096));
	EXPECT_FAIL(madvise(m, 3 * 4096, MADV_NORMAL), ENOMEM);
	MUST(mlock(m, 4096));
	EXPECT_FAIL(madvise(m, 4096, MADV_DONTNEED), EINVAL);
}
