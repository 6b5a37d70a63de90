/*
 * Orphans: when a parent dies, getppid() of the child changes at once to its reaper, which is the
 * nearest ancestor that asked with PR_SET_CHILD_SUBREAPER, and that one can wait for it.
 */
#include "child.h"
#include <sys/prctl.h>

/* Starts a grandchild and leaves; the grandchild reports over the inherited pipe on fd 1. */
ROLE(parent)
{
	char me[16];

	snprintf(me, sizeof(me), "%d", getpid());
	spawn_self("grandchild", me, argv[0]);
	return 0;
}

ROLE(grandchild)
{
	pid_t old = atoi(argv[0]);

	while (getppid() == old)
		sleep_ms(1);
	printf("%d %d\n", getpid(), getppid());
	fflush(stdout);
	return atoi(argv[1]);
}

static struct outcome o;

TEST(gets_another_parent)
{
	int pid, ppid;

	EXPECT_EQ(run_self(&o, "parent", "0"), 0);	/* reads until the grandchild is done too */
	EXPECT(exited(&o, 0));
	EXPECT_EQ(sscanf(o.out, "%d %d", &pid, &ppid), 2);
	EXPECT_GT(pid, 0);
	EXPECT_GT(ppid, 0);
	EXPECT_NE(ppid, getpid());
	EXPECT_ERRNO(waitpid(pid, NULL, WNOHANG), ECHILD);
}

TEST(subreaper_gets_it)
{
	int pid, ppid, status;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	EXPECT_EQ(run_self(&o, "parent", "23"), 0);
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 0));
	EXPECT_EQ(sscanf(o.out, "%d %d", &pid, &ppid), 2);
	EXPECT_EQ(ppid, getpid());
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 23);
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
}

TEST(subreaper_flag)
{
	int on = -1;

	EXPECT_OK(prctl(PR_GET_CHILD_SUBREAPER, &on));
	EXPECT_EQ(on, 0);
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	EXPECT_OK(prctl(PR_GET_CHILD_SUBREAPER, &on));
	EXPECT_EQ(on, 1);
	EXPECT_EXIT(spawn_self("not_subreaper"), 0);	/* not inherited */
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 0));
}

ROLE(not_subreaper)
{
	int on = -1;

	EXPECT_OK(prctl(PR_GET_CHILD_SUBREAPER, &on));
	return on;
}

/* A zombie whose parent dies before waiting goes to the reaper as a zombie. */
ROLE(careless)
{
	pid_t pid = spawn_self("code", "31");
	siginfo_t si;

	EXPECT_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	printf("%d\n", pid);
	fflush(stdout);
	return 0;
}

ROLE(code)
{
	return atoi(argv[0]);
}

TEST(zombie_moves_too)
{
	int status;
	pid_t pid;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	EXPECT_EQ(run_self(&o, "careless"), 0);
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 0));
	pid = atoi(o.out);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(WEXITSTATUS(status), 31);
}

ROLE(tree)
{
	char left[16];
	int n = atoi(argv[0]);

	if (n) {
		snprintf(left, sizeof(left), "%d", n - 1);
		spawn_self("tree", left);
		spawn_self("tree", left);
	}
	return 0;
}

/* A tree of 31 processes in which nobody waits: the subreaper meets every one but the first. */
TEST(whole_tree)
{
	int count = 0, status;
	pid_t first;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	first = spawn_self("tree", "4");
	while (waitpid(-1, &status, 0) > 0) {
		EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		count++;
	}
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 0));
	EXPECT_GT(first, 0);
	EXPECT_EQ(count, 31);
}
