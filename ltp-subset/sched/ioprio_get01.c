/* ioprio_set and ioprio_get: classes, levels and targets. */
#include "../lst.h"
enum { WHO_PROCESS = 1, WHO_PGRP, WHO_USER, CLASS_BE = 2, CLASS_IDLE = 3 };

static void run(void)
{
	EXPECT_FAIL(syscall(SYS_ioprio_get, 9, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_ioprio_get, WHO_PROCESS, 0x3fffffff), ESRCH);
	EXPECT_FAIL(syscall(SYS_ioprio_set, 9, 0, CLASS_BE << 13 | 4), EINVAL);
	EXPECT_FAIL(syscall(SYS_ioprio_set, WHO_PROCESS, 0, 7 << 13), EINVAL);
	EXPECT_FAIL(syscall(SYS_ioprio_set, WHO_PROCESS, 0x3fffffff, CLASS_BE << 13 | 4), ESRCH);
	EXPECT_OK(syscall(SYS_ioprio_set, WHO_PROCESS, 0, CLASS_BE << 13 | 6));
	EXPECT_EQ(syscall(SYS_ioprio_get, WHO_PROCESS, 0), CLASS_BE << 13 | 6);
	EXPECT_OK(syscall(SYS_ioprio_set, WHO_PROCESS, 0, CLASS_IDLE << 13));
	EXPECT_EQ(syscall(SYS_ioprio_get, WHO_PROCESS, getpid()), CLASS_IDLE << 13);
}
