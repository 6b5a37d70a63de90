/* clone3: sizes, bad signals and flags; a pidfd of the child. */
#include "../lst.h"
#include <linux/sched.h>
#include <poll.h>

static void run(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	int pidfd = -1;
	struct pollfd pfd;
	long pid;

	EXPECT_FAIL(syscall(SYS_clone3, &args, 32), EINVAL);
	EXPECT_FAIL(syscall(SYS_clone3, &args, 8192), E2BIG);
	EXPECT_FAIL(syscall(SYS_clone3, BAD_PTR, sizeof(args)), EFAULT);
	args.exit_signal = 65;
	EXPECT_FAIL(syscall(SYS_clone3, &args, sizeof(args)), EINVAL);
	args = (struct clone_args){ .flags = CLONE_DETACHED };
	EXPECT_FAIL(syscall(SYS_clone3, &args, sizeof(args)), EINVAL);
	args = (struct clone_args){ .stack = 4096 };
	EXPECT_FAIL(syscall(SYS_clone3, &args, sizeof(args)), EINVAL);
	args = (struct clone_args){ .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	pid = MUST(syscall(SYS_clone3, &args, sizeof(args)));
	if (!pid)
		_exit(6);
	EXPECT_GE(pidfd, 0);
	EXPECT_EQ(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
	pfd = (struct pollfd){ .fd = pidfd, .events = POLLIN };
	EXPECT_EQ(poll(&pfd, 1, 5000), 1);
	EXPECT_EXIT(pid, 6);
}
