/* setreuid and setregid: -1 keeps, the saved id follows, what a user may not. */
#include "../lst.h"

static void run(void)
{
	uid_t r, e, s;
	pid_t pid;

	NEED_ROOT();
	pid = FORK();
	if (!pid) {
		EXPECT_OK(setregid(-1, 500));
		MUST(getresgid(&r, &e, &s));
		EXPECT(r == 0 && e == 500 && s == 500);
		EXPECT_OK(setregid(600, -1));
		MUST(getresgid(&r, &e, &s));
		EXPECT(r == 600 && e == 500 && s == 500);
		EXPECT_OK(setreuid(100, 200));
		MUST(getresuid(&r, &e, &s));
		EXPECT(r == 100 && e == 200 && s == 200);
		EXPECT_FAIL(setreuid(300, -1), EPERM);
		EXPECT_FAIL(setreuid(-1, 0), EPERM);
		EXPECT_FAIL(setregid(-1, 0), EPERM);
		EXPECT_OK(setreuid(200, 100));
		EXPECT_OK(setreuid(-1, -1));
		EXPECT_OK(setregid(500, 600));
		child_exit();
	}
	REAP(pid);
}
