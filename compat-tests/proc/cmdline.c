/* /proc/PID/cmdline: the arguments with their zeros, empty ones, long ones, of another process. */
#include "proc.h"

ROLE(check)
{
	static char buf[1 << 16];
	ssize_t n = read_file("/proc/self/cmdline", buf, sizeof(buf));
	const char *p = buf;

	EXPECT_GT(n, 0);
	EXPECT_EQ(buf[n - 1], 0);
	EXPECT_STR(p, "self");
	p += strlen(p) + 1;
	EXPECT_STR(p, "--role");
	p += strlen(p) + 1;
	EXPECT_STR(p, "check");
	p += strlen(p) + 1;
	for (int i = 0; i < argc; i++, p += strlen(p) + 1)
		EXPECT_STR(p, argv[i]);
	EXPECT_EQ(p - buf, n);
	return 0;
}

TEST(plain)
{
	EXPECT_EXIT(spawn_self("check", "one", "two words", "three\nlines"), 0);
}

TEST(empty_arguments)
{
	EXPECT_EXIT(spawn_self("check", "", "x", "", ""), 0);
}

TEST(long_arguments)
{
	char big[20001];

	memset(big, 'b', sizeof(big));
	big[20000] = 0;
	EXPECT_EXIT(spawn_self("check", big, "tail", big), 0);
}

TEST(positions)
{
	char all[4096], part[16];
	ssize_t n = read_file("/proc/self/cmdline", all, sizeof(all));
	int fd = EXPECT_OK(open("/proc/self/cmdline", O_RDONLY));

	EXPECT_GT(n, 4);
	EXPECT_EQ(pread(fd, part, 3, 1), 3);
	EXPECT_MEM(part, all + 1, 3);
	EXPECT_EQ(pread(fd, part, 16, n), 0);
	EXPECT_EQ(lseek(fd, 2, SEEK_SET), 2);
	EXPECT_EQ(read(fd, part, 2), 2);
	EXPECT_MEM(part, all + 2, 2);
	close(fd);
}

ROLE(sleeper)
{
	pause();
	return 0;
}

TEST(of_a_child_and_of_a_zombie)
{
	char want[] = "self\0--role\0sleeper\0arg", path[64], buf[256];
	pid_t pid = spawn_self("sleeper", "arg");
	siginfo_t info;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	/* The arguments appear only when exec is done, a little after posix_spawn returns. */
	for (int i = 0; i < 500 && read_file(path, buf, sizeof(buf)) == 0; i++)
		sleep_ms(5);
	EXPECT_EQ(read_file(path, buf, sizeof(buf)), sizeof(want));
	EXPECT_MEM(buf, want, sizeof(want));
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(read_file(path, buf, sizeof(buf)), 0);
	EXPECT_SIGNALED(pid, SIGKILL);
	EXPECT_EQ(read_file(path, buf, sizeof(buf)), -1);
	EXPECT_EQ(errno, ENOENT);
}
