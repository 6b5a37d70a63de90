/*
 * SIGCHLD: sent for exits, kills, stops and continues with the right codes; SA_NOCLDSTOP keeps the
 * last two away; several deaths may merge, so a handler loops over waitpid.
 */
#include "signals.h"

ROLE(code)
{
	return atoi(argv[0]);
}

ROLE(pause)
{
	pause();
	return 1;
}

static void wait_logged(int n)
{
	while (logged.count < n)
		sleep_ms(1);
}

TEST(exit_and_kill)
{
	pid_t pid;

	log_start(SIGCHLD, SA_RESTART);
	pid = spawn_self("code", "55");
	wait_logged(1);
	EXPECT_EQ(logged.info[0].si_code, CLD_EXITED);
	EXPECT_EQ(logged.info[0].si_pid, pid);
	EXPECT_EQ(logged.info[0].si_status, 55);
	EXPECT_EQ(logged.info[0].si_uid, getuid());
	EXPECT_EXIT(pid, 55);
	pid = spawn_self("pause");
	kill(pid, SIGKILL);
	wait_logged(2);
	EXPECT_EQ(logged.info[1].si_code, CLD_KILLED);
	EXPECT_EQ(logged.info[1].si_status, SIGKILL);
	EXPECT_EQ(logged.info[1].si_pid, pid);
	EXPECT_SIGNALED(pid, SIGKILL);
	signal(SIGCHLD, SIG_DFL);
}

TEST(stop_and_continue)
{
	pid_t pid;

	log_start(SIGCHLD, SA_RESTART);
	pid = spawn_self("pause");
	kill(pid, SIGSTOP);
	wait_logged(1);
	EXPECT_EQ(logged.info[0].si_code, CLD_STOPPED);
	EXPECT_EQ(logged.info[0].si_status, SIGSTOP);
	EXPECT_EQ(logged.info[0].si_pid, pid);
	kill(pid, SIGCONT);
	wait_logged(2);
	EXPECT_EQ(logged.info[1].si_code, CLD_CONTINUED);
	EXPECT_EQ(logged.info[1].si_status, SIGCONT);
	kill(pid, SIGKILL);
	wait_logged(3);
	EXPECT_SIGNALED(pid, SIGKILL);
	signal(SIGCHLD, SIG_DFL);
}

TEST(nocldstop)
{
	int status;
	pid_t pid;

	log_start(SIGCHLD, SA_RESTART | SA_NOCLDSTOP);
	pid = spawn_self("pause");
	kill(pid, SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	kill(pid, SIGCONT);
	EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
	sleep_ms(10);
	EXPECT_EQ(logged.count, 0);
	kill(pid, SIGKILL);
	EXPECT_SIGNALED(pid, SIGKILL);
	wait_logged(1);
	EXPECT_EQ(logged.count, 1);
	signal(SIGCHLD, SIG_DFL);
}

static volatile int reaped, code_sum;

static void reap_all(int sig, siginfo_t *si, void *uc)
{
	int saved = errno, status;

	(void)sig, (void)si, (void)uc;
	while (waitpid(-1, &status, WNOHANG) > 0) {
		reaped++;
		code_sum += WEXITSTATUS(status);
	}
	errno = saved;
}

TEST(loop_in_the_handler)
{
	char num[16];

	reaped = code_sum = 0;
	set_handler(SIGCHLD, reap_all, SA_RESTART);
	for (int i = 1; i <= 40; i++) {
		snprintf(num, sizeof(num), "%d", i);
		spawn_self("code", num);
	}
	while (reaped < 40)
		sleep_ms(1);
	EXPECT_EQ(code_sum, 40 * 41 / 2);
	EXPECT_ERRNO(waitpid(-1, NULL, WNOHANG), ECHILD);
	signal(SIGCHLD, SIG_DFL);
}

TEST(merged_while_blocked)
{
	pid_t pid[5];
	siginfo_t si;

	log_start(SIGCHLD, 0);
	block(SIGCHLD);
	for (int i = 0; i < 5; i++)
		pid[i] = spawn_self("code", "0");
	for (int i = 0; i < 5; i++)
		EXPECT_OK(waitid(P_PID, pid[i], &si, WEXITED | WNOWAIT));
	unblock(SIGCHLD);
	EXPECT_EQ(logged.count, 1);
	for (int i = 0; i < 5; i++)
		EXPECT_EXIT(pid[i], 0);
	signal(SIGCHLD, SIG_DFL);
}

/* When SIGCHLD is handled, the child can be waited for already. */
static volatile int waitable;

static void try_wait(int sig, siginfo_t *si, void *uc)
{
	int status;

	(void)sig, (void)uc;
	if (waitpid(si->si_pid, &status, WNOHANG) == si->si_pid)
		waitable++;
}

TEST(child_is_a_zombie_by_then)
{
	waitable = 0;
	set_handler(SIGCHLD, try_wait, SA_RESTART);
	for (int i = 1; i <= 30; i++) {
		spawn_self("code", "0");
		while (waitable < i)
			sched_yield();
	}
	signal(SIGCHLD, SIG_DFL);
}
