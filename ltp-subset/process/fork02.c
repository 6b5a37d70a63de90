/* fork: RLIMIT_NPROC of an ordinary user is EAGAIN, and nothing is left behind. */
#include "../lst.h"
#include <sys/resource.h>

static void run(void)
{
	struct rlimit lim = { 0, 0 };
	pid_t pid;

	NEED_ROOT();
	pid = FORK();
	if (!pid) {
		MUST(setrlimit(RLIMIT_NPROC, &lim));
		MUST(setuid(LST_NOBODY));
		EXPECT_FAIL(fork(), EAGAIN);
		EXPECT_FAIL(wait(NULL), ECHILD);
		child_exit();
	}
	REAP(pid);
}
