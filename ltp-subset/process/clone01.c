/* clone: flags that need each other. */
#include "../lst.h"

static void run(void)
{
	EXPECT_FAIL(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, NULL, NULL, NULL, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_clone, CLONE_THREAD | CLONE_VM | SIGCHLD, NULL, NULL, NULL, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, NULL, NULL, NULL, NULL), EINVAL);
}
