/* setitimer and getitimer: values they refuse, what is left, cpu timers. */
#include "../lst.h"
#include <sys/time.h>

static volatile int hits;

static void handler(int sig)
{
	hits += sig == SIGVTALRM;
}

static void run(void)
{
	struct itimerval bad = { { 0, 0 }, { 0, 1000000 } }, neg = { { -1, 0 }, { 1, 0 } }, it = { { 0, 0 }, { 50, 0 } }, old;

	alarm(0);
	EXPECT_FAIL(setitimer(99, &it, NULL), EINVAL);
	EXPECT_FAIL(setitimer(ITIMER_REAL, &bad, NULL), EINVAL);
	EXPECT_FAIL(setitimer(ITIMER_REAL, &neg, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_setitimer, ITIMER_REAL, BAD_PTR, NULL), EFAULT);
	EXPECT_FAIL(getitimer(99, &old), EINVAL);
	EXPECT_FAIL(syscall(SYS_getitimer, ITIMER_REAL, BAD_PTR), EFAULT);
	EXPECT_OK(setitimer(ITIMER_REAL, &it, NULL));
	EXPECT_OK(getitimer(ITIMER_REAL, &old));
	EXPECT(old.it_value.tv_sec == 49 || (old.it_value.tv_sec == 50 && !old.it_value.tv_usec));
	EXPECT_EQ(alarm(20), 50);
	signal(SIGVTALRM, handler);
	it = (struct itimerval){ { 0, 0 }, { 0, 10000 } };
	EXPECT_OK(setitimer(ITIMER_VIRTUAL, &it, NULL));
	while (!hits)
		;
	EXPECT_EQ(hits, 1);
	EXPECT_OK(getitimer(ITIMER_VIRTUAL, &old));
	EXPECT(!old.it_value.tv_sec && !old.it_value.tv_usec);
}
