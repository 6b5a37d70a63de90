/* a stop and a continue in the middle of a sleep, a read and a wait are not noticed by them. */
#include "../lst.h"

static void run(void)
{
	int p[2], status;
	char c;
	int64_t start;
	pid_t pid;

	MUST(pipe(p));
	pid = FORK();
	if (!pid) {
		struct timespec t = { 0, 100000000 };

		start = now_ns();
		EXPECT_EQ(nanosleep(&t, NULL), 0);
		EXPECT_GE(now_ns() - start, 100000000);
		EXPECT_EQ(read(p[0], &c, 1), 1);
		child_exit();
	}
	for (int i = 0; i < 2; i++) {
		EXPECT(wait_state(pid, 'S'));
		MUST(kill(pid, SIGSTOP));
		EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
		MUST(kill(pid, SIGCONT));
		sleep_ms(120);
	}
	MUST(write(p[1], "x", 1));
	REAP(pid);
}
