/*
 * Process groups: who may be moved where (setpgid's EACCES, EPERM, ESRCH, EINVAL), and kill(-pgid),
 * kill(0) and killpg that reach the whole group and nobody else.
 */
#include "child.h"

ROLE(pause)
{
	pause();
	return 1;
}

/* Does nothing until its group is killed; tells that it is ready by closing its stdout. */
static pid_t start(pid_t group)
{
	posix_spawnattr_t at;
	pid_t pid;

	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&at, group);
	pid = spawn_self_with(NULL, group < 0 ? NULL : &at, "pause");
	posix_spawnattr_destroy(&at);
	return pid;
}

TEST(inherited)
{
	pid_t pid = start(-1);

	EXPECT_EQ(getpgid(pid), getpgrp());
	EXPECT_EQ(getpgid(0), getpgrp());
	EXPECT_EQ(getpgid(getpid()), getpgrp());
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
	EXPECT_ERRNO(getpgid(pid), ESRCH);
}

TEST(kill_reaches_the_group_only)
{
	pid_t a = start(0), b = start(a), c = start(a), other = start(0);

	EXPECT_EQ(getpgid(c), a);
	EXPECT_OK(kill(-a, 0));
	EXPECT_OK(killpg(a, SIGTERM));
	EXPECT_SIGNALED(a, SIGTERM);
	EXPECT_SIGNALED(b, SIGTERM);
	EXPECT_SIGNALED(c, SIGTERM);
	EXPECT_ERRNO(kill(-a, SIGTERM), ESRCH);
	EXPECT_EQ(waitpid(other, NULL, WNOHANG), 0);
	EXPECT_OK(kill(-other, SIGUSR1));
	EXPECT_SIGNALED(other, SIGUSR1);
}

TEST(group_outlives_its_leader)
{
	pid_t a = start(0), b = start(a);

	EXPECT_OK(kill(a, SIGKILL));
	EXPECT_SIGNALED(a, SIGKILL);
	EXPECT_EQ(getpgid(b), a);
	EXPECT_OK(kill(-a, SIGKILL));
	EXPECT_SIGNALED(b, SIGKILL);
}

TEST(setpgid_errors)
{
	pid_t child = start(0);

	EXPECT_ERRNO(setpgid(child, 0), EACCES);	/* it has done exec */
	EXPECT_ERRNO(setpgid(getppid(), 0), ESRCH);	/* not our child */
	EXPECT_ERRNO(setpgid(0, -1), EINVAL);
	EXPECT_ERRNO(setpgid(0x3ffffff, 0), ESRCH);
	EXPECT_ERRNO(getpgid(0x3ffffff), ESRCH);
	EXPECT_OK(kill(child, SIGKILL));
	EXPECT_SIGNALED(child, SIGKILL);
}

ROLE(moves_itself)
{
	pid_t old = getpgrp();

	EXPECT_ERRNO(setpgid(0, 0x3ffffff), EPERM);	/* no such group */
	EXPECT_OK(setpgid(0, 0));
	EXPECT_EQ(getpgrp(), getpid());
	EXPECT_OK(setpgid(0, old));
	EXPECT_EQ(getpgrp(), old);
	EXPECT_OK(setpgid(getpid(), getpid()));
	EXPECT_EQ(getpgrp(), getpid());
	return 0;
}

TEST(setpgid_of_itself)
{
	EXPECT_EXIT(spawn_self("moves_itself"), 0);
}

ROLE(session_leader)
{
	EXPECT_OK(setsid());
	EXPECT_ERRNO(setpgid(0, 0), EPERM);
	return 0;
}

TEST(session_leader_stays)
{
	EXPECT_EXIT(spawn_self("session_leader"), 0);
}

/* Joins the group of another session: refused. */
ROLE(join)
{
	EXPECT_ERRNO(setpgid(0, atoi(argv[0])), EPERM);
	return 0;
}

TEST(other_session)
{
	posix_spawnattr_t at;
	pid_t leader;
	char num[16];

	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSID);
	leader = spawn_self_with(NULL, &at, "pause");
	posix_spawnattr_destroy(&at);
	snprintf(num, sizeof(num), "%d", leader);
	EXPECT_EXIT(spawn_self("join", num), 0);
	EXPECT_OK(kill(leader, SIGKILL));
	EXPECT_SIGNALED(leader, SIGKILL);
}

static volatile sig_atomic_t hits;

static void count_hit(int sig)
{
	(void)sig;
	hits++;
}

ROLE(kill_own_group)
{
	EXPECT_OK(setpgid(0, 0));
	signal(SIGUSR1, count_hit);
	pid_t child = start(getpgrp());

	EXPECT_OK(kill(0, SIGUSR1));
	EXPECT_EQ(hits, 1);
	EXPECT_SIGNALED(child, SIGUSR1);
	EXPECT_OK(kill(-getpgrp(), SIGUSR1));
	EXPECT_EQ(hits, 2);
	return 0;
}

TEST(kill_zero)
{
	EXPECT_EXIT(spawn_self("kill_own_group"), 0);
}

/* The vfork child may still be moved by itself; the parent sees it in wait. */
TEST(set_before_exec)
{
	char *argv[] = { "self", "--role", "pause", NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		if (setpgid(0, 0))
			_exit(1);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	EXPECT_EQ(getpgid(pid), pid);
	EXPECT_OK(kill(-pid, SIGINT));
	EXPECT_SIGNALED(pid, SIGINT);
}
