/* pause: EINTR after a handler, not after an ignored signal; the death of a child. */
#include "../lst.h"
static void handler(int sig)
{
	(void)sig;
}

static void run(void)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART };
	pid_t pid;

	MUST(sigaction(SIGUSR1, &sa, NULL));
	signal(SIGUSR2, SIG_IGN);
	pid = FORK();
	if (!pid) {
		EXPECT_FAIL(pause(), EINTR);
		child_exit();
	}
	EXPECT(wait_state(pid, 'S'));
	MUST(kill(pid, SIGUSR2));
	MUST(kill(pid, SIGWINCH));
	sleep_ms(10);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	MUST(kill(pid, SIGUSR1));
	REAP(pid);
}
