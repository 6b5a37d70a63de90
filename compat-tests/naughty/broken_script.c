/* Scripts and files that cannot be executed: the errno of each, limits on arguments, loops. */
#include "naughty.h"

static int run_path(const char *path, char *const argv[])
{
	pid_t pid;
	int err = posix_spawn(&pid, path, NULL, NULL, argv, environ);

	return err ? -err : wait_or_kill(pid, 5);
}

static int run_file(const char *name, const char *text, mode_t mode)
{
	char *argv[] = { "x", NULL };
	int fd = EXPECT_OK(open(tmp_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755));

	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	EXPECT_OK(fchmod(fd, mode));
	close(fd);
	return run_path(tmp_path(name), argv);
}

TEST(bad_first_lines)
{
	char name[5000];

	EXPECT_EQ(run_file("s", "#!\n", 0755), -ENOEXEC);
	EXPECT_EQ(run_file("s", "#!   \t \n", 0755), -ENOEXEC);
	EXPECT_EQ(run_file("s", "#!/none/such\n", 0755), -ENOENT);
	EXPECT_EQ(run_file("s", "#!/tmp\n", 0755), -EACCES);
	EXPECT_EQ(run_file("s", "#!/dev/null\n", 0755), -EACCES);
	EXPECT_EQ(run_file("s", " #!/bin/sh\n", 0755), -ENOEXEC);
	memset(name, 'i', sizeof(name));
	memcpy(name, "#!/", 3);
	name[4998] = '\n';
	name[4999] = 0;
	EXPECT_EQ(run_file("s", name, 0755), -ENOEXEC);
	expect_alive();
}

TEST(good_first_line)
{
	EXPECT_EQ(run_file("s", "#!/bin/sh\nexit 5\n", 0755), 5 << 8);
	EXPECT_EQ(run_file("s", "#! /bin/sh -e \nfalse\nexit 5\n", 0755), 1 << 8);
}

TEST(permission_and_kind)
{
	char *argv[] = { "x", NULL };

	EXPECT_EQ(run_file("s", "#!/bin/sh\n", 0644), -EACCES);
	EXPECT_EQ(run_path("/tmp", argv), -EACCES);
	EXPECT_EQ(run_path("/dev/null", argv), -EACCES);
	EXPECT_EQ(run_path(tmp_path("none"), argv), -ENOENT);
	EXPECT_EQ(run_path(tmp_path("s/x"), argv), -ENOTDIR);
	EXPECT_EQ(run_path("", argv), -ENOENT);
	EXPECT_OK(symlink("loop", tmp_path("loop")));
	EXPECT_EQ(run_path(tmp_path("loop"), argv), -ELOOP);
	EXPECT_OK(mkfifo(tmp_path("fifo"), 0755));
	EXPECT_EQ(run_path(tmp_path("fifo"), argv), -EACCES);
}

TEST(scripts_for_scripts)
{
	char text[PATH_MAX], name[16], prev[PATH_MAX] = "/bin/sh";

	for (int i = 1; i <= 8; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(text, sizeof(text), "#!%.3000s\nexit 3\n", prev);
		EXPECT_EQ(run_file(name, text, 0755), i <= 5 ? 3 << 8 : -ELOOP);
		snprintf(prev, sizeof(prev), "%s", tmp_path(name));
	}
	snprintf(text, sizeof(text), "#!%.3000s\n", tmp_path("me"));
	EXPECT_EQ(run_file("me", text, 0755), -ELOOP);
}

TEST(too_many_arguments)
{
	enum { ONE = 128 << 10, COUNT = 400 };
	char *big = malloc(ONE + 1), *argv[COUNT + 1];

	memset(big, 'a', ONE);
	big[ONE] = 0;
	argv[0] = big;
	argv[1] = NULL;
	EXPECT_EQ(run_path("/bin/true", argv), -E2BIG);
	big[ONE - 1] = 0;
	EXPECT_EQ(run_path("/bin/true", argv), 0);
	for (int i = 0; i < COUNT; i++)
		argv[i] = big;
	argv[COUNT] = NULL;
	EXPECT_EQ(run_path("/bin/true", argv), -E2BIG);
	free(big);
	expect_alive();
}

TEST(wild_vectors)
{
	char *argv[] = { "x", hide_ptr(wild[5]), NULL };

	EXPECT_ERRNO(syscall(SYS_execve, "/bin/true", argv, NULL), EFAULT);
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		argv[1] = hide_ptr(wild[i]);
		EXPECT_ERRNO(syscall(SYS_execve, "/bin/true", argv, NULL), EFAULT);
		EXPECT_ERRNO(syscall(SYS_execve, "/bin/true", wild[i], NULL), EFAULT);
		EXPECT_ERRNO(syscall(SYS_execve, "/bin/true", argv + 2, wild[i]), EFAULT);
		EXPECT_ERRNO(syscall(SYS_execve, wild[i], NULL, NULL), EFAULT);
	}
	expect_alive();
}
