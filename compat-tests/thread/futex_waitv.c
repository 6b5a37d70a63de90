/* Waiting for one of several futexes. */
#include "../test.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

struct waitv {
	uint64_t val, addr;
	uint32_t flags, reserved;
};
enum { FUTEX_32 = 2, FUTEX_PRIVATE_ = 128, FUTEX_WAKE_ = 1 };

static uint32_t words[2];

static void *wake_second(void *arg)
{
	(void)arg;
	sleep_ms(30);
	words[1] = 1;
	while (syscall(SYS_futex, &words[1], FUTEX_WAKE_ | FUTEX_PRIVATE_, 1, NULL, NULL, 0) == 0)
		sleep_ms(1);
	return NULL;
}

static void fill(struct waitv w[2])
{
	for (int i = 0; i < 2; i++)
		w[i] = (struct waitv){ 0, (uintptr_t)&words[i], FUTEX_32 | FUTEX_PRIVATE_, 0 };
}

TEST(second_is_woken)
{
	struct waitv w[2];
	pthread_t t;
	long r;

	fill(w);
	if (syscall(SYS_futex_waitv, w, 0, 0, NULL, 0) && errno == ENOSYS)
		SKIP("not on this Linux");
	words[0] = words[1] = 0;
	EXPECT_EQ(pthread_create(&t, NULL, wake_second, NULL), 0);
	r = EXPECT_OK(syscall(SYS_futex_waitv, w, 2, 0, NULL, 0));
	EXPECT_EQ(r, 1);
	pthread_join(t, NULL);
}

TEST(refusals)
{
	struct timespec past = { 1, 0 };
	struct waitv w[2];

	fill(w);
	words[0] = words[1] = 0;
	if (syscall(SYS_futex_waitv, w, 0, 0, NULL, 0) && errno == ENOSYS)
		SKIP("not on this Linux");
	EXPECT_ERRNO(syscall(SYS_futex_waitv, w, 0, 0, NULL, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_futex_waitv, w, 129, 0, NULL, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_futex_waitv, w, 2, 1, NULL, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_futex_waitv, w, 2, 0, &past, CLOCK_MONOTONIC), ETIMEDOUT);
	words[1] = 5;
	EXPECT_ERRNO(syscall(SYS_futex_waitv, w, 2, 0, NULL, 0), EAGAIN);
	w[1].reserved = 1;
	EXPECT_ERRNO(syscall(SYS_futex_waitv, w, 2, 0, NULL, 0), EINVAL);
}
