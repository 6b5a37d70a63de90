/* the parent's death signal reaches a child; fork clears it. */
#include "../lst.h"
#include <sys/prctl.h>

static void run(void)
{
	int p[2], sig = -1;
	char c;
	pid_t pid;

	MUST(prctl(PR_SET_CHILD_SUBREAPER, 1));
	MUST(prctl(PR_SET_PDEATHSIG, SIGUSR2));
	MUST(pipe(p));
	pid = FORK();
	if (!pid) {
		MUST(prctl(PR_GET_PDEATHSIG, &sig));
		EXPECT_EQ(sig, 0);
		pid = FORK();
		if (!pid) {
			MUST(prctl(PR_SET_PDEATHSIG, SIGTERM));
			MUST(write(p[1], "x", 1));
			for (;;)
				pause();
		}
		MUST(read(p[0], &c, 1));
		MUST(write(p[1], &pid, sizeof(pid)));
		child_exit();
	}
	REAP(pid);
	MUST(read(p[0], &pid, sizeof(pid)));
	EXPECT_KILLED(pid, SIGTERM);
	MUST(prctl(PR_SET_PDEATHSIG, 0));
}
