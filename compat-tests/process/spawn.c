/*
 * posix_spawn: every attribute (process group, session, signal mask, default signals), the errors
 * it returns, the search of posix_spawnp, and that the parent's own state stays as it was.
 */
#include "child.h"

ROLE(report)
{
	struct sigaction usr1, usr2;
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigaction(SIGUSR1, NULL, &usr1);
	sigaction(SIGUSR2, NULL, &usr2);
	printf("leader=%d session=%d masked=%d usr1=%s usr2=%s\n", getpgrp() == getpid(),
	       getsid(0) == getpid(), sigismember(&mask, SIGTERM),
	       usr1.sa_handler == SIG_DFL ? "dfl" : "ign",
	       usr2.sa_handler == SIG_DFL ? "dfl" : "ign");
	return 0;
}

/* Runs "report" with these attribute flags and gives its line. */
static const char *report_with(short flags)
{
	static struct outcome o;
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t mask, def;
	int fd[2];
	pid_t pid;

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd[1], 1);
	posix_spawnattr_init(&at);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigemptyset(&def);
	sigaddset(&def, SIGUSR1);
	posix_spawnattr_setsigmask(&at, &mask);
	posix_spawnattr_setsigdefault(&at, &def);
	posix_spawnattr_setpgroup(&at, 0);
	posix_spawnattr_setflags(&at, flags);
	pid = spawn_self_with(&fa, &at, "report");
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&at);
	close(fd[1]);
	read_all(fd[0], &o);
	close(fd[0]);
	EXPECT_EXIT(pid, 0);
	return o.out;
}

TEST(no_attributes)
{
	EXPECT_STR(report_with(0), "leader=0 session=0 masked=0 usr1=dfl usr2=dfl\n");
}

TEST(process_group)
{
	EXPECT_STR(report_with(POSIX_SPAWN_SETPGROUP),
		   "leader=1 session=0 masked=0 usr1=dfl usr2=dfl\n");
}

TEST(session)
{
	EXPECT_STR(report_with(POSIX_SPAWN_SETSID),
		   "leader=1 session=1 masked=0 usr1=dfl usr2=dfl\n");
}

TEST(signal_mask)
{
	sigset_t now;

	EXPECT_STR(report_with(POSIX_SPAWN_SETSIGMASK),
		   "leader=0 session=0 masked=1 usr1=dfl usr2=dfl\n");
	sigprocmask(SIG_BLOCK, NULL, &now);
	EXPECT(!sigismember(&now, SIGTERM));
}

TEST(default_signals)
{
	struct sigaction sa;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	EXPECT_STR(report_with(0), "leader=0 session=0 masked=0 usr1=ign usr2=ign\n");
	EXPECT_STR(report_with(POSIX_SPAWN_SETSIGDEF),
		   "leader=0 session=0 masked=0 usr1=dfl usr2=ign\n");
	sigaction(SIGUSR1, NULL, &sa);
	EXPECT(sa.sa_handler == SIG_IGN);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}

TEST(all_together)
{
	EXPECT_STR(report_with(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
			       POSIX_SPAWN_USEVFORK),
		   "leader=1 session=1 masked=1 usr1=dfl usr2=dfl\n");
}

TEST(join_a_group)
{
	posix_spawnattr_t at;
	pid_t leader, second;

	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&at, 0);
	leader = spawn_self_with(NULL, &at, "pause");
	posix_spawnattr_setpgroup(&at, leader);
	second = spawn_self_with(NULL, &at, "pause");
	EXPECT_EQ(getpgid(leader), leader);
	EXPECT_EQ(getpgid(second), leader);
	EXPECT_OK(kill(-leader, SIGTERM));
	EXPECT_SIGNALED(leader, SIGTERM);
	EXPECT_SIGNALED(second, SIGTERM);
	posix_spawnattr_destroy(&at);
}

ROLE(pause)
{
	pause();
	return 1;
}

static int spawn_error(const char *path)
{
	pid_t pid = -77;
	char *argv[] = { "x", NULL };
	int err = posix_spawn(&pid, path, NULL, NULL, argv, environ);

	if (!err)
		wait_status(pid);
	return err;
}

TEST(errors)
{
	EXPECT_EQ(spawn_error("/no/such/program"), ENOENT);
	EXPECT_EQ(spawn_error(test_tmpdir()), EACCES);
	close(tmp_file("plain", "text", 4));
	EXPECT_EQ(spawn_error(tmp_path("plain")), EACCES);
	EXPECT_EQ(spawn_error(tmp_script("text", "no format at all\n")), ENOEXEC);
	EXPECT_EQ(spawn_error(tmp_path("plain/under")), ENOTDIR);
	/* A failed spawn leaves no child behind. */
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
}

TEST(attribute_error)
{
	posix_spawnattr_t at;
	char *argv[] = { "x", NULL };
	pid_t pid;

	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&at, 0x3ffffff);
	EXPECT_EQ(posix_spawn(&pid, "/proc/self/exe", NULL, &at, argv, environ), EPERM);
	posix_spawnattr_destroy(&at);
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
}

TEST(path_search)
{
	char path[PATH_MAX * 2];
	char *argv[] = { "tool", "--role", "report", NULL },
	     *old = strdup(getenv("PATH") ? getenv("PATH") : "");
	pid_t pid = -1;

	EXPECT_OK(symlink(self_path(), tmp_path("tool")));
	snprintf(path, sizeof(path), "/nonexistent:%s:/bin", test_tmpdir());
	setenv("PATH", path, 1);
	EXPECT_EQ(posix_spawnp(&pid, "no-such-tool", NULL, NULL, argv, environ), ENOENT);
	argv[2] = "seven";
	EXPECT_EQ(posix_spawnp(&pid, "tool", NULL, NULL, argv, environ), 0);
	setenv("PATH", old, 1);
	free(old);
	EXPECT_EXIT(pid, 7);
}

ROLE(seven)
{
	return 7;
}
