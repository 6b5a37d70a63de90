/* FUTEX_LOCK_PI, FUTEX_TRYLOCK_PI and FUTEX_UNLOCK_PI of one thread. */
#include "../lst.h"
#include <linux/futex.h>

static void run(void)
{
	uint32_t word = 0;

	EXPECT_OK(syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, NULL));
	EXPECT_EQ(word & FUTEX_TID_MASK, gettid());
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, NULL), EDEADLK);
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_TRYLOCK_PI, 0, NULL), EDEADLK);
	EXPECT_OK(syscall(SYS_futex, &word, FUTEX_UNLOCK_PI, 0, NULL));
	EXPECT_EQ(word, 0);
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_UNLOCK_PI, 0, NULL), EPERM);
	EXPECT_OK(syscall(SYS_futex, &word, FUTEX_TRYLOCK_PI, 0, NULL));
	EXPECT_OK(syscall(SYS_futex, &word, FUTEX_UNLOCK_PI, 0, NULL));
	word = 0x3ffffffe;
	EXPECT_FAIL(syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, NULL), ESRCH);
}
