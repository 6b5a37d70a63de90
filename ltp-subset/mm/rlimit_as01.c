/* RLIMIT_AS: mmap beyond it is ENOMEM, what is there stays. */
#include "../lst.h"
#include <sys/resource.h>

static void run(void)
{
	char *m = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)), *small;
	struct rlimit lim;

	MUST(getrlimit(RLIMIT_AS, &lim));
	lim.rlim_cur = 64 << 20;
	MUST(setrlimit(RLIMIT_AS, &lim));
	EXPECT_FAIL(mmap(NULL, 128 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	small = EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	EXPECT_FAIL(mremap(small, 4096, 128 << 20, MREMAP_MAYMOVE), ENOMEM);
	m[0] = small[0] = 'x';
	EXPECT_EQ(m[0], small[0]);
}
