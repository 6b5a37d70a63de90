/* getrlimit, setrlimit and prlimit64: errors and rules. */
#include "../lst.h"
#include <sys/resource.h>

static void run(void)
{
	struct rlimit lim, bad = { 10, 5 }, old;

	EXPECT_FAIL(getrlimit(99, &lim), EINVAL);
	EXPECT_FAIL(setrlimit(99, &lim), EINVAL);
	EXPECT_FAIL(syscall(SYS_getrlimit, RLIMIT_NOFILE, BAD_PTR), EFAULT);
	EXPECT_FAIL(setrlimit(RLIMIT_LOCKS, &bad), EINVAL);
	EXPECT_FAIL(prlimit(0x3fffffff, RLIMIT_LOCKS, NULL, &lim), ESRCH);
	EXPECT_FAIL(syscall(SYS_prlimit64, 0, RLIMIT_LOCKS, BAD_PTR, NULL), EFAULT);
	lim = (struct rlimit){ 5, 10 };
	EXPECT_OK(setrlimit(RLIMIT_LOCKS, &lim));
	lim = (struct rlimit){ 6, 10 };
	EXPECT_OK(prlimit(0, RLIMIT_LOCKS, &lim, &old));
	EXPECT_EQ(old.rlim_cur, 5);
	EXPECT_EQ(old.rlim_max, 10);
	NEED_ROOT();
	lim = (struct rlimit){ 1 << 30, 1 << 30 };
	EXPECT_FAIL(setrlimit(RLIMIT_NOFILE, &lim), EPERM);
	MUST(seteuid(LST_NOBODY));
	lim = (struct rlimit){ 6, 11 };
	EXPECT_FAIL(setrlimit(RLIMIT_LOCKS, &lim), EPERM);
	MUST(seteuid(0));
}
