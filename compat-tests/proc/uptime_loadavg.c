/* /proc/uptime, /proc/loadavg, /proc/stat, /proc/version, /proc/filesystems: form and sense. */
#include "proc.h"
#include <sys/sysinfo.h>
#include <sys/utsname.h>

TEST(uptime)
{
	double up, idle, again;
	struct sysinfo si;

	EXPECT_EQ(sscanf(proc_read("/proc/uptime"), "%lf %lf\n", &up, &idle), 2);
	EXPECT(up >= 0 && idle >= 0);
	EXPECT_OK(sysinfo(&si));
	EXPECT_LE((long)up, si.uptime + 1);
	EXPECT_GE((long)up, si.uptime - 2);
	sleep_ms(30);
	EXPECT_EQ(sscanf(proc_read("/proc/uptime"), "%lf", &again), 1);
	EXPECT(again > up);
}

TEST(loadavg)
{
	double a, b, c;
	int running, all, last;

	EXPECT_EQ(sscanf(proc_read("/proc/loadavg"), "%lf %lf %lf %d/%d %d\n", &a, &b, &c, &running,
			 &all, &last),
		  6);
	EXPECT(a >= 0 && b >= 0 && c >= 0);
	EXPECT_GE(running, 1);
	EXPECT_GE(all, running);
	EXPECT_GE(last, 1);
}

TEST(stat)
{
	char *t = proc_read("/proc/stat");
	unsigned long long user, nice, system, idle;
	int cpus = 0;
	time_t boot;

	EXPECT_EQ(sscanf(t, "cpu %llu %llu %llu %llu", &user, &nice, &system, &idle), 4);
	for (char *p = strstr(t, "\ncpu"); p; p = strstr(p + 1, "\ncpu"))
		cpus++;
	EXPECT_EQ(cpus, sysconf(_SC_NPROCESSORS_ONLN));
	boot = number_field(t, "btime");
	EXPECT_LE(boot, time(NULL) + 1);
	EXPECT_GT(boot, 1600000000);
	EXPECT_GT(number_field(t, "processes"), 0);
	EXPECT_GE(number_field(t, "ctxt"), 0);
	EXPECT_GE(number_field(t, "procs_running"), 1);
}

TEST(version)
{
	struct utsname u;
	char *t = proc_read("/proc/version");

	EXPECT_OK(uname(&u));
	EXPECT(!strncmp(t, "Linux version ", 14));
	EXPECT(!strncmp(t + 14, u.release, strlen(u.release)));
}

TEST(filesystems)
{
	char *t = proc_read("/proc/filesystems");

	EXPECT(strstr(t, "nodev\tproc\n") != NULL);
	EXPECT(strstr(t, "nodev\ttmpfs\n") || strstr(t, "nodev\tramfs\n"));
	EXPECT(strstr(t, "nodev\tdevpts\n") != NULL);
}
