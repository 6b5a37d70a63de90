/* mlock, mlock2, mlockall and their opposites: errors and limits. */
#include "../lst.h"
#include <sys/resource.h>

static void run(void)
{
	char *m = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct rlimit lim = { 0, 0 };

	EXPECT_OK(mlock(m + 100, 10));
	EXPECT_OK(munlock(m, 4096));
	EXPECT_OK(mlock2(m, 4096, MLOCK_ONFAULT));
	EXPECT_FAIL(mlock2(m, 4096, 2), EINVAL);
	EXPECT_FAIL(mlock(m, SIZE_MAX - 4096), EINVAL);
	EXPECT_FAIL(mlockall(0), EINVAL);
	EXPECT_FAIL(mlockall(MCL_ONFAULT), EINVAL);
	EXPECT_FAIL(mlockall(8), EINVAL);
	EXPECT_OK(munlockall());
	MUST(munmap(m + 4096, 4096));
	EXPECT_FAIL(mlock(m, 8192), ENOMEM);
	EXPECT_FAIL(munlock(m, 8192), ENOMEM);
	NEED_ROOT();
	MUST(setrlimit(RLIMIT_MEMLOCK, &lim));
	EXPECT_OK(mlock(m, 4096));
	EXPECT_OK(munlock(m, 4096));
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(mlock(m, 4096), EPERM);
	EXPECT_FAIL(mlockall(MCL_CURRENT), EPERM);
	MUST(seteuid(0));
}
