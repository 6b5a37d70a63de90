/* /proc/meminfo: the fields programs read, in kB, consistent with each other and sysinfo. */
#include "proc.h"
#include <sys/sysinfo.h>

TEST(fields)
{
	char *t = proc_read("/proc/meminfo");
	long long total = number_field(t, "MemTotal");

	EXPECT_GT(total, 0);
	EXPECT_LE(number_field(t, "MemFree"), total);
	EXPECT_LE(number_field(t, "MemAvailable"), total);
	EXPECT_GE(number_field(t, "Buffers"), 0);
	EXPECT_LE(number_field(t, "Cached"), total);
	EXPECT_LE(number_field(t, "SwapFree"), number_field(t, "SwapTotal"));
	EXPECT(strstr(field(t, "MemTotal"), " kB") != NULL);
	EXPECT(!strncmp(t, "MemTotal:", 9));
}

TEST(agrees_with_sysinfo)
{
	long long total = number_field(proc_read("/proc/meminfo"), "MemTotal");
	struct sysinfo si;

	EXPECT_OK(sysinfo(&si));
	EXPECT_EQ(si.totalram * si.mem_unit / 1024, total);
	EXPECT_LE(si.freeram, si.totalram);
	EXPECT_EQ(sysconf(_SC_PHYS_PAGES) * (sysconf(_SC_PAGESIZE) / 1024), total);
	EXPECT_GT(si.procs, 0);
}
