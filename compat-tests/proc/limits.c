/* /proc/self/limits agrees with getrlimit and follows setrlimit. */
#include "proc.h"
#include <sys/resource.h>

static const struct {
	const char *name;
	int resource;
} limit[] = {
	{ "Max cpu time", RLIMIT_CPU },	       { "Max file size", RLIMIT_FSIZE },
	{ "Max data size", RLIMIT_DATA },      { "Max stack size", RLIMIT_STACK },
	{ "Max core file size", RLIMIT_CORE }, { "Max processes", RLIMIT_NPROC },
	{ "Max open files", RLIMIT_NOFILE },   { "Max locked memory", RLIMIT_MEMLOCK },
	{ "Max address space", RLIMIT_AS },
};

static void expect_value(const char *text, rlim_t value)
{
	char want[32];

	snprintf(want, sizeof(want), "%llu", (unsigned long long)value);
	EXPECT_STR(text, value == RLIM_INFINITY ? "unlimited" : want);
}

static void expect_line(const char *name, int resource)
{
	char soft[32], hard[32], *v;
	struct rlimit l;

	EXPECT_OK(getrlimit(resource, &l));
	EXPECT((v = field(proc_read("/proc/self/limits"), name)) != NULL);
	EXPECT_EQ(sscanf(v, "%31s %31s", soft, hard), 2);
	expect_value(soft, l.rlim_cur);
	expect_value(hard, l.rlim_max);
}

TEST(agree_with_getrlimit)
{
	for (size_t i = 0; i < ARRAY_SIZE(limit); i++)
		expect_line(limit[i].name, limit[i].resource);
}

TEST(follow_setrlimit)
{
	struct rlimit l, old;

	EXPECT_OK(getrlimit(RLIMIT_NOFILE, &old));
	l = old;
	l.rlim_cur = 123;
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &l));
	expect_line("Max open files", RLIMIT_NOFILE);
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &old));
}

TEST(header_and_units)
{
	char *t = proc_read("/proc/self/limits");

	EXPECT(!strncmp(t, "Limit ", 6));
	EXPECT(strstr(t, "Soft Limit") && strstr(t, "Hard Limit") && strstr(t, "Units"));
	EXPECT(strstr(field(t, "Max open files"), "files") != NULL);
	EXPECT(strstr(field(t, "Max stack size"), "bytes") != NULL);
}
