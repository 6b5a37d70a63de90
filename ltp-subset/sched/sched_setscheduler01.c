/* sched_setscheduler, sched_setparam and sched_getparam: errors. */
#include "../lst.h"

static void run(void)
{
	struct sched_param zero = { 0 }, ten = { 10 }, got;

	EXPECT_FAIL(sched_getscheduler(-1), EINVAL);
	EXPECT_FAIL(sched_getscheduler(0x3fffffff), ESRCH);
	EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
	EXPECT_FAIL(sched_setscheduler(-1, SCHED_OTHER, &zero), EINVAL);
	EXPECT_FAIL(sched_setscheduler(0, 99, &zero), EINVAL);
	EXPECT_FAIL(sched_setscheduler(0, SCHED_OTHER, &ten), EINVAL);
	EXPECT_FAIL(sched_setscheduler(0, SCHED_FIFO, &zero), EINVAL);
	EXPECT_FAIL(sched_setscheduler(0x3fffffff, SCHED_OTHER, &zero), ESRCH);
	EXPECT_FAIL(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL), EINVAL);
	EXPECT_OK(sched_setscheduler(0, SCHED_BATCH, &zero));
	EXPECT_EQ(sched_getscheduler(0), SCHED_BATCH);
	EXPECT_OK(sched_setscheduler(0, SCHED_OTHER, &zero));
	EXPECT_OK(sched_setparam(0, &zero));
	EXPECT_FAIL(sched_setparam(0, &ten), EINVAL);
	EXPECT_FAIL(sched_setparam(-1, &zero), EINVAL);
	EXPECT_FAIL(sched_setparam(0x3fffffff, &zero), ESRCH);
	EXPECT_OK(sched_getparam(0, &got));
	EXPECT_EQ(got.sched_priority, 0);
	EXPECT_FAIL(sched_getparam(-1, &got), EINVAL);
	EXPECT_FAIL(sched_getparam(0x3fffffff, &got), ESRCH);
	EXPECT_FAIL(syscall(SYS_sched_getparam, 0, BAD_PTR), EFAULT);
}
