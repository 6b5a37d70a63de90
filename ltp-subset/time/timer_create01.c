/* timer_create, timer_settime, timer_gettime and timer_delete: what they refuse. */
#include "../lst.h"

static void run(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65 };
	struct itimerspec bad = { { 0, 0 }, { 0, -1 } }, its = { { 0, 0 }, { 100, 0 } };
	timer_t t;
	int raw;

	EXPECT_FAIL(timer_create(99, NULL, &t), EINVAL);
	EXPECT_FAIL(timer_create(CLOCK_MONOTONIC, &ev, &t), EINVAL);
	ev.sigev_notify = 99;
	EXPECT_FAIL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &raw), EINVAL);
	EXPECT_FAIL(syscall(SYS_timer_create, CLOCK_MONOTONIC, BAD_PTR, &raw), EFAULT);
	EXPECT_FAIL(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, BAD_PTR), EFAULT);
	EXPECT_OK(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &raw));
	EXPECT_FAIL(syscall(SYS_timer_settime, raw, 0, &bad, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_timer_settime, raw, 0, NULL, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_timer_settime, raw + 50, 0, &its, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_timer_gettime, raw + 50, &its), EINVAL);
	EXPECT_FAIL(syscall(SYS_timer_gettime, raw, BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_timer_getoverrun, raw + 50), EINVAL);
	EXPECT_FAIL(syscall(SYS_timer_delete, raw + 50), EINVAL);
	EXPECT_EQ(syscall(SYS_timer_getoverrun, raw), 0);
	EXPECT_OK(syscall(SYS_timer_delete, raw));
	EXPECT_FAIL(syscall(SYS_timer_delete, raw), EINVAL);
}
