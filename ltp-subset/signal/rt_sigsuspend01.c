/* rt_sigsuspend: lets in what its mask lets in, then restores the mask; always EINTR. */
#include "../lst.h"
static volatile int hits;

static void handler(int sig)
{
	hits += sig == SIGUSR1;
}

static void run(void)
{
	sigset_t set, none, now;

	EXPECT_FAIL(syscall(SYS_rt_sigsuspend, &set, 4), EINVAL);
	EXPECT_FAIL(syscall(SYS_rt_sigsuspend, BAD_PTR, 8), EFAULT);
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	signal(SIGUSR1, handler);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	raise(SIGUSR1);
	EXPECT_EQ(hits, 0);
	EXPECT_FAIL(sigsuspend(&none), EINTR);
	EXPECT_EQ(hits, 1);
	MUST(sigprocmask(SIG_BLOCK, NULL, &now));
	EXPECT(sigismember(&now, SIGUSR1));
}
