/* a reader that dies while its writer waits: SIGPIPE to the writer; a blocked reader sees the end. */
#include "../lst.h"

static void run(void)
{
	int p[2];
	char c;
	pid_t pid;

	MUST(pipe(p));
	pid = FORK();
	if (!pid) {
		static char buf[65536 * 2];

		close(p[0]);
		signal(SIGPIPE, SIG_DFL);
		MUST(write(p[1], buf, sizeof(buf)));
		child_exit();
	}
	close(p[1]);
	EXPECT(wait_state(pid, 'S'));
	close(p[0]);
	EXPECT_KILLED(pid, SIGPIPE);
	MUST(pipe(p));
	pid = FORK();
	if (!pid) {
		close(p[1]);
		EXPECT_EQ(read(p[0], &c, 1), 0);
		child_exit();
	}
	EXPECT(wait_state(pid, 'S'));
	close(p[1]);
	REAP(pid);
}
