/* epoll_pwait and epoll_pwait2: mask sizes, times, a signal let in. */
#include "../lst.h"
#include <sys/epoll.h>

static volatile int hits;

static void on_usr1(int sig)
{
	(void)sig;
	hits++;
}

static void run(void)
{
	int ep = MUST(epoll_create1(0));
	struct epoll_event got;
	struct timespec bad = { 0, 1000000000 }, short_time = { 0, 20000000 };
	sigset_t none, usr1;
	int64_t start;

	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	signal(SIGUSR1, on_usr1);
	MUST(sigprocmask(SIG_BLOCK, &usr1, NULL));
	raise(SIGUSR1);
	EXPECT_FAIL(syscall(SYS_epoll_pwait, ep, &got, 1, 0, &none, 4), EINVAL);
	EXPECT_FAIL(syscall(SYS_epoll_pwait, ep, &got, 1, 0, BAD_PTR, 8), EFAULT);
	EXPECT_EQ(epoll_pwait(ep, &got, 1, 0, &usr1), 0);
	EXPECT_EQ(hits, 0);
	EXPECT_FAIL(epoll_pwait(ep, &got, 1, -1, &none), EINTR);
	EXPECT_EQ(hits, 1);
	EXPECT_FAIL(syscall(SYS_epoll_pwait2, ep, &got, 1, &bad, NULL, 8), EINVAL);
	EXPECT_FAIL(syscall(SYS_epoll_pwait2, ep, &got, 1, BAD_PTR, NULL, 8), EFAULT);
	start = now_ns();
	EXPECT_EQ(syscall(SYS_epoll_pwait2, ep, &got, 1, &short_time, NULL, 8), 0);
	EXPECT_GE(now_ns() - start, 20000000);
}
