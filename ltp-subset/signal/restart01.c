/* SA_RESTART: read and wait go on after a handler, and fail with EINTR without the flag. */
#include "../lst.h"
static volatile int hits;

static void handler(int sig)
{
	(void)sig;
	hits++;
}

static void run(void)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART };
	int p[2];
	char c;
	pid_t pid;

	MUST(pipe(p));
	for (int restart = 0; restart < 2; restart++) {
		sa.sa_flags = restart ? SA_RESTART : 0;
		MUST(sigaction(SIGUSR1, &sa, NULL));
		pid = FORK();
		if (!pid) {
			if (restart)
				EXPECT_EQ(read(p[0], &c, 1), 1);
			else
				EXPECT_FAIL(read(p[0], &c, 1), EINTR);
			EXPECT_EQ(hits, 1);
			child_exit();
		}
		EXPECT(wait_state(pid, 'S'));
		MUST(kill(pid, SIGUSR1));
		sleep_ms(20);
		if (restart)
			MUST(write(p[1], "x", 1));
		REAP(pid);
	}
}
