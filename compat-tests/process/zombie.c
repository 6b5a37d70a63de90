/*
 * Between death and wait: a zombie keeps its pid, takes signals in vain, shows as Z in /proc;
 * ignoring SIGCHLD or SA_NOCLDWAIT makes children vanish by themselves and wait fail with ECHILD
 * after the last.
 */
#include "child.h"

ROLE(code)
{
	return atoi(argv[0]);
}

static pid_t make_zombie(const char *code)
{
	pid_t pid = spawn_self("code", code);
	siginfo_t si;

	EXPECT_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	return pid;
}

static char state_of(pid_t pid)
{
	char path[64], buf[512], *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, buf, sizeof(buf)) < 0)
		return 0;
	p = strrchr(buf, ')');
	return p ? p[2] : '?';
}

TEST(pid_is_kept)
{
	pid_t pid = make_zombie("3");

	EXPECT_OK(kill(pid, 0));
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_EQ(getpgid(pid), getpgrp());
	EXPECT_EXIT(pid, 3);
	EXPECT_ERRNO(kill(pid, 0), ESRCH);
}

TEST(state_in_proc)
{
	pid_t pid = make_zombie("0");

	EXPECT_EQ(state_of(pid), 'Z');
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(state_of(pid), 0);
}

TEST(many_zombies)
{
	pid_t pid[40];
	char num[16];

	for (int i = 0; i < 40; i++) {
		snprintf(num, sizeof(num), "%d", i);
		pid[i] = spawn_self("code", num);
	}
	for (int i = 0; i < 40; i++)
		EXPECT_EXIT(pid[i], i);
}

static void ignored_children(void)
{
	pid_t pid[5];

	for (int i = 0; i < 5; i++)
		pid[i] = spawn_self("code", "1");
	/* Waits for all of them, then there is nothing to tell. */
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
	for (int i = 0; i < 5; i++)
		EXPECT_ERRNO(kill(pid[i], 0), ESRCH);
}

TEST(sigchld_ignored)
{
	signal(SIGCHLD, SIG_IGN);
	ignored_children();
	signal(SIGCHLD, SIG_DFL);
}

static volatile sig_atomic_t chld;

static void on_chld(int sig)
{
	(void)sig;
	chld++;
}

TEST(sa_nocldwait)
{
	struct sigaction sa = { .sa_handler = on_chld, .sa_flags = SA_NOCLDWAIT | SA_RESTART };

	chld = 0;
	EXPECT_OK(sigaction(SIGCHLD, &sa, NULL));
	ignored_children();
	signal(SIGCHLD, SIG_DFL);
	EXPECT_GE(chld, 1);	/* Linux still sends the signal */
}

TEST(default_keeps_them)
{
	pid_t pid = make_zombie("8");

	signal(SIGCHLD, SIG_IGN);	/* too late for this one */
	signal(SIGCHLD, SIG_DFL);
	EXPECT_EXIT(pid, 8);
}

ROLE(threaded)
{
	pthread_exit(NULL);
}

TEST(leader_that_left_by_pthread_exit)
{
	EXPECT_EXIT(spawn_self("threaded"), 0);
}
