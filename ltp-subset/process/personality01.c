/* personality: asking changes nothing; what is set is got and inherited. */
#include "../lst.h"
#include <sys/personality.h>

static void run(void)
{
	int old = personality(0xffffffff);
	pid_t pid;

	EXPECT_EQ(personality(0xffffffff), old);
	EXPECT_EQ(personality(old | ADDR_NO_RANDOMIZE), old);
	EXPECT_EQ(personality(0xffffffff), old | ADDR_NO_RANDOMIZE);
	pid = FORK();
	if (!pid) {
		EXPECT_EQ(personality(0xffffffff), old | ADDR_NO_RANDOMIZE);
		child_exit();
	}
	REAP(pid);
	EXPECT_EQ(personality(old), old | ADDR_NO_RANDOMIZE);
}
