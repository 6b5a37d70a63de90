/*
 * kill and friends: signal 0 only asks, wrong signals and pids are refused, other users are
 * protected, and a signal sent to oneself has arrived when kill returns.
 */
#include "signals.h"

ROLE(pause)
{
	pause();
	return 1;
}

TEST(signal_zero)
{
	pid_t pid = spawn_self("pause");

	EXPECT_OK(kill(getpid(), 0));
	EXPECT_OK(kill(pid, 0));
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
	EXPECT_ERRNO(kill(pid, 0), ESRCH);
}

TEST(errors)
{
	EXPECT_ERRNO(kill(0x3ffffff, SIGTERM), ESRCH);
	EXPECT_ERRNO(kill(-0x3ffffff, SIGTERM), ESRCH);
	EXPECT_ERRNO(kill(getpid(), 65), EINVAL);
	EXPECT_ERRNO(kill(getpid(), -1), EINVAL);
	EXPECT_ERRNO(kill(INT_MIN, SIGTERM), ESRCH);
	EXPECT_EQ(raise(65), -1);
}

TEST(arrives_before_kill_returns)
{
	log_start(SIGUSR1, 0);
	for (int i = 1; i <= 1000; i++) {
		kill(getpid(), SIGUSR1);
		EXPECT_EQ(logged.count, i);
	}
	signal(SIGUSR1, SIG_DFL);
}

ROLE(kill_as_nobody)
{
	pid_t pid = atoi(argv[0]);

	EXPECT_OK(setuid(65534));
	EXPECT_ERRNO(kill(pid, 0), EPERM);
	EXPECT_ERRNO(kill(pid, SIGTERM), EPERM);
	EXPECT_ERRNO(kill(pid, 99), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tgkill, pid, pid, SIGTERM), EPERM);
	EXPECT_OK(kill(getpid(), 0));
	return 0;
}

TEST(other_users)
{
	char num[16];

	if (geteuid() != 0)
		SKIP("not root");
	snprintf(num, sizeof(num), "%d", getpid());
	EXPECT_EXIT(spawn_self("kill_as_nobody", num), 0);
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

TEST(kill_beats_everything)
{
	pid_t pid = spawn_self("deaf");

	while (state_of(pid) != 'S')
		sleep_ms(1);
	for (int sig = 1; sig < 32; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sig != SIGCONT)
			EXPECT_OK(kill(pid, sig));
	sleep_ms(20);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
}

ROLE(deaf)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (;;)
		sigsuspend(&all);
	return 0;
}

static volatile sig_atomic_t from;

static void note_sender(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	from = si->si_pid;
}

ROLE(kill_parent)
{
	return kill(getppid(), SIGUSR1);
}

TEST(sender_is_told)
{
	pid_t pid;

	set_handler(SIGUSR1, note_sender, 0);
	pid = spawn_self("kill_parent");
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(from, pid);
	signal(SIGUSR1, SIG_DFL);
}

ROLE(count_signals)
{
	sigset_t set;

	log_start(SIGRTMIN, 0);
	sigfillset(&set);
	sigdelset(&set, SIGRTMIN);
	sigdelset(&set, SIGALRM);
	EXPECT_EQ(write(1, "r", 1), 1);
	while (logged.count < 300)
		sigsuspend(&set);
	return logged.count == 300 ? 0 : 1;
}

TEST(three_hundred_to_a_child)
{
	posix_spawn_file_actions_t fa;
	int fd[2];
	pid_t pid;
	char c;

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd[1], 1);
	block(SIGRTMIN);
	pid = spawn_self_with(&fa, NULL, "count_signals");
	unblock(SIGRTMIN);
	posix_spawn_file_actions_destroy(&fa);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	for (int i = 0; i < 300; i++)
		EXPECT_OK(sigqueue(pid, SIGRTMIN, (union sigval){ .sival_int = i }));
	EXPECT_EXIT(pid, 0);
	close(fd[0]);
	close(fd[1]);
}
