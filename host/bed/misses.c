/* misses.c: the two ways of misses.h. */
#include "misses.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Xeon Gold 6326: cycles of independent random 8-byte reads, plain and in the EPC, medians of the raw data of
 * "Benchmarking Analytical Query Processing in Intel SGXv2", EDBT 2025. */
static const struct {
	uint64_t mbytes;
	double plain, epc;
} icx[] = {
	{4, 4.35, 4.35},    {8, 4.89, 5.02},	{16, 10.1, 16.1},   {32, 17.0, 25.3},	  {64, 22.4, 30.9},
	{128, 26.2, 42.2},  {256, 29.5, 58.7},	{512, 34.9, 71.5},  {1024, 40.7, 79.2},	  {2048, 44.6, 87.9},
	{4096, 48.1, 129.9}, {8192, 61.7, 178.8}, {16384, 90.8, 208.7}, {32768, 107.6, 225.4},
};
#define POINTS (sizeof(icx) / sizeof(icx[0]))

int misses_open(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_CACHE_MISSES,
		.inherit = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

int misses_read(int fd, uint64_t *misses)
{
	return read(fd, misses, sizeof(*misses)) == sizeof(*misses) ? 0 : -EIO;
}

double misses_slowdown(const struct cost_profile *p, uint64_t misses, double seconds)
{
	double extra = (double)misses * (double)p->llc_miss.cycles / (double)p->clock_mhz.cycles / 1e6;

	return seconds > 0 ? 1 + extra / seconds : 1;
}

static double ratio(size_t i)
{
	return icx[i].epc / icx[i].plain;
}

double misses_slowdown_curve(const char *profile, uint64_t bytes)
{
	double mbytes = (double)bytes / (1 << 20), part;
	size_t i = 1;

	if (strcmp(profile, "icx"))
		return 0;
	if (mbytes <= (double)icx[0].mbytes)
		return ratio(0);
	while (i < POINTS && mbytes > (double)icx[i].mbytes)
		i++;
	if (i == POINTS)
		return ratio(POINTS - 1);
	part = mbytes / (double)icx[i - 1].mbytes - 1; /* the sizes double */
	return ratio(i - 1) + part * (ratio(i) - ratio(i - 1));
}
