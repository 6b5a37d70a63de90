/* futex: operations, values and times it refuses. */
#include "../lst.h"
#include <linux/futex.h>

static void run(void)
{
	uint32_t word = 1, other = 2;
	struct timespec bad = { 0, 1000000000 }, soon = { 0, 10000000 };

	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL), EAGAIN);
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_WAIT, 1, &bad), EINVAL);
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_WAIT, 1, &soon), ETIMEDOUT);
	EXPECT_FAIL(syscall(SYS_futex, (char *)&word + 1, FUTEX_WAIT, 1, NULL), EINVAL);
	EXPECT_FAIL(syscall(SYS_futex, BAD_PTR, FUTEX_WAIT, 1, NULL), EFAULT);
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_WAIT, 1, BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_futex, &word, 99, 1, NULL), ENOSYS);
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 1, NULL, NULL, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), EINVAL);
	EXPECT_EQ(syscall(SYS_futex, &word, FUTEX_WAKE, 10), 0);
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE, 1, 1, &other, 0), EAGAIN);
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE, -1, 1, &other, 1), EINVAL);
	EXPECT_EQ(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE, 1, 1, &other, 1), 0);
}
