/* waitid: arguments it refuses. */
#include "../lst.h"

static void run(void)
{
	siginfo_t si;

	EXPECT_FAIL(waitid(P_ALL, 0, &si, 0), EINVAL);
	EXPECT_FAIL(waitid(P_ALL, 0, &si, WNOHANG), EINVAL);
	EXPECT_FAIL(waitid(P_ALL, 0, &si, WEXITED | 0x100), EINVAL);
	EXPECT_FAIL(waitid(99, 0, &si, WEXITED), EINVAL);
	EXPECT_FAIL(waitid(P_PID, 0, &si, WEXITED), EINVAL);
	EXPECT_FAIL(waitid(P_PID, -1, &si, WEXITED), EINVAL);
	EXPECT_FAIL(waitid(P_PGID, -1, &si, WEXITED), EINVAL);
	EXPECT_FAIL(waitid(P_PIDFD, BAD_FD, &si, WEXITED), EBADF);
	EXPECT_FAIL(waitid(P_PIDFD, 1, &si, WEXITED), EBADF);
	EXPECT_FAIL(waitid(P_ALL, 0, &si, WEXITED), ECHILD);
	EXPECT_FAIL(waitid(P_PID, 1, &si, WEXITED), ECHILD);
}
