/* /proc/cpuinfo: one block per online processor, its usual fields, flags that the CPU has. */
#include "proc.h"
#include <cpuid.h>
#include <sched.h>

TEST(one_block_per_processor)
{
	char *p = proc_read("/proc/cpuinfo");
	int n = 0;

	EXPECT(!strncmp(p, "processor\t: 0\n", 14));
	for (p = strstr(p, "processor\t:"); p; p = strstr(p + 1, "processor\t:"))
		n++;
	EXPECT_EQ(n, sysconf(_SC_NPROCESSORS_ONLN));
}

TEST(fields)
{
	char *t = proc_read("/proc/cpuinfo");

	EXPECT(field(t, "vendor_id") != NULL);
	EXPECT(field(t, "model name") != NULL);
	EXPECT_GE(number_field(t, "cpu family"), 0);
	EXPECT_GE(number_field(t, "model"), 0);
	EXPECT_GT(atof(field(t, "cpu MHz")), 0);
	EXPECT(field(t, "flags") != NULL);
}

/* Whether the flags line has this word. */
static bool has_flag(const char *text, const char *word)
{
	const char *p = strstr(text, "\nflags");
	size_t len = strlen(word);

	EXPECT(p != NULL);
	for (const char *end = strchr(p + 1, '\n'); (p = strstr(p, word)) && p < end; p += len)
		if (p[-1] == ' ' && (p[len] == ' ' || p[len] == '\n'))
			return true;
	return false;
}

TEST(flags)
{
	unsigned int a, b, c = 0, d;
	char *t = proc_read("/proc/cpuinfo");

	EXPECT(has_flag(t, "sse2"));
	EXPECT(has_flag(t, "fpu"));
	EXPECT(!has_flag(t, "sse2x"));
	EXPECT(__get_cpuid(1, &a, &b, &c, &d));
	EXPECT_EQ(has_flag(t, "sse4_2"), !!(c & bit_SSE4_2));
}

TEST(affinity_agrees)
{
	cpu_set_t set;

	EXPECT_OK(sched_getaffinity(0, sizeof(set), &set));
	EXPECT_GE(CPU_COUNT(&set), 1);
	EXPECT_LE(CPU_COUNT(&set), sysconf(_SC_NPROCESSORS_CONF));
}
