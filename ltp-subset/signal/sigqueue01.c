/* realtime signals queue in order and by number, lowest number first. */
#include "../lst.h"

static volatile int order[16], n;

static void handler(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	if (n < 16)
		order[n++] = (sig - SIGRTMIN) * 100 + si->si_value.sival_int;
}

static void run(void)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	sigset_t set;

	sigemptyset(&set);
	for (int i = 0; i < 3; i++)
		sigaddset(&set, SIGRTMIN + i);
	sa.sa_mask = set;
	for (int i = 0; i < 3; i++)
		MUST(sigaction(SIGRTMIN + i, &sa, NULL));
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	for (int i = 0; i < 2; i++)
		for (int s = 2; s >= 0; s--)
			MUST(sigqueue(getpid(), SIGRTMIN + s, (union sigval){ .sival_int = i }));
	EXPECT_FAIL(sigqueue(getpid(), 65, (union sigval){ 0 }), EINVAL);
	EXPECT_FAIL(sigqueue(0x3fffffff, SIGRTMIN, (union sigval){ 0 }), ESRCH);
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL));
	EXPECT_EQ(n, 6);
	for (int i = 0; i < 6; i++)
		EXPECT_EQ(order[i], i / 2 * 100 + i % 2);
}
