/*
 * What execve hands over: argument and environment strings byte for byte, thousands of them, and
 * the limits: E2BIG for a single string over 128 KiB and for a total over the stack's quarter.
 */
#include "child.h"

ROLE(echo)
{
	for (int i = 0; i < argc; i++)
		printf("[%s]", argv[i]);
	return 0;
}

ROLE(environment)
{
	for (char **e = environ; *e; e++)
		printf("%s\n", *e);
	return 0;
}

static struct outcome o;

TEST(bytes_are_kept)
{
	EXPECT_EQ(run_self(&o, "echo", "", "a b", "\x01\xff\n\t\"'\\$", "", "--", "-x"), 0);
	EXPECT_STR(o.out, "[][a b][\x01\xff\n\t\"'\\$][][--][-x]");
	EXPECT(exited(&o, 0));
}

TEST(environment_exactly)
{
	const char *argv[] = { "self", "--role", "environment", NULL };
	char *env[] = { "A=1", "EMPTY=", "A=2", "no equals sign", "UTF=\xc3\xa4", NULL },
	     *none[] = { NULL };

	EXPECT_EQ(run_program(&o, "/proc/self/exe", argv, env), 0);
	EXPECT_STR(o.out, "A=1\nEMPTY=\nA=2\nno equals sign\nUTF=\xc3\xa4\n");
	EXPECT_EQ(run_program(&o, "/proc/self/exe", argv, none), 0);
	EXPECT_STR(o.out, "");
}

TEST(setenv_reaches_the_child)
{
	setenv("COMPAT_VALUE", "from the parent", 1);
	EXPECT_EQ(run_self(&o, "environment"), 0);
	EXPECT(strstr(o.out, "COMPAT_VALUE=from the parent\n") != NULL);
	unsetenv("COMPAT_VALUE");
	EXPECT_EQ(run_self(&o, "environment"), 0);
	EXPECT(strstr(o.out, "COMPAT_VALUE") == NULL);
}

ROLE(sum_args)
{
	unsigned long sum = 0, total = 0;

	for (int i = 0; i < argc; i++) {
		sum += strtoul(argv[i], NULL, 10);
		total += strlen(argv[i]) + 1;
	}
	printf("%d %lu %lu", argc, sum, total);
	return 0;
}

TEST(five_thousand_arguments)
{
	enum { N = 5000 };
	static const char *argv[N + 4] = { "self", "--role", "sum_args" };
	static char text[N][8];
	char want[64];
	size_t total = 0;

	for (int i = 0; i < N; i++) {
		total += snprintf(text[i], sizeof(text[i]), "%d", i) + 1;
		argv[3 + i] = text[i];
	}
	EXPECT_EQ(run_program(&o, "/proc/self/exe", argv, environ), 0);
	snprintf(want, sizeof(want), "%d %d %zu", N, N * (N - 1) / 2, total);
	EXPECT_STR(o.out, want);
}

ROLE(length)
{
	printf("%zu %c%c", strlen(argv[0]), argv[0][0], argv[0][strlen(argv[0]) - 1]);
	return 0;
}

/* MAX_ARG_STRLEN is 32 pages, the final NUL included. */
TEST(longest_string)
{
	size_t max = 32 * 4096 - 1;
	char *big = malloc(max + 2), *env[] = { big, NULL };
	const char *argv[] = { "self", "--role", "length", big, NULL };

	memset(big, 'x', max + 1);
	big[0] = 'a';
	big[max - 1] = 'z';
	big[max] = 0;
	EXPECT_EQ(run_program(&o, "/proc/self/exe", argv, environ), 0);
	EXPECT_STR(o.out, "131071 az");
	big[max] = 'x';
	big[max + 1] = 0;
	EXPECT_EQ(run_program(&o, "/proc/self/exe", argv, environ), E2BIG);
	argv[3] = "short";
	EXPECT_EQ(run_program(&o, "/proc/self/exe", argv, env), E2BIG);
	free(big);
}

/* The total may be a quarter of the stack limit, but never more than 6 MiB. */
TEST(total_too_big)
{
	enum { N = 70, LEN = 100000 };
	static const char *argv[N + 4] = { "self", "--role", "sum_args" };
	char *big = malloc(LEN + 1), want[64];

	memset(big, '0', LEN);
	big[LEN] = 0;
	for (int i = 0; i < N; i++)
		argv[3 + i] = big;
	EXPECT_EQ(run_program(&o, "/proc/self/exe", argv, environ), E2BIG);
	argv[3 + 10] = NULL;
	EXPECT_EQ(run_program(&o, "/proc/self/exe", argv, environ), 0);
	snprintf(want, sizeof(want), "10 0 %d", 10 * (LEN + 1));
	EXPECT_STR(o.out, want);
	free(big);
}

ROLE(layout)
{
	/* The strings lie one after the other, arguments first, then the environment. */
	for (int i = 0; i + 1 < argc; i++)
		EXPECT_EQ((uintptr_t)argv[i + 1], (uintptr_t)(argv[i] + strlen(argv[i]) + 1));
	EXPECT_EQ((uintptr_t)environ[0], (uintptr_t)(argv[argc - 1] + strlen(argv[argc - 1]) + 1));
	EXPECT_EQ((uintptr_t)(argv + argc + 1), (uintptr_t)environ);
	EXPECT(argv[argc] == NULL);
	argv[0][0] = 'W';	/* they may be written */
	EXPECT_STR(argv[0], "Writable");
	return 0;
}

TEST(strings_on_the_stack)
{
	char *env[] = { "E=1", NULL };
	const char *argv[] = { "self", "--role", "layout", "writable", "second", "third", NULL };

	EXPECT_EQ(run_program(&o, "/proc/self/exe", argv, env), 0);
	EXPECT(exited(&o, 0));
}

TEST(bad_pointers)
{
	char *bad[] = { "self", (char *)8, NULL }, *good[] = { "self", NULL };

	EXPECT_ERRNO(syscall(SYS_execve, "/proc/self/exe", bad, environ), EFAULT);
	EXPECT_ERRNO(syscall(SYS_execve, "/proc/self/exe", (char **)8, environ), EFAULT);
	EXPECT_ERRNO(syscall(SYS_execve, "/proc/self/exe", good, (char **)8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_execve, (char *)8, good, environ), EFAULT);
}
