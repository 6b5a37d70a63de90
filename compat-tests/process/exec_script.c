/*
 * "#!" scripts: the interpreter with its one argument, spaces and tabs, scripts that interpret
 * scripts up to the limit, long lines, missing and forbidden interpreters. The interpreter is this
 * program itself, so no shell is needed.
 */
#define TEST_NO_MAIN
#include "child.h"

static struct outcome o;

/*
 * As interpreter the program is called "SELF [arg] SCRIPT ...": the argument vector is what
 * matters.
 */
static int print_vector(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');

		printf("[%s]", slash ? slash + 1 : argv[i]);
	}
	return 0;
}

/* Writes "#!<interpreter><tail>" as a script of this name. */
static const char *script(const char *name, const char *lead, const char *interp, const char *tail)
{
	char text[PATH_MAX + 512];

	snprintf(text, sizeof(text), "#!%s%s%s", lead, interp, tail);
	return tmp_script(name, text);
}

static const char *interp(void)
{
	/* A short path: the line must fit into 256 bytes. */
	if (access(tmp_path("in"), X_OK))
		EXPECT_OK(symlink(self_path(), tmp_path("in")));
	return tmp_path("in");
}

TEST(one_argument)
{
	EXPECT_EQ(run_argv(&o, script("s", "", interp(), " -x\n"), "argv0", "one", "two"), 0);
	EXPECT_STR(o.out, "[-x][s][one][two]");
}

TEST(no_argument)
{
	EXPECT_EQ(run_argv(&o, script("s", "", interp(), "\nrest of the file\n"), "argv0", "one"),
		  0);
	EXPECT_STR(o.out, "[s][one]");
}

TEST(no_newline_at_the_end)
{
	EXPECT_EQ(run_argv(&o, script("s", "", interp(), ""), "argv0"), 0);
	EXPECT_STR(o.out, "[s]");
}

TEST(spaces_and_tabs)
{
	EXPECT_EQ(run_argv(&o, script("s", " \t ", interp(), " \t two words \t \n"), "argv0"), 0);
	EXPECT_STR(o.out, "[two words][s]");
}

TEST(argv0_is_the_interpreter)
{
	static char want[PATH_MAX * 2];

	EXPECT_EQ(run_argv(&o, script("s", "", interp(), " --argv0\n"), "whatever"), 0);
	snprintf(want, sizeof(want), "%s\n%s\n", interp(), tmp_path("s"));
	EXPECT_STR(o.out, want);
}

TEST(script_of_script)
{
	interp();
	script("a", "", tmp_path("in"), " -1\n");
	script("b", "", tmp_path("a"), " -2\n");
	script("c", "", tmp_path("b"), " -3\n");
	EXPECT_EQ(run_argv(&o, tmp_path("c"), "argv0", "end"), 0);
	EXPECT_STR(o.out, "[-1][a][-2][b][-3][c][end]");
}

TEST(too_many_levels)
{
	char name[2] = "1", below[2] = "0";

	script("0", "", interp(), "\n");
	for (; name[0] <= '7'; name[0]++, below[0]++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s", tmp_path(below));
		script(name, "", path, "\n");
	}
	EXPECT_EQ(run_argv(&o, tmp_path("3"), "x"), 0);
	EXPECT_EQ(run_argv(&o, tmp_path("4"), "x"), 0);
	EXPECT_EQ(run_argv(&o, tmp_path("5"), "x"), ELOOP);
	EXPECT_EQ(run_argv(&o, tmp_path("7"), "x"), ELOOP);
}

TEST(itself_as_interpreter)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", tmp_path("s"));
	EXPECT_EQ(run_argv(&o, script("s", "", path, "\n"), "x"), ELOOP);
}

TEST(bad_interpreters)
{
	EXPECT_EQ(run_argv(&o, script("s", "", "/no/such/interpreter", "\n"), "x"), ENOENT);
	EXPECT_EQ(run_argv(&o, script("s", "", test_tmpdir(), "\n"), "x"), EACCES);
	close(tmp_file("plain", "x", 1));
	EXPECT_EQ(run_argv(&o, script("s", "", tmp_path("plain"), "\n"), "x"), EACCES);
	EXPECT_EQ(run_argv(&o, tmp_script("s", "#!\n"), "x"), ENOEXEC);
	EXPECT_EQ(run_argv(&o, tmp_script("s", "#!   \t \n"), "x"), ENOEXEC);
	EXPECT_EQ(run_argv(&o, tmp_script("s", "# !/bin/sh\n"), "x"), ENOEXEC);
	EXPECT_EQ(run_argv(&o, tmp_script("s", "#"), "x"), ENOEXEC);
}

/*
 * The kernel looks at 256 bytes: an interpreter that does not end in them is no interpreter, an
 * argument is cut.
 */
TEST(long_lines)
{
	char text[600], out[600];
	int n;

	memset(text, 'i', sizeof(text));
	memcpy(text, "#!/", 3);
	text[500] = '\n';
	EXPECT_EQ(run_argv(&o, tmp_program("s", text, 501), "x"), ENOEXEC);
	n = snprintf(text, sizeof(text), "#!%s ", interp());
	memset(text + n, 'a', 400);
	text[n + 400] = '\n';
	EXPECT_EQ(run_argv(&o, tmp_program("s", text, n + 401), "x"), 0);
	memset(out, 0, sizeof(out));
	out[0] = '[';
	memset(out + 1, 'a', 255 - n);
	strcat(out, "][s]");
	EXPECT_STR(o.out, out);
}

TEST(relative_interpreter)
{
	interp();
	EXPECT_OK(chdir(test_tmpdir()));
	EXPECT_EQ(run_argv(&o, script("s", "", "./in", " -r\n"), "x"), 0);
	EXPECT_STR(o.out, "[-r][s]");
	EXPECT_EQ(run_argv(&o, "./s", "x"), 0);
	EXPECT_STR(o.out, "[-r][s]");
}

TEST(script_needs_execute_permission)
{
	script("s", "", interp(), "\n");
	EXPECT_OK(chmod(tmp_path("s"), 0644));
	EXPECT_EQ(run_argv(&o, tmp_path("s"), "x"), EACCES);
}

/*
 * A script opened CLOEXEC cannot be read again by its interpreter: ENOENT before anything is lost.
 */
TEST(fexecve_of_a_script)
{
	char *argv[] = { "x", NULL };
	int fd;

	script("s", "", interp(), "\n");
	fd = EXPECT_OK(open(tmp_path("s"), O_RDONLY | O_CLOEXEC));
	EXPECT_ERRNO(fexecve(fd, argv, environ), ENOENT);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	if (!name || strcmp(name, "/in"))
		return test_main(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "--argv0"))
		return printf("%s\n%s\n", argv[0], argv[2]) < 0;
	return print_vector(argc, argv);
}
