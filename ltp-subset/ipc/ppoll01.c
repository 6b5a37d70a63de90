/* ppoll: bad times and masks, a mask that lets a signal in only while waiting, the time left. */
#include "../lst.h"
#include <poll.h>

static volatile int hits;

static void on_usr1(int sig)
{
	(void)sig;
	hits++;
}

static void run(void)
{
	struct timespec bad = { 0, 1000000000 }, neg = { -1, 0 }, second = { 5, 0 }, zero = { 0, 0 };
	struct sigaction sa = { .sa_handler = on_usr1, .sa_flags = SA_RESTART };
	sigset_t none, usr1;
	struct pollfd pfd = { .fd = -1 };

	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	MUST(sigaction(SIGUSR1, &sa, NULL));
	MUST(sigprocmask(SIG_BLOCK, &usr1, NULL));
	EXPECT_FAIL(syscall(SYS_ppoll, &pfd, 1, &bad, NULL, 8), EINVAL);
	EXPECT_FAIL(syscall(SYS_ppoll, &pfd, 1, &neg, NULL, 8), EINVAL);
	EXPECT_FAIL(syscall(SYS_ppoll, &pfd, 1, BAD_PTR, NULL, 8), EFAULT);
	EXPECT_FAIL(syscall(SYS_ppoll, &pfd, 1, &zero, &none, 4), EINVAL);
	EXPECT_FAIL(syscall(SYS_ppoll, &pfd, 1, &zero, BAD_PTR, 8), EFAULT);
	raise(SIGUSR1);
	EXPECT_EQ(ppoll(&pfd, 1, &zero, NULL), 0);
	EXPECT_EQ(hits, 0);
	EXPECT_FAIL(syscall(SYS_ppoll, &pfd, 1, &second, &none, 8), EINTR);
	EXPECT_EQ(hits, 1);
	EXPECT(second.tv_sec == 4 && second.tv_nsec > 0);
	MUST(sigprocmask(SIG_SETMASK, NULL, &none));
	EXPECT(sigismember(&none, SIGUSR1));
}
