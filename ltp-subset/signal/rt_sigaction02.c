/* SA_RESETHAND, SA_NODEFER and sa_mask while a handler runs. */
#include "../lst.h"
static volatile int depth, deepest, blocked, raises;

static void handler(int sig)
{
	sigset_t now;

	if (++depth > deepest)
		deepest = depth;
	sigprocmask(SIG_BLOCK, NULL, &now);
	blocked = sigismember(&now, sig) << 1 | sigismember(&now, SIGUSR2);
	if (raises-- > 0)
		raise(sig);
	depth--;
}

static void run(void)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_NODEFER };

	sigaddset(&sa.sa_mask, SIGUSR2);
	MUST(sigaction(SIGUSR1, &sa, NULL));
	raises = 1;
	raise(SIGUSR1);
	EXPECT_EQ(deepest, 2);
	EXPECT_EQ(blocked, 1);
	deepest = 0;
	sa.sa_flags = 0;
	MUST(sigaction(SIGUSR1, &sa, NULL));
	raises = 1;
	raise(SIGUSR1);
	EXPECT_EQ(deepest, 1);
	EXPECT_EQ(blocked, 3);
	sa.sa_flags = SA_RESETHAND;
	MUST(sigaction(SIGUSR2, &sa, NULL));
	raise(SIGUSR2);
	MUST(sigaction(SIGUSR2, NULL, &sa));
	EXPECT(sa.sa_handler == SIG_DFL);
}
