/* nanosleep: times it refuses, the time left after a signal. */
#include "../lst.h"
static void handler(int sig)
{
	(void)sig;
}

static void run(void)
{
	struct timespec bad = { 0, 1000000000 }, neg = { -1, 0 }, t = { 0, 10000000 }, left = { 9, 9 };
	int64_t start = now_ns();
	pid_t pid;

	EXPECT_FAIL(nanosleep(&bad, NULL), EINVAL);
	EXPECT_FAIL(nanosleep(&neg, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_nanosleep, BAD_PTR, NULL), EFAULT);
	EXPECT_OK(nanosleep(&t, &left));
	EXPECT_GE(now_ns() - start, 10000000);
	EXPECT_EQ(left.tv_sec, 9);
	signal(SIGUSR1, handler);
	pid = FORK();
	if (!pid) {
		t.tv_sec = 10;
		EXPECT_FAIL(nanosleep(&t, &left), EINTR);
		EXPECT(left.tv_sec == 9 || left.tv_sec == 10);
		child_exit();
	}
	EXPECT(wait_state(pid, 'S'));
	MUST(kill(pid, SIGUSR1));
	REAP(pid);
}
