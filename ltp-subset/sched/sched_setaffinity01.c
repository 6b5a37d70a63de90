/* sched_setaffinity and sched_getaffinity: masks and processes they refuse; the child inherits. */
#include "../lst.h"

static void run(void)
{
	cpu_set_t set, got, none, far;
	pid_t pid;

	CPU_ZERO(&none);
	CPU_ZERO(&far);
	CPU_SET(1000, &far);
	EXPECT_OK(sched_getaffinity(0, sizeof(set), &set));
	EXPECT_GT(CPU_COUNT(&set), 0);
	EXPECT_FAIL(sched_setaffinity(0, sizeof(none), &none), EINVAL);
	EXPECT_FAIL(sched_setaffinity(0, sizeof(far), &far), EINVAL);
	EXPECT_FAIL(sched_setaffinity(0x3fffffff, sizeof(set), &set), ESRCH);
	EXPECT_FAIL(sched_getaffinity(0x3fffffff, sizeof(set), &got), ESRCH);
	EXPECT_FAIL(syscall(SYS_sched_setaffinity, 0, sizeof(set), BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_sched_getaffinity, 0, sizeof(set), BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_sched_getaffinity, 0, 7, &got), EINVAL);
	CPU_ZERO(&none);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set)) {
			CPU_SET(i, &none);
			break;
		}
	EXPECT_OK(sched_setaffinity(0, sizeof(none), &none));
	pid = FORK();
	if (!pid) {
		EXPECT_OK(sched_getaffinity(0, sizeof(got), &got));
		EXPECT(CPU_EQUAL(&got, &none));
		child_exit();
	}
	REAP(pid);
	EXPECT_OK(sched_setaffinity(0, sizeof(set), &set));
}
