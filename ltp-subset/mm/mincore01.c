/* mincore: errors, and a page that was touched. */
#include "../lst.h"

static void run(void)
{
	unsigned char vec[4] = { 9, 9, 9, 9 };
	char *m = MUST(mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	m[4096] = 1;
	EXPECT_OK(mincore(m, 3 * 4096, vec));
	EXPECT((vec[1] & 1) && vec[3] == 9);
	EXPECT_OK(mincore(m, 4097, vec));
	EXPECT_OK(mincore(m, 0, vec));
	EXPECT_FAIL(mincore(m + 1, 4096, vec), EINVAL);
	EXPECT_FAIL(mincore(m, 4096, BAD_PTR), EFAULT);
	MUST(munmap(m + 4096, 4096));
	EXPECT_FAIL(mincore(m, 3 * 4096, vec), ENOMEM);
}
