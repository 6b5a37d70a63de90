/*
 * wait4 and waitid: which children they mean (any, pid, group), WNOHANG and WNOWAIT, ECHILD and
 * EINVAL, the siginfo and rusage they fill, and that each child is reported once.
 */
#include "child.h"

/* A child that ends when its stdin does. */
ROLE(until_eof)
{
	char c;

	while (read(0, &c, 1) > 0)
		;
	return argc ? atoi(argv[0]) : 0;
}

static pid_t start_blocked(int *hold, const char *code, pid_t group)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	int fd[2];
	pid_t pid;

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd[0], 0);
	posix_spawnattr_init(&at);
	if (group >= 0) {
		posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP);
		posix_spawnattr_setpgroup(&at, group);
	}
	pid = spawn_self_with(&fa, &at, "until_eof", code);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&at);
	close(fd[0]);
	*hold = fd[1];
	return pid;
}

ROLE(code)
{
	return atoi(argv[0]);
}

TEST(no_children)
{
	siginfo_t si;

	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(-1, NULL, WNOHANG), ECHILD);
	EXPECT_ERRNO(waitpid(0, NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(getpid(), NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(getppid(), NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(-0x3fffff, NULL, 0), ECHILD);
	EXPECT_ERRNO(waitid(P_ALL, 0, &si, WEXITED), ECHILD);
}

TEST(bad_options)
{
	siginfo_t si;
	int hold;
	pid_t pid = start_blocked(&hold, "0", -1);

	EXPECT_ERRNO(waitpid(pid, NULL, 0x100), EINVAL);
	EXPECT_ERRNO(waitid(P_ALL, 0, &si, 0), EINVAL);
	EXPECT_ERRNO(waitid(P_ALL, 0, &si, WNOHANG), EINVAL);
	EXPECT_ERRNO(waitid(77, 0, &si, WEXITED), EINVAL);
	EXPECT_ERRNO(waitid(P_PID, 0, &si, WEXITED), EINVAL);
	close(hold);
	EXPECT_EXIT(pid, 0);
}

TEST(nohang)
{
	int hold, status = 0x1234567;
	pid_t pid = start_blocked(&hold, "5", -1);
	siginfo_t si;

	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	EXPECT_EQ(status, 0x1234567);
	EXPECT_EQ(waitpid(-1, &status, WNOHANG), 0);
	memset(&si, 0xff, sizeof(si));
	EXPECT_EQ(waitid(P_PID, pid, &si, WEXITED | WNOHANG), 0);
	EXPECT_EQ(si.si_pid, 0);
	EXPECT_EQ(si.si_signo, 0);
	close(hold);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	EXPECT_ERRNO(waitpid(pid, &status, WNOHANG), ECHILD);
}

TEST(any_child_each_once)
{
	pid_t pid[10];
	char num[10][4];
	int seen = 0, status;

	for (int i = 0; i < 10; i++) {
		snprintf(num[i], sizeof(num[i]), "%d", i + 1);
		pid[i] = spawn_self("code", num[i]);
	}
	for (int i = 0; i < 10; i++) {
		pid_t got = EXPECT_OK(waitpid(-1, &status, 0));

		EXPECT(WIFEXITED(status));
		EXPECT_EQ(got, pid[WEXITSTATUS(status) - 1]);
		seen |= 1 << WEXITSTATUS(status);
	}
	EXPECT_EQ(seen, 0x7fe);
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
}

TEST(by_group)
{
	int hold[3], status;
	pid_t a = start_blocked(&hold[0], "1", 0), b = start_blocked(&hold[1], "2", a),
	      c = start_blocked(&hold[2], "3", -1);

	close(hold[2]);
	EXPECT_EQ(waitpid(0, &status, 0), c);
	EXPECT_EQ(WEXITSTATUS(status), 3);
	EXPECT_ERRNO(waitpid(0, &status, WNOHANG), ECHILD);
	EXPECT_EQ(waitpid(-a, &status, WNOHANG), 0);
	close(hold[1]);
	EXPECT_EQ(waitpid(-a, &status, 0), b);
	close(hold[0]);
	EXPECT_EQ(waitpid(-a, &status, 0), a);
	EXPECT_ERRNO(waitpid(-a, &status, 0), ECHILD);
}

TEST(waitid_fills_siginfo)
{
	pid_t pid = spawn_self("code", "200");
	siginfo_t si = { 0 };

	EXPECT_OK(waitid(P_PID, pid, &si, WEXITED));
	EXPECT_EQ(si.si_signo, SIGCHLD);
	EXPECT_EQ(si.si_code, CLD_EXITED);
	EXPECT_EQ(si.si_pid, pid);
	EXPECT_EQ(si.si_status, 200);
	EXPECT_EQ(si.si_uid, getuid());
	EXPECT_ERRNO(waitid(P_PID, pid, &si, WEXITED), ECHILD);
}

TEST(waitid_killed)
{
	int hold;
	pid_t pid = start_blocked(&hold, "0", -1);
	siginfo_t si = { 0 };

	EXPECT_OK(kill(pid, SIGTERM));
	EXPECT_OK(waitid(P_ALL, 0, &si, WEXITED));
	EXPECT_EQ(si.si_code, CLD_KILLED);
	EXPECT_EQ(si.si_status, SIGTERM);
	EXPECT_EQ(si.si_pid, pid);
	close(hold);
}

TEST(nowait_leaves_it)
{
	pid_t pid = spawn_self("code", "9");
	siginfo_t si = { 0 };

	for (int i = 0; i < 3; i++) {
		EXPECT_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
		EXPECT_EQ(si.si_pid, pid);
		EXPECT_EQ(si.si_status, 9);
	}
	EXPECT_EXIT(pid, 9);
}

TEST(waitid_by_group)
{
	int hold[2];
	pid_t a = start_blocked(&hold[0], "1", 0), b = start_blocked(&hold[1], "2", -1);
	siginfo_t si = { 0 };

	close(hold[1]);
	close(hold[0]);
	EXPECT_OK(waitid(P_PGID, a, &si, WEXITED));
	EXPECT_EQ(si.si_pid, a);
	EXPECT_OK(waitid(P_PGID, getpgrp(), &si, WEXITED));
	EXPECT_EQ(si.si_pid, b);
}

TEST(rusage_of_the_child)
{
	struct rusage ru;
	pid_t pid = spawn_self("burn", "60");
	int status;

	memset(&ru, 0xff, sizeof(ru));
	EXPECT_EQ(wait4(pid, &status, 0, &ru), pid);
	EXPECT_GE((ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000 +
		  (ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1000, 50);
	EXPECT_LT(ru.ru_utime.tv_sec, 10);
	EXPECT_GT(ru.ru_maxrss, 0);
}

ROLE(burn)
{
	struct timespec t;
	long limit = atol(argv[0]) * 1000000;

	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	while (t.tv_sec * 1000000000 + t.tv_nsec < limit);
	return 0;
}

TEST(bad_pointers)
{
	pid_t pid = spawn_self("code", "1");

	sleep_ms(20);
	EXPECT_ERRNO(waitpid(pid, (int *)8, 0), EFAULT);
	/* The child was reaped all the same or not; neither may hang. */
	waitpid(pid, NULL, WNOHANG);
}

static void *waiter(void *arg)
{
	return (void *)(long)wait_status(*(pid_t *)arg);
}

TEST(another_thread_may_wait)
{
	int hold;
	pid_t pid = start_blocked(&hold, "66", -1);
	pthread_t t;
	void *r;

	EXPECT_EQ(pthread_create(&t, NULL, waiter, &pid), 0);
	sleep_ms(20);
	close(hold);
	EXPECT_EQ(pthread_join(t, &r), 0);
	EXPECT_EQ(WEXITSTATUS((long)r), 66);
}
