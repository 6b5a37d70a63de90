/* mremap: what it refuses. */
#include "../lst.h"

static void run(void)
{
	char *m = MUST(mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	EXPECT_FAIL(mremap(m + 1, 4096, 4096, 0), EINVAL);
	EXPECT_FAIL(mremap(m, 4096, 0, 0), EINVAL);
	EXPECT_FAIL(mremap(m, 4096, 8192, 8), EINVAL);
	EXPECT_FAIL(mremap(m, 4096, 8192, MREMAP_FIXED, m), EINVAL);
	EXPECT_FAIL(mremap(m, 4096, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, m + 100), EINVAL);
	EXPECT_FAIL(mremap(m, 2 * 4096, 2 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, m + 4096), EINVAL);
	EXPECT_FAIL(mremap(m, 4096, 8192, 0), ENOMEM);
	EXPECT_FAIL(mremap(m, 0, 4096, MREMAP_MAYMOVE), EINVAL);
	MUST(munmap(m + 4096, 4096));
	EXPECT_FAIL(mremap(m, 2 * 4096, 3 * 4096, MREMAP_MAYMOVE), EFAULT);
	EXPECT_FAIL(mremap(m + 4096, 4096, 4096, MREMAP_MAYMOVE), EFAULT);
}
