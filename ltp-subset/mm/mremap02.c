/* mremap: growing, shrinking, moving to a place; contents go along. */
#include "../lst.h"

static void run(void)
{
	int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *room = MUST(mmap(NULL, 32 * 4096, prot, flags, -1, 0)), *m = room, *at;
	unsigned char vec;

	memset(m, 'm', 2 * 4096);
	EXPECT(mremap(m, 4 * 4096, 2 * 4096, 0) == m);
	EXPECT_FAIL(mincore(m + 2 * 4096, 4096, &vec), ENOMEM);
	EXPECT(mremap(m, 2 * 4096, 4 * 4096, 0) == m);
	EXPECT(m[2 * 4096 - 1] == 'm' && !m[2 * 4096]);
	at = room + 16 * 4096;
	EXPECT(mremap(m, 4 * 4096, 8 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at) == at);
	EXPECT(at[0] == 'm' && at[2 * 4096 - 1] == 'm' && !at[8 * 4096 - 1]);
	EXPECT_FAIL(mincore(m, 4096, &vec), ENOMEM);
	m = EXPECT_OK(mremap(at, 8 * 4096, 64 * 4096, MREMAP_MAYMOVE));
	EXPECT(m[0] == 'm' && !m[64 * 4096 - 1]);
}
