/* brk obeys RLIMIT_DATA; the child's break is its own. */
#include "../lst.h"
#include <sys/resource.h>

static void run(void)
{
	char *start = sbrk(8192);
	struct rlimit lim = { 0, RLIM_INFINITY };
	pid_t pid;

	start[0] = 'p';
	pid = FORK();
	if (!pid) {
		EXPECT(sbrk(0) == start + 8192);
		EXPECT_EQ(start[0], 'p');
		start[0] = 'c';
		EXPECT_OK(sbrk(4096));
		child_exit();
	}
	REAP(pid);
	EXPECT(sbrk(0) == start + 8192);
	EXPECT_EQ(start[0], 'p');
	MUST(getrlimit(RLIMIT_DATA, &lim));
	lim.rlim_cur = 4096;
	MUST(setrlimit(RLIMIT_DATA, &lim));
	EXPECT_FAIL(sbrk(1 << 20), ENOMEM);
	EXPECT(sbrk(0) == start + 8192);
}
