/* /proc/self/environ: the environment at exec, not what setenv changed later. */
#include "proc.h"

ROLE(check)
{
	static char buf[1 << 16];
	ssize_t n = read_file("/proc/self/environ", buf, sizeof(buf));
	const char *p = buf;

	EXPECT_OK(setenv("LATER", "x", 1));
	for (int i = 0; i < argc; i++, p += strlen(p) + 1)
		EXPECT_STR(p, argv[i]);
	EXPECT_EQ(p - buf, n);
	n = read_file("/proc/self/environ", buf, sizeof(buf));
	for (p = buf; p < buf + n; p += strlen(p) + 1)
		EXPECT(strncmp(p, "LATER", 5));
	return 0;
}

TEST(exactly_what_exec_got)
{
	char *env[] = { "A=1", "EMPTY=", "WITH SPACE=a b", "=odd", NULL };
	char *argv[] = { "x", "--role", "check", "A=1", "EMPTY=", "WITH SPACE=a b", "=odd", NULL };
	pid_t pid;

	EXPECT_EQ(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, env), 0);
	EXPECT_EXIT(pid, 0);
}

TEST(empty)
{
	char *env[] = { NULL }, *argv[] = { "x", "--role", "check", NULL };
	pid_t pid;

	EXPECT_EQ(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, env), 0);
	EXPECT_EXIT(pid, 0);
}

TEST(large)
{
	static char big[30000];
	char *env[] = { big, "Z=1", NULL }, *argv[] = { "x", "--role", "check", big, "Z=1", NULL };
	pid_t pid;

	memset(big, 'v', sizeof(big) - 1);
	memcpy(big, "BIG=", 4);
	EXPECT_EQ(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, env), 0);
	EXPECT_EXIT(pid, 0);
}
