/*
 * Scheduling policies, nice values and I/O priorities: what is refused, to whom, and that what was
 * set is reported and inherited.
 */
#include "child.h"
#include <sched.h>

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

#define MUST_BE_ROOT() do { if (geteuid()) SKIP("needs root"); } while (0)
#define UNUSED_PID 0x3ffffff

static int set_attr(pid_t pid, struct attr *a)
{
	return syscall(SYS_sched_setattr, pid, a, 0);
}

TEST(arguments)
{
	struct sched_param p = { 0 };

	EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
	EXPECT_ERRNO(sched_getscheduler(-1), EINVAL);
	EXPECT_ERRNO(sched_getscheduler(UNUSED_PID), ESRCH);
	EXPECT_ERRNO(sched_setscheduler(0, -1, &p), EINVAL);
	EXPECT_ERRNO(sched_setscheduler(0, 77, &p), EINVAL);
	EXPECT_ERRNO(sched_setscheduler(UNUSED_PID, SCHED_OTHER, &p), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL), EINVAL);
	EXPECT_ERRNO(sched_setscheduler(0, SCHED_OTHER, bad_ptr()), EFAULT);
	EXPECT_ERRNO(sched_getparam(-1, &p), EINVAL);
	EXPECT_ERRNO(sched_getparam(0, bad_ptr()), EFAULT);
	p.sched_priority = 1;
	EXPECT_ERRNO(sched_setscheduler(0, SCHED_OTHER, &p), EINVAL);
	EXPECT_ERRNO(sched_setparam(0, &p), EINVAL);
	p.sched_priority = 100;
	EXPECT_ERRNO(sched_setscheduler(0, SCHED_FIFO, &p), EINVAL);
	p.sched_priority = 0;
	EXPECT_ERRNO(sched_setscheduler(0, SCHED_RR, &p), EINVAL);
	EXPECT_OK(sched_setparam(0, &p));
	EXPECT_EQ(sched_get_priority_max(SCHED_FIFO), 99);
	EXPECT_EQ(sched_get_priority_min(SCHED_RR), 1);
	EXPECT_EQ(sched_get_priority_max(SCHED_BATCH), 0);
	EXPECT_EQ(sched_get_priority_max(SCHED_DEADLINE), 0);
	EXPECT_ERRNO(sched_get_priority_max(-1), EINVAL);
	EXPECT_ERRNO(sched_get_priority_min(4), EINVAL);
}

TEST(attr_arguments)
{
	struct attr a = { .size = sizeof(a) }, big[80];

	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, NULL, sizeof(a), 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, &a, sizeof(a) - 1, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, &a, sizeof(a), 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, UNUSED_PID, &a, sizeof(a), 0), ESRCH);
	EXPECT_ERRNO(set_attr(UNUSED_PID, &a), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_setattr, 0, &a, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setattr, 0, NULL, 0), EINVAL);
	a.flags = 1ull << 40;
	EXPECT_ERRNO(set_attr(0, &a), EINVAL);
	a = (struct attr){ .size = 47 };
	EXPECT_ERRNO(set_attr(0, &a), E2BIG);
	EXPECT_GE(a.size, 48u);
	memset(big, 0, sizeof(big));
	big[0].size = sizeof(big);
	EXPECT_OK(syscall(SYS_sched_setattr, 0, big, 0));
	((char *)big)[sizeof(big) - 1] = 1;
	EXPECT_ERRNO(syscall(SYS_sched_setattr, 0, big, 0), E2BIG);
	a = (struct attr){ .size = sizeof(a), .policy = SCHED_BATCH, .nice = 3 };
	EXPECT_OK(set_attr(0, &a));
	memset(&a, 0, sizeof(a));
	EXPECT_OK(syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0));
	EXPECT_EQ(a.policy, (uint32_t)SCHED_BATCH);
	EXPECT_EQ(a.nice, 3);
	EXPECT_EQ(a.size, sizeof(a));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 3);
}

ROLE(realtime)
{
	struct sched_param p = { 10 };
	struct timespec ts;
	struct attr a;

	EXPECT_OK(sched_setscheduler(0, SCHED_RR, &p));
	EXPECT_OK(sched_rr_get_interval(0, &ts));
	EXPECT_GT(ts.tv_nsec, 0);
	EXPECT_OK(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &p));
	EXPECT_EQ(sched_getscheduler(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
	EXPECT_OK(sched_rr_get_interval(0, &ts));
	EXPECT_EQ(ts.tv_nsec, 0);
	p.sched_priority = 20;
	EXPECT_OK(sched_setparam(0, &p));
	p.sched_priority = 0;
	EXPECT_OK(sched_getparam(0, &p));
	EXPECT_EQ(p.sched_priority, 20);
	EXPECT_EXIT(spawn_self("policy_is", "0"), 0);
	EXPECT_OK(sched_setscheduler(0, SCHED_RR, &p));
	EXPECT_EXIT(spawn_self("policy_is", "2"), 0);
	a = (struct attr){ .size = sizeof(a), .policy = SCHED_DEADLINE, .runtime = 10000000,
			   .deadline = 30000000, .period = 30000000 };
	EXPECT_OK(set_attr(0, &a));
	memset(&a, 0, sizeof(a));
	EXPECT_OK(syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0));
	EXPECT_EQ(a.policy, (uint32_t)SCHED_DEADLINE);
	EXPECT_EQ(a.runtime, 10000000u);
	EXPECT_EQ(a.period, 30000000u);
	a.runtime = 40000000;
	EXPECT_ERRNO(set_attr(0, &a), EINVAL);
	return 0;
}
ROLE(policy_is)
{
	return sched_getscheduler(0) == atoi(argv[0]) ? 0 : 1;
}
TEST(realtime_policies)
{
	MUST_BE_ROOT();
	EXPECT_EXIT(spawn_self("realtime"), 0);
}

ROLE(ordinary)
{
	struct sched_param p = { 1 };
	struct rlimit none = { 0, 0 };

	EXPECT_OK(setrlimit(RLIMIT_NICE, &none));
	bool rt = setrlimit(RLIMIT_RTPRIO, &(struct rlimit){ 5, 5 }) == 0; /* not in every container */

	EXPECT_OK(setresuid(12345, 12345, 12345));
	EXPECT_OK(setpriority(PRIO_PROCESS, 0, 5));
	EXPECT_ERRNO(setpriority(PRIO_PROCESS, 0, 4), EACCES);
	EXPECT_ERRNO(nice(-1), EPERM);
	EXPECT_ERRNO(setpriority(PRIO_PROCESS, getppid(), 19), EPERM);
	EXPECT_ERRNO(setpriority(PRIO_PROCESS, getppid(), -19), EPERM);
	EXPECT_OK(setpriority(PRIO_USER, 0, 7));
	EXPECT_EQ(getpriority(PRIO_USER, 0), 7);
	if (rt) {
		EXPECT_OK(sched_setscheduler(0, SCHED_FIFO, &p));
		p.sched_priority = 6;
		EXPECT_ERRNO(sched_setparam(0, &p), EPERM);
		p.sched_priority = 5;
		EXPECT_OK(sched_setparam(0, &p));
	} else {
		EXPECT_ERRNO(sched_setscheduler(0, SCHED_FIFO, &p), EPERM);
	}
	p.sched_priority = 0;
	EXPECT_OK(sched_setscheduler(0, SCHED_OTHER, &p));
	EXPECT_ERRNO(sched_setscheduler(getppid(), SCHED_OTHER, &p), EPERM);
	EXPECT_OK(sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &p));
	EXPECT_ERRNO(sched_setscheduler(0, SCHED_OTHER, &p), EPERM);
	EXPECT_ERRNO(syscall(SYS_ioprio_set, 1, 0, 1 << 13), EPERM);
	return 0;
}
TEST(ordinary_users)
{
	MUST_BE_ROOT();
	EXPECT_EXIT(spawn_self("ordinary"), 0);
}

TEST(priorities_of_whom)
{
	EXPECT_ERRNO(getpriority(3, 0), EINVAL);
	EXPECT_ERRNO(setpriority(-1, 0, 0), EINVAL);
	EXPECT_ERRNO(getpriority(PRIO_PROCESS, UNUSED_PID), ESRCH);
	EXPECT_ERRNO(setpriority(PRIO_PGRP, UNUSED_PID, 0), ESRCH);
	EXPECT_ERRNO(setpriority(PRIO_USER, 54321, 0), ESRCH);
	EXPECT_OK(setpriority(PRIO_PROCESS, 0, 50));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 19);
}

TEST(io_priorities)
{
	int before = EXPECT_OK(syscall(SYS_ioprio_get, 1, 0));

	EXPECT(before == 0 || before == (2 << 13 | 4));
	EXPECT_OK(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 6));
	EXPECT_EQ(syscall(SYS_ioprio_get, 1, 0), 2 << 13 | 6);
	EXPECT_OK(syscall(SYS_ioprio_set, 1, 0, 3 << 13));
	EXPECT_EQ(syscall(SYS_ioprio_get, 1, 0), 3 << 13);
	EXPECT_ERRNO(syscall(SYS_ioprio_set, 1, 0, 5 << 13), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ioprio_set, 1, 0, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ioprio_set, 7, 0, 2 << 13), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ioprio_set, 1, UNUSED_PID, 2 << 13), ESRCH);
	EXPECT_ERRNO(syscall(SYS_ioprio_get, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ioprio_get, 1, UNUSED_PID), ESRCH);
	EXPECT_OK(syscall(SYS_ioprio_set, 1, 0, 0));
}
