/* setuid: an ordinary user changes only to its own ids; root's setuid is for good. */
#include "../lst.h"

static void run(void)
{
	uid_t r, e, s;
	pid_t pid;

	NEED_ROOT();
	pid = FORK();
	if (!pid) {
		EXPECT_FAIL(setuid(-1), EINVAL);
		MUST(setresuid(100, 0, 200));
		EXPECT_OK(setuid(300));
		MUST(getresuid(&r, &e, &s));
		EXPECT(r == 300 && e == 300 && s == 300);
		EXPECT_FAIL(setuid(0), EPERM);
		EXPECT_FAIL(setuid(100), EPERM);
		EXPECT_OK(setuid(300));
		child_exit();
	}
	REAP(pid);
	pid = FORK();
	if (!pid) {
		MUST(setresuid(100, 200, 300));
		EXPECT_OK(setuid(300));
		MUST(getresuid(&r, &e, &s));
		EXPECT(r == 100 && e == 300 && s == 300);
		EXPECT_OK(setuid(100));
		EXPECT_EQ(geteuid(), 100);
		child_exit();
	}
	REAP(pid);
	EXPECT_EQ(getuid(), 0);
}
