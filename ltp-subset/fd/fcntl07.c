/* F_SETOWN, F_GETOWN, F_SETOWN_EX, F_SETSIG: what is set is got; missing processes. */
#include "../lst.h"

static void run(void)
{
	int p[2];
	struct f_owner_ex ex = { F_OWNER_TID, 0 }, got;

	MUST(pipe(p));
	EXPECT_EQ(fcntl(p[0], F_GETOWN), 0);
	EXPECT_OK(fcntl(p[0], F_SETOWN, getpid()));
	EXPECT_EQ(fcntl(p[0], F_GETOWN), getpid());
	EXPECT_OK(fcntl(p[0], F_SETOWN, -getpgrp()));
	EXPECT_OK(fcntl(p[0], F_GETOWN_EX, &got));
	EXPECT_EQ(got.type, F_OWNER_PGRP);
	EXPECT_EQ(got.pid, getpgrp());
	EXPECT_FAIL(fcntl(p[0], F_SETOWN, 0x3fffffff), ESRCH);
	ex.pid = gettid();
	EXPECT_OK(fcntl(p[0], F_SETOWN_EX, &ex));
	EXPECT_OK(fcntl(p[0], F_GETOWN_EX, &got));
	EXPECT_EQ(got.type, F_OWNER_TID);
	ex.type = 7;
	EXPECT_FAIL(fcntl(p[0], F_SETOWN_EX, &ex), EINVAL);
	EXPECT_EQ(fcntl(p[0], F_GETSIG), 0);
	EXPECT_OK(fcntl(p[0], F_SETSIG, SIGUSR1));
	EXPECT_EQ(fcntl(p[0], F_GETSIG), SIGUSR1);
	EXPECT_FAIL(fcntl(p[0], F_SETSIG, 65), EINVAL);
	EXPECT_FAIL(fcntl(p[0], F_SETSIG, -1), EINVAL);
	EXPECT_OK(fcntl(p[0], F_SETOWN, 0));
	EXPECT_EQ(fcntl(p[0], F_GETOWN), 0);
}
