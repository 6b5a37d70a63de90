/* Processes without end: stopped by RLIMIT_NPROC with EAGAIN, a tree of them, fast turnover. */
#include "naughty.h"
#include <grp.h>

enum { SOME_USER = 54321, LIMIT = 24, MAX_SPAWNED = 200 };

ROLE(sleeper)
{
	pause();
	return 0;
}

/* Spawns sleepers until it may not, as a user of its own; kills them all. */
ROLE(bomb)
{
	struct rlimit l = { LIMIT, LIMIT };
	char *child[] = { "self", "--role", "sleeper", NULL };
	pid_t pid[MAX_SPAWNED];
	int n = 0, err = 0;

	if (!getuid()) {
		EXPECT_OK(setgroups(0, NULL));
		EXPECT_OK(setresgid(SOME_USER, SOME_USER, SOME_USER));
		EXPECT_OK(setresuid(SOME_USER, SOME_USER, SOME_USER));
	}
	EXPECT_OK(setrlimit(RLIMIT_NPROC, &l));
	while (n < MAX_SPAWNED &&
	       !(err = posix_spawn(&pid[n], "/proc/self/exe", NULL, NULL, child, environ)))
		n++;
	for (int i = 0; i < n; i++)
		EXPECT_OK(kill(pid[i], SIGKILL));
	for (int i = 0; i < n; i++)
		EXPECT_SIGNALED(pid[i], SIGKILL);
	EXPECT_EQ(err, EAGAIN);
	EXPECT_LT(n, LIMIT);
	return 0;
}

TEST(stopped_by_the_limit)
{
	EXPECT_EXIT(spawn_self("bomb"), 0);
	expect_alive();
}

ROLE(tree)
{
	char depth[12];
	pid_t a, b;

	if (atoi(argv[0]) == 0)
		return 1;
	snprintf(depth, sizeof(depth), "%d", atoi(argv[0]) - 1);
	a = spawn_self("tree", depth);
	b = spawn_self("tree", depth);
	return WEXITSTATUS(wait_status(a)) + WEXITSTATUS(wait_status(b));
}

TEST(tree_of_processes)
{
	EXPECT_EXIT(spawn_self("tree", "5"), 32);
}

TEST(many_at_once)
{
	pid_t pid[64];

	for (int i = 0; i < 64; i++)
		pid[i] = spawn_self("sleeper");
	expect_alive();
	for (int i = 63; i >= 0; i--)
		EXPECT_OK(kill(pid[i], SIGTERM));
	for (int i = 0; i < 64; i++)
		EXPECT_SIGNALED(pid[i], SIGTERM);
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
}

ROLE(leave)
{
	return atoi(argv[0]);
}

TEST(zombies_pile_up)
{
	pid_t pid[50];
	char num[8];

	for (int i = 0; i < 50; i++) {
		snprintf(num, sizeof(num), "%d", i);
		pid[i] = spawn_self("leave", num);
	}
	for (int i = 49; i >= 0; i--)
		EXPECT_EXIT(pid[i], i);
}
