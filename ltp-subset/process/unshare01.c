/* unshare: bad flags; CLONE_FILES and CLONE_FS of a single thread. */
#include "../lst.h"

static void run(void)
{
	EXPECT_FAIL(unshare(1), EINVAL);
	EXPECT_FAIL(unshare(-1), EINVAL);
	EXPECT_OK(unshare(0));
	EXPECT_OK(unshare(CLONE_FILES));
	EXPECT_OK(unshare(CLONE_FS));
	EXPECT_OK(unshare(CLONE_SYSVSEM));
	EXPECT_OK(fcntl(1, F_GETFD));
	NEED_ROOT();
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(unshare(CLONE_NEWNS), EPERM);
	EXPECT_FAIL(unshare(CLONE_NEWUTS), EPERM);
	MUST(seteuid(0));
}
