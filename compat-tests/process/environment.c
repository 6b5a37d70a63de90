/*
 * What a child inherits besides descriptors: working directory, umask, nice value, root-relative
 * paths; and that a child's changes never come back.
 */
#include "child.h"

static struct outcome o;

ROLE(show)
{
	char cwd[PATH_MAX];
	mode_t um = umask(0);

	printf("%s %03o %d", getcwd(cwd, sizeof(cwd)), um, getpriority(PRIO_PROCESS, 0));
	return 0;
}

TEST(inherited)
{
	char real[PATH_MAX], want[PATH_MAX + 32];
	mode_t old;

	EXPECT(realpath(test_tmpdir(), real) != NULL);
	EXPECT_OK(chdir(real));
	old = umask(0123);
	EXPECT_EQ(run_self(&o, "show"), 0);
	umask(old);
	snprintf(want, sizeof(want), "%s 123 %d", real, getpriority(PRIO_PROCESS, 0));
	EXPECT_STR(o.out, want);
}

ROLE(change)
{
	EXPECT_OK(chdir("/"));
	umask(0777);
	setenv("PATH", "/changed", 1);
	errno = 0;
	EXPECT(nice(3) != -1 || errno == 0);
	return 0;
}

TEST(changes_stay_in_the_child)
{
	char before[PATH_MAX], after[PATH_MAX],
		*path = strdup(getenv("PATH") ? getenv("PATH") : "");
	int prio = getpriority(PRIO_PROCESS, 0);
	mode_t um = umask(022);

	EXPECT(getcwd(before, sizeof(before)) != NULL);
	EXPECT_EXIT(spawn_self("change"), 0);
	EXPECT(getcwd(after, sizeof(after)) != NULL);
	EXPECT_STR(before, after);
	EXPECT_EQ(umask(um), 022);
	EXPECT_STR(getenv("PATH") ? getenv("PATH") : "", path);
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), prio);
	free(path);
}

TEST(relative_program_path)
{
	EXPECT_OK(symlink(self_path(), tmp_path("prog")));
	EXPECT_OK(mkdir(tmp_path("sub"), 0755));
	EXPECT_OK(chdir(tmp_path("sub")));
	EXPECT_EQ(run_argv(&o, "../prog", "x", "--role", "show"), 0);
	EXPECT(exited(&o, 0));
	EXPECT_EQ(run_argv(&o, "./../sub/.././prog", "x", "--role", "show"), 0);
	EXPECT(exited(&o, 0));
	EXPECT_EQ(run_argv(&o, "prog", "x", "--role", "show"), ENOENT);
}

TEST(deleted_directory)
{
	EXPECT_OK(mkdir(tmp_path("gone"), 0755));
	EXPECT_OK(chdir(tmp_path("gone")));
	EXPECT_OK(rmdir(tmp_path("gone")));
	EXPECT_EQ(run_self(&o, "no_cwd"), 0);
	EXPECT(exited(&o, 0));
}

ROLE(no_cwd)
{
	char buf[PATH_MAX];

	EXPECT_ERRNO(syscall(SYS_getcwd, buf, sizeof(buf)), ENOENT);
	EXPECT_ERRNO(open("x", O_CREAT | O_WRONLY, 0644), ENOENT);
	return 0;
}

ROLE(niceness)
{
	int before = getpriority(PRIO_PROCESS, 0);

	errno = 0;
	EXPECT_EQ(nice(2), before + 2 > 19 ? 19 : before + 2);
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), before + 2 > 19 ? 19 : before + 2);
	EXPECT_OK(setpriority(PRIO_PROCESS, 0, 100));	/* cut to 19 */
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 19);
	EXPECT_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 20 - 19);
	EXPECT_ERRNO(setpriority(99, 0, 0), EINVAL);
	EXPECT_ERRNO(setpriority(PRIO_PROCESS, 0x3ffffff, 0), ESRCH);
	return 0;
}

TEST(nice_values)
{
	EXPECT_EXIT(spawn_self("niceness"), 0);
}
