/* tkill and tgkill: ids and signals they refuse; one thread of the right group. */
#include "../lst.h"
#include <pthread.h>

static volatile pid_t hit_tid;

static void handler(int sig)
{
	(void)sig;
	hit_tid = gettid();
}

static void *sleeper(void *arg)
{
	*(volatile pid_t *)arg = gettid();
	while (!hit_tid)
		sleep_ms(1);
	return NULL;
}

static void run(void)
{
	volatile pid_t tid = 0;
	pthread_t t;

	EXPECT_FAIL(syscall(SYS_tkill, -1, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_tkill, 0, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_tkill, 0x3fffffff, 0), ESRCH);
	EXPECT_FAIL(syscall(SYS_tkill, gettid(), 65), EINVAL);
	EXPECT_FAIL(syscall(SYS_tgkill, -1, gettid(), 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_tgkill, getpid(), 0, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_tgkill, getpid() + 1, gettid(), 0), ESRCH);
	EXPECT_OK(syscall(SYS_tgkill, getpid(), gettid(), 0));
	signal(SIGUSR1, handler);
	pthread_create(&t, NULL, sleeper, (void *)&tid);
	while (!tid)
		sleep_ms(1);
	EXPECT_OK(syscall(SYS_tgkill, getpid(), tid, SIGUSR1));
	pthread_join(t, NULL);
	EXPECT_EQ(hit_tid, tid);
	EXPECT_FAIL(syscall(SYS_tgkill, getpid(), tid, 0), ESRCH);
}
