/* execve from a forked child: descriptors, signals and ids that stay or go. */
#include "../lst.h"

static void run(void)
{
	int out[2], keep;
	char buf[256] = "";
	ssize_t n, len = 0;
	pid_t pid;

	MUST(pipe(out));
	keep = MUST(dup(0));
	pid = FORK();
	if (!pid) {
		char cmd[256];

		MUST(dup2(out[1], 1));
		MUST(fcntl(out[0], F_SETFD, FD_CLOEXEC));
		MUST(fcntl(out[1], F_SETFD, FD_CLOEXEC));
		snprintf(cmd, sizeof(cmd), "test -e /proc/self/fd/%d && echo kept; test -e /proc/self/fd/%d || echo closed; echo $$",
			 keep, out[0]);
		execl("/bin/sh", "sh", "-c", cmd, NULL);
		_exit(127);
	}
	close(out[1]);
	while ((n = read(out[0], buf + len, sizeof(buf) - 1 - len)) > 0)
		len += n;
	EXPECT_EXIT(pid, 0);
	EXPECT_MEM(buf, "kept\nclosed\n", 12);
	EXPECT_EQ(atoi(buf + 12), pid);
}
