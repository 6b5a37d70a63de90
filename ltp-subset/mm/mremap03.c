/* mremap MREMAP_DONTUNMAP moves the pages and leaves an empty mapping behind. */
#include "../lst.h"
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static void run(void)
{
	char *m = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)), *n;

	memset(m, 'm', 8192);
	EXPECT_FAIL(mremap(m, 8192, 16384, MREMAP_MAYMOVE | MREMAP_DONTUNMAP), EINVAL);
	EXPECT_FAIL(mremap(m, 8192, 8192, MREMAP_DONTUNMAP), EINVAL);
	n = EXPECT_OK(mremap(m, 8192, 8192, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
	EXPECT(n != m && n[0] == 'm' && n[8191] == 'm');
	EXPECT(!m[0] && !m[8191]);
	m[0] = 'n';
	EXPECT_EQ(n[0], 'm');
}
