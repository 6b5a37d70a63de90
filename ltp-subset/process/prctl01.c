/* prctl: options and values it refuses; names; the death signal. */
#include "../lst.h"
#include <sys/prctl.h>

static void run(void)
{
	char name[17] = "", odd[] = "a name that is too long";
	int sig = -1;

	EXPECT_FAIL(prctl(0xbeef, 0, 0, 0, 0), EINVAL);
	EXPECT_FAIL(prctl(PR_SET_PDEATHSIG, 65), EINVAL);
	EXPECT_FAIL(prctl(PR_GET_PDEATHSIG, BAD_PTR), EFAULT);
	EXPECT_FAIL(prctl(PR_SET_DUMPABLE, 2), EINVAL);
	EXPECT_FAIL(prctl(PR_SET_NAME, BAD_PTR), EFAULT);
	EXPECT_FAIL(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	EXPECT_FAIL(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL);
	EXPECT_FAIL(prctl(PR_SET_TIMING, 1), EINVAL);
	EXPECT_FAIL(prctl(PR_CAPBSET_READ, 99), EINVAL);
	EXPECT_OK(prctl(PR_SET_NAME, odd));
	EXPECT_OK(prctl(PR_GET_NAME, name));
	EXPECT_STR(name, "a name that is ");
	EXPECT_OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	EXPECT_OK(prctl(PR_GET_PDEATHSIG, &sig));
	EXPECT_EQ(sig, SIGUSR1);
	EXPECT_EQ(prctl(PR_GET_DUMPABLE), 1);
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 0));
	EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0);
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	EXPECT_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	EXPECT_EQ(prctl(PR_GET_TIMING), 0);
}
