/* setresuid, setresgid, getresuid and getresgid: errors, any of the three to any of the three. */
#include "../lst.h"

static void run(void)
{
	uid_t r, e, s;
	pid_t pid;

	EXPECT_FAIL(syscall(SYS_getresuid, BAD_PTR, &e, &s), EFAULT);
	EXPECT_FAIL(syscall(SYS_getresuid, &r, BAD_PTR, &s), EFAULT);
	EXPECT_FAIL(syscall(SYS_getresgid, &r, &e, BAD_PTR), EFAULT);
	NEED_ROOT();
	pid = FORK();
	if (!pid) {
		EXPECT_OK(setresgid(10, 20, 30));
		EXPECT_OK(setresuid(1, 2, 3));
		EXPECT_OK(setresuid(3, 1, 2));
		EXPECT_OK(setresuid(-1, -1, -1));
		MUST(getresuid(&r, &e, &s));
		EXPECT(r == 3 && e == 1 && s == 2);
		EXPECT_FAIL(setresuid(-1, 0, -1), EPERM);
		EXPECT_FAIL(setresuid(4, -1, -1), EPERM);
		EXPECT_FAIL(setresgid(-1, -1, 0), EPERM);
		EXPECT_OK(setresgid(30, 30, 30));
		EXPECT_FAIL(setresgid(10, -1, -1), EPERM);
		child_exit();
	}
	REAP(pid);
}
