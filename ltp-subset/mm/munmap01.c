/* munmap: alignment, holes, parts, and that memory is gone. */
#include "../lst.h"

static void run(void)
{
	char *m = MUST(mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	unsigned char vec;

	memset(m, 'x', 5 * 4096);
	EXPECT_FAIL(munmap(m + 1, 4096), EINVAL);
	EXPECT_FAIL(munmap(m, 0), EINVAL);
	EXPECT_FAIL(munmap((void *)-4096L, 4096), EINVAL);
	EXPECT_FAIL(munmap(m, SIZE_MAX), EINVAL);
	EXPECT_OK(munmap(m + 4096, 1));
	EXPECT_FAIL(mincore(m + 4096, 4096, &vec), ENOMEM);
	EXPECT_OK(munmap(m + 4096, 4096));
	EXPECT_EQ(m[0], 'x');
	EXPECT_EQ(m[2 * 4096], 'x');
	EXPECT_OK(munmap(m, 4 * 4096));
	EXPECT_EQ(m[4 * 4096], 'x');
	EXPECT_FAIL(mincore(m, 4096, &vec), ENOMEM);
}
