/* uname, sethostname and setdomainname: errors and that the name is seen. */
#include "../lst.h"
#include <sys/utsname.h>

static void run(void)
{
	struct utsname u, now;

	EXPECT_FAIL(syscall(SYS_uname, BAD_PTR), EFAULT);
	EXPECT_OK(uname(&u));
	EXPECT_STR(u.sysname, "Linux");
	EXPECT_STR(u.machine, "x86_64");
	NEED_ROOT();
	EXPECT_FAIL(sethostname("x", -1), EINVAL);
	EXPECT_FAIL(sethostname("x", 65), EINVAL);
	EXPECT_FAIL(sethostname(BAD_PTR, 4), EFAULT);
	EXPECT_FAIL(setdomainname("x", 65), EINVAL);
	EXPECT_FAIL(setdomainname(BAD_PTR, 4), EFAULT);
	EXPECT_OK(sethostname(u.nodename, strlen(u.nodename)));
	MUST(uname(&now));
	EXPECT_STR(now.nodename, u.nodename);
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(sethostname("x", 1), EPERM);
	EXPECT_FAIL(setdomainname("x", 1), EPERM);
	MUST(seteuid(0));
}
