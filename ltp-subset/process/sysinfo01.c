/* sysinfo: fields that belong together. */
#include "../lst.h"
#include <sys/sysinfo.h>

static void run(void)
{
	struct sysinfo si;

	EXPECT_FAIL(syscall(SYS_sysinfo, BAD_PTR), EFAULT);
	EXPECT_OK(sysinfo(&si));
	EXPECT_GE(si.uptime, 0);
	EXPECT_GT(si.totalram, 0);
	EXPECT_LE(si.freeram, si.totalram);
	EXPECT_GT(si.procs, 0);
	EXPECT_GT(si.mem_unit, 0);
	EXPECT_LE(si.freeswap, si.totalswap);
}
