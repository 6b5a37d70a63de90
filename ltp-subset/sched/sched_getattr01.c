/* sched_getattr and sched_setattr: sizes, flags and processes they refuse. */
#include "../lst.h"
struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	char more[64];
};

static void run(void)
{
	struct attr a = { 0 };

	EXPECT_OK(syscall(SYS_sched_getattr, 0, &a, 48, 0));
	EXPECT_EQ(a.size, 48);
	EXPECT_EQ(a.policy, SCHED_OTHER);
	EXPECT_FAIL(syscall(SYS_sched_getattr, 0, &a, 47, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_sched_getattr, 0, &a, 5000, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_sched_getattr, 0, &a, 48, 1), EINVAL);
	EXPECT_FAIL(syscall(SYS_sched_getattr, -1, &a, 48, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_sched_getattr, 0x3fffffff, &a, 48, 0), ESRCH);
	EXPECT_FAIL(syscall(SYS_sched_getattr, 0, NULL, 48, 0), EINVAL);
	a.nice = 5;
	EXPECT_OK(syscall(SYS_sched_setattr, 0, &a, 0));
	EXPECT_OK(syscall(SYS_sched_getattr, 0, &a, 48, 0));
	EXPECT_EQ(a.nice, 5);
	a.policy = 99;
	EXPECT_FAIL(syscall(SYS_sched_setattr, 0, &a, 0), EINVAL);
	a.policy = SCHED_OTHER;
	EXPECT_FAIL(syscall(SYS_sched_setattr, 0, &a, 1), EINVAL);
	a.flags = 1ULL << 40;
	EXPECT_FAIL(syscall(SYS_sched_setattr, 0, &a, 0), EINVAL);
	a.flags = 0;
	a.size = sizeof(a);
	a.more[63] = 1;
	EXPECT_FAIL(syscall(SYS_sched_setattr, 0, &a, 0), E2BIG);
	EXPECT_FAIL(syscall(SYS_sched_setattr, 0x3fffffff, &(struct attr){ .size = 48 }, 0), ESRCH);
}
