/* fork: thirty children at once, each exit status arrives once. */
#include "../lst.h"

static void run(void)
{
	bool seen[30] = { false };
	int status, n = 0;

	for (int i = 0; i < 30; i++)
		if (!FORK())
			_exit(i);
	while (wait(&status) > 0) {
		n += WIFEXITED(status) && WEXITSTATUS(status) < 30 && !seen[WEXITSTATUS(status)];
		if (WIFEXITED(status) && WEXITSTATUS(status) < 30)
			seen[WEXITSTATUS(status)] = true;
	}
	EXPECT_EQ(n, 30);
	EXPECT_EQ(errno, ECHILD);
}
