/* /proc/sys: kernel names agree with uname, limits, random identifiers, read-only refusals. */
#include "proc.h"
#include <sys/utsname.h>

static char *value(const char *name)
{
	static char buf[2][256];
	static int turn;
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	turn ^= 1;
	return proc_line(path, buf[turn], sizeof(buf[0]));
}

TEST(names)
{
	struct utsname u;

	EXPECT_OK(uname(&u));
	EXPECT_STR(value("kernel/ostype"), u.sysname);
	EXPECT_STR(value("kernel/osrelease"), u.release);
	EXPECT_STR(value("kernel/version"), u.version);
	EXPECT_STR(value("kernel/hostname"), u.nodename);
	EXPECT_STR(u.machine, "x86_64");
}

TEST(limits)
{
	EXPECT_GE(atoi(value("kernel/pid_max")), 301);
	EXPECT_EQ(atoi(value("kernel/ngroups_max")), sysconf(_SC_NGROUPS_MAX));
	EXPECT_GT(atoll(value("fs/file-max")), 0);
	EXPECT_GE(atoi(value("fs/pipe-max-size")), 65536);
	EXPECT_GE(atoi(value("vm/max_map_count")), 1024);
	EXPECT_GE(atoi(value("vm/overcommit_memory")), 0);
	EXPECT_GE(atoi(value("kernel/randomize_va_space")), 0);
	EXPECT_GE(atoi(value("kernel/cap_last_cap")), 37);
	EXPECT_GT(atoi(value("kernel/threads-max")), 0);
}

static bool is_uuid(const char *s)
{
	if (strlen(s) != 36)
		return false;
	for (int i = 0; i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-'
							    : !isxdigit((unsigned char)s[i]))
			return false;
	return true;
}

TEST(random_identifiers)
{
	char *a = value("kernel/random/uuid"), *b = value("kernel/random/uuid");

	EXPECT(is_uuid(a) && is_uuid(b) && strcmp(a, b));
	EXPECT_EQ(a[14], '4');
	a = value("kernel/random/boot_id");
	b = value("kernel/random/boot_id");
	EXPECT(is_uuid(a));
	EXPECT_STR(a, b);
	EXPECT_GT(atoi(value("kernel/random/entropy_avail")), 0);
}

TEST(refusals)
{
	EXPECT_ERRNO(open("/proc/sys/kernel/none", O_RDONLY), ENOENT);
	EXPECT_ERRNO(open("/proc/sys/kernel/osrelease", O_CREAT | O_EXCL | O_RDWR, 0644), EEXIST);
	EXPECT_ERRNO(open("/proc/sys/kernel", O_WRONLY), EISDIR);
	EXPECT_ERRNO(open("/proc/sys/kernel/osrelease/x", O_RDONLY), ENOTDIR);
}
