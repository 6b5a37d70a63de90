/* adjtimex and clock_adjtime: reading needs no rights, writing does; bad clocks. */
#include "../lst.h"
#include <sys/timex.h>

static void run(void)
{
	struct timex tx = { 0 };

	EXPECT_GE(adjtimex(&tx), 0);
	EXPECT_GT(tx.tick, 0);
	EXPECT_FAIL(syscall(SYS_adjtimex, BAD_PTR), EFAULT);
	tx.modes = 0;
	EXPECT_GE(clock_adjtime(CLOCK_REALTIME, &tx), 0);
	EXPECT_FAIL(clock_adjtime(99, &tx), EINVAL);
	EXPECT_FAIL(clock_adjtime(CLOCK_MONOTONIC, &tx), EOPNOTSUPP);
	NEED_ROOT();
	tx.modes = ADJ_TICK;
	tx.tick = 1;
	EXPECT_FAIL(adjtimex(&tx), EINVAL);
	MUST(seteuid(LST_NOBODY));
	tx.modes = ADJ_FREQUENCY;
	tx.freq = 0;
	EXPECT_FAIL(adjtimex(&tx), EPERM);
	MUST(seteuid(0));
}
