/* the range of priorities of each policy, and the interval of round robin. */
#include "../lst.h"

static void run(void)
{
	struct timespec t;

	EXPECT_EQ(sched_get_priority_min(SCHED_OTHER), 0);
	EXPECT_EQ(sched_get_priority_max(SCHED_OTHER), 0);
	EXPECT_EQ(sched_get_priority_min(SCHED_FIFO), 1);
	EXPECT_EQ(sched_get_priority_max(SCHED_FIFO), 99);
	EXPECT_EQ(sched_get_priority_min(SCHED_RR), 1);
	EXPECT_EQ(sched_get_priority_max(SCHED_RR), 99);
	EXPECT_EQ(sched_get_priority_max(SCHED_BATCH), 0);
	EXPECT_EQ(sched_get_priority_max(SCHED_IDLE), 0);
	EXPECT_FAIL(sched_get_priority_min(99), EINVAL);
	EXPECT_FAIL(sched_get_priority_max(-1), EINVAL);
	EXPECT_OK(sched_rr_get_interval(0, &t));
	EXPECT(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
	EXPECT_FAIL(sched_rr_get_interval(-1, &t), EINVAL);
	EXPECT_FAIL(sched_rr_get_interval(0x3fffffff, &t), ESRCH);
	EXPECT_FAIL(syscall(SYS_sched_rr_get_interval, 0, BAD_PTR), EFAULT);
}
