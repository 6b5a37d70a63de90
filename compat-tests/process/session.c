/*
 * Sessions: setsid makes a leader of session and group without terminal, only a non-leader may call
 * it, children inherit it, and getsid answers for others too.
 */
#include "child.h"

ROLE(new_session)
{
	pid_t old = getsid(0);

	EXPECT_NE(old, getpid());
	EXPECT_EQ(setsid(), getpid());
	EXPECT_EQ(getsid(0), getpid());
	EXPECT_EQ(getpgrp(), getpid());
	EXPECT_ERRNO(setsid(), EPERM);
	EXPECT_EXIT(spawn_self("inherited"), 0);
	return 0;
}

ROLE(inherited)
{
	EXPECT_EQ(getsid(0), getppid());
	EXPECT_EQ(getpgrp(), getppid());
	return 0;
}

TEST(setsid)
{
	EXPECT_EXIT(spawn_self("new_session"), 0);
}

ROLE(group_leader)
{
	EXPECT_OK(setpgid(0, 0));
	EXPECT_ERRNO(setsid(), EPERM);
	return 0;
}

TEST(group_leader_may_not)
{
	EXPECT_EXIT(spawn_self("group_leader"), 0);
}

ROLE(pause)
{
	pause();
	return 1;
}

TEST(getsid_of_others)
{
	posix_spawnattr_t at;
	pid_t pid;

	pid = spawn_self("pause");
	EXPECT_EQ(getsid(pid), getsid(0));
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSID);
	pid = spawn_self_with(NULL, &at, "pause");
	posix_spawnattr_destroy(&at);
	EXPECT_EQ(getsid(pid), pid);
	EXPECT_EQ(getpgid(pid), pid);
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
	EXPECT_ERRNO(getsid(pid), ESRCH);
	EXPECT_ERRNO(getsid(0x3ffffff), ESRCH);
}

ROLE(no_terminal)
{
	EXPECT_OK(setsid());
	EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
	return 0;
}

TEST(new_session_has_no_terminal)
{
	EXPECT_EXIT(spawn_self("no_terminal"), 0);
}
