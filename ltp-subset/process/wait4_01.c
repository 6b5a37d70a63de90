/* wait4 and waitpid: options and children they refuse; WNOHANG; usage. */
#include "../lst.h"
#include <sys/resource.h>

static void run(void)
{
	struct rusage ru = { .ru_maxrss = -5 };
	int status, go[2];
	char c;
	pid_t pid;

	EXPECT_FAIL(waitpid(-1, &status, 0), ECHILD);
	EXPECT_FAIL(waitpid(getpid(), &status, 0), ECHILD);
	EXPECT_FAIL(waitpid(1, &status, 0), ECHILD);
	EXPECT_FAIL(waitpid(-1, &status, 0x100), EINVAL);
	EXPECT_FAIL(wait4(INT_MIN, &status, 0, NULL), ESRCH);
	MUST(pipe(go));
	pid = FORK();
	if (!pid) {
		close(go[1]);
		_exit(read(go[0], &c, 1));
	}
	EXPECT_EQ(waitpid(-1, &status, WNOHANG), 0);
	EXPECT_EQ(waitpid(pid, &status, WNOHANG | WUNTRACED | WCONTINUED), 0);
	EXPECT_FAIL(waitpid(-pid, &status, WNOHANG), ECHILD);
	EXPECT_EQ(waitpid(0, &status, WNOHANG), 0);
	close(go[1]);
	EXPECT_EQ(wait4(-getpgrp(), &status, 0, &ru), pid);
	EXPECT(WIFEXITED(status) && !WEXITSTATUS(status));
	EXPECT_GE(ru.ru_maxrss, 0);
	EXPECT_FAIL(waitpid(pid, &status, 0), ECHILD);
}
