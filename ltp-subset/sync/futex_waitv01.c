/* futex_waitv: flags, counts, values and times it refuses. */
#include "../lst.h"
struct waiter {
	uint64_t val, addr;
	uint32_t flags, reserved;
};

static void run(void)
{
	uint32_t word = 1;
	struct waiter w = { 1, (uintptr_t)&word, 2, 0 };
	struct timespec now, bad = { 0, -1 };

	MUST(clock_gettime(CLOCK_MONOTONIC, &now));
	if (syscall(SYS_futex_waitv, &w, 0, 0, NULL, 0) && errno == ENOSYS)
		CONF("no futex_waitv");
	EXPECT_FAIL(syscall(SYS_futex_waitv, &w, 0, 0, NULL, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_futex_waitv, &w, 129, 0, NULL, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_futex_waitv, &w, 1, 1, NULL, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_futex_waitv, NULL, 1, 0, NULL, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_futex_waitv, BAD_PTR, 1, 0, NULL, 0), EFAULT);
	EXPECT_FAIL(syscall(SYS_futex_waitv, &w, 1, 0, &now, 99), EINVAL);
	EXPECT_FAIL(syscall(SYS_futex_waitv, &w, 1, 0, &bad, CLOCK_MONOTONIC), EINVAL);
	EXPECT_FAIL(syscall(SYS_futex_waitv, &w, 1, 0, &now, CLOCK_MONOTONIC), ETIMEDOUT);
	w.val = 5;
	EXPECT_FAIL(syscall(SYS_futex_waitv, &w, 1, 0, NULL, 0), EAGAIN);
	w.reserved = 1;
	EXPECT_FAIL(syscall(SYS_futex_waitv, &w, 1, 0, NULL, 0), EINVAL);
	w = (struct waiter){ 1, (uintptr_t)&word, 0x100, 0 };
	EXPECT_FAIL(syscall(SYS_futex_waitv, &w, 1, 0, NULL, 0), EINVAL);
}
