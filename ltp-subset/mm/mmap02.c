/* MAP_FIXED replaces, MAP_FIXED_NOREPLACE refuses, a hint that is taken is ignored. */
#include "../lst.h"

static void run(void)
{
	int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *a = MUST(mmap(NULL, 16384, prot, flags, -1, 0)), *b;

	memset(a, 'a', 16384);
	EXPECT_FAIL(mmap(a + 4096, 4096, prot, flags | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	EXPECT_EQ(a[4096], 'a');
	EXPECT(mmap(a + 4096, 4096, prot, flags | MAP_FIXED, -1, 0) == a + 4096);
	EXPECT_EQ(a[4096], 0);
	EXPECT_EQ(a[4095], 'a');
	EXPECT_EQ(a[8192], 'a');
	b = MUST(mmap(a, 4096, prot, flags, -1, 0));
	EXPECT(b != a && a[0] == 'a');
	MUST(munmap(a + 8192, 8192));
	EXPECT(mmap(a + 8192, 8192, prot, flags | MAP_FIXED_NOREPLACE, -1, 0) == a + 8192);
	EXPECT_EQ(a[8192], 0);
}
