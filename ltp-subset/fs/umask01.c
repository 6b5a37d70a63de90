/* umask: returns the former mask, keeps nine bits, is inherited by a child. */
#include "../lst.h"

static void run(void)
{
	pid_t pid;

	umask(0123);
	EXPECT_EQ(umask(0777), 0123);
	EXPECT_EQ(umask(-1), 0777);
	EXPECT_EQ(umask(07022), 0777);
	EXPECT_EQ(umask(027), 022);
	pid = FORK();
	if (!pid) {
		EXPECT_EQ(umask(0), 027);
		child_exit();
	}
	REAP(pid);
	EXPECT_EQ(umask(022), 027);
}
