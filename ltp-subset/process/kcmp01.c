/* kcmp of parent and child: files that are one, tables and memory that are two. */
#include "../lst.h"
#include <linux/kcmp.h>

static void run(void)
{
	int fd = new_file("f", "", 0), copy = MUST(dup(fd)), other = MUST(open("f", O_RDONLY));
	pid_t me = getpid(), pid;

	if (syscall(SYS_kcmp, me, me, KCMP_FILE, fd, copy) && errno == ENOSYS)
		CONF("no kcmp");
	EXPECT_EQ(syscall(SYS_kcmp, me, me, KCMP_FILE, fd, copy), 0);
	EXPECT_GT(syscall(SYS_kcmp, me, me, KCMP_FILE, fd, other), 0);
	EXPECT_FAIL(syscall(SYS_kcmp, me, me, KCMP_FILE, fd, BAD_FD), EBADF);
	EXPECT_FAIL(syscall(SYS_kcmp, me, me, 99, 0, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_kcmp, me, 0x3fffffff, KCMP_VM, 0, 0), ESRCH);
	EXPECT_FAIL(syscall(SYS_kcmp, me, 0x3fffffff, KCMP_EPOLL_TFD, fd, BAD_PTR), ESRCH);
	EXPECT_FAIL(syscall(SYS_kcmp, me, me, KCMP_EPOLL_TFD, fd, BAD_PTR), EFAULT);
	pid = FORK();
	if (!pid) {
		EXPECT_EQ(syscall(SYS_kcmp, me, getpid(), KCMP_FILE, fd, copy), 0);
		EXPECT_GT(syscall(SYS_kcmp, me, getpid(), KCMP_VM, 0, 0), 0);
		EXPECT_GT(syscall(SYS_kcmp, me, getpid(), KCMP_FILES, 0, 0), 0);
		child_exit();
	}
	REAP(pid);
}
