/* clock_settime and settimeofday: what they refuse whoever asks. */
#include "../lst.h"
#include <sys/time.h>

static void run(void)
{
	struct timespec bad = { 0, 1000000000 }, neg = { -1, 0 }, now;
	struct timeval tv = { 0, 1000000 };

	MUST(clock_gettime(CLOCK_REALTIME, &now));
	EXPECT_FAIL(clock_settime(CLOCK_MONOTONIC, &now), EINVAL);
	EXPECT_FAIL(clock_settime(99, &now), EINVAL);
	EXPECT_FAIL(clock_settime(CLOCK_REALTIME, &bad), EINVAL);
	EXPECT_FAIL(clock_settime(CLOCK_REALTIME, &neg), EINVAL);
	EXPECT_FAIL(syscall(SYS_clock_settime, CLOCK_REALTIME, BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_settimeofday, &tv, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_settimeofday, BAD_PTR, NULL), EFAULT);
	NEED_ROOT();
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(clock_settime(CLOCK_REALTIME, &now), EPERM);
	MUST(seteuid(0));
}
