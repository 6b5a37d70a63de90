/*
 * Stopping and continuing: SIGSTOP and the terminal's stop signals stop, SIGCONT continues even
 * when blocked or ignored, the parent sees both with WUNTRACED and WCONTINUED, and each kind
 * discards what is pending of the other.
 */
#include "signals.h"

/* Counts in its stdout pipe: a byte per ms while it runs. */
ROLE(tick)
{
	for (;;) {
		if (write(1, ".", 1) != 1)
			return 1;
		sleep_ms(1);
	}
}

ROLE(pause)
{
	pause();
	return 1;
}

static int stopped_by(pid_t pid)
{
	int status;

	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	return WIFSTOPPED(status) ? WSTOPSIG(status) : -1;
}

static void expect_continued(pid_t pid)
{
	int status;

	EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
	EXPECT_EQ(status, 0xffff);
	EXPECT(WIFCONTINUED(status));
}

static void finish(pid_t pid)
{
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
}

TEST(status)
{
	pid_t pid = spawn_self("pause");
	int status = 0;

	for (int i = 0; i < 3; i++) {
		EXPECT_OK(kill(pid, SIGSTOP));
		EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
		EXPECT_EQ(status, SIGSTOP << 8 | 0x7f);
		EXPECT_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);	/* told once */
		EXPECT_OK(kill(pid, SIGCONT));
		expect_continued(pid);
		EXPECT_EQ(waitpid(pid, &status, WCONTINUED | WNOHANG), 0);
	}
	finish(pid);
}

TEST(not_told_without_wuntraced)
{
	pid_t pid = spawn_self("pause");
	siginfo_t si = { 0 };
	int status;

	EXPECT_OK(kill(pid, SIGSTOP));
	EXPECT_OK(waitid(P_PID, pid, &si, WSTOPPED | WNOWAIT));
	EXPECT_EQ(si.si_code, CLD_STOPPED);
	EXPECT_EQ(si.si_status, SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT_OK(kill(pid, SIGCONT));
	si = (siginfo_t){ 0 };
	EXPECT_OK(waitid(P_PID, pid, &si, WCONTINUED));
	EXPECT_EQ(si.si_code, CLD_CONTINUED);
	finish(pid);
}

/* Makes no progress while stopped. */
TEST(really_stops)
{
	posix_spawn_file_actions_t fa;
	char buf[4096];
	int fd[2];
	pid_t pid;

	EXPECT_OK(pipe2(fd, O_CLOEXEC | O_NONBLOCK));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd[1], 1);
	pid = spawn_self_with(&fa, NULL, "tick");
	posix_spawn_file_actions_destroy(&fa);
	while (read(fd[0], buf, sizeof(buf)) <= 0)
		sleep_ms(1);
	EXPECT_OK(kill(pid, SIGSTOP));
	EXPECT_EQ(stopped_by(pid), SIGSTOP);
	while (read(fd[0], buf, sizeof(buf)) > 0)
		;
	sleep_ms(30);
	EXPECT_ERRNO(read(fd[0], buf, sizeof(buf)), EAGAIN);
	EXPECT_OK(kill(pid, SIGCONT));
	while (read(fd[0], buf, sizeof(buf)) <= 0)
		sleep_ms(1);
	finish(pid);
	close(fd[0]);
	close(fd[1]);
}

/*
 * SIGTSTP, SIGTTIN and SIGTTOU stop only processes whose group is not orphaned: the child shares
 * our session and group.
 */
TEST(terminal_stop_signals)
{
	static const int sig[] = { SIGTSTP, SIGTTIN, SIGTTOU };
	posix_spawnattr_t at;

	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP);
	for (int i = 0; i < 3; i++) {
		pid_t pid = spawn_self_with(NULL, &at, "pause");

		EXPECT_OK(kill(pid, sig[i]));
		EXPECT_EQ(stopped_by(pid), sig[i]);
		EXPECT_OK(kill(pid, SIGCONT));
		expect_continued(pid);
		finish(pid);
	}
	posix_spawnattr_destroy(&at);
}

TEST(kill_ends_a_stopped_one)
{
	pid_t pid = spawn_self("pause");

	EXPECT_OK(kill(pid, SIGSTOP));
	EXPECT_EQ(stopped_by(pid), SIGSTOP);
	EXPECT_OK(kill(pid, SIGTERM));	/* waits */
	sleep_ms(10);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	EXPECT_OK(kill(pid, SIGKILL));	/* does not */
	EXPECT_SIGNALED(pid, SIGKILL);
}

TEST(other_signals_wait_for_cont)
{
	pid_t pid = spawn_self("pause");

	EXPECT_OK(kill(pid, SIGSTOP));
	EXPECT_EQ(stopped_by(pid), SIGSTOP);
	EXPECT_OK(kill(pid, SIGTERM));
	EXPECT_OK(kill(pid, SIGCONT));
	EXPECT_SIGNALED(pid, SIGTERM);
}

ROLE(cont_handler)
{
	log_start(SIGCONT, 0);
	if (argc)
		block(SIGCONT);
	raise(SIGSTOP);
	/* Running again, so SIGCONT did its first work in any case. */
	if (argc) {
		if (logged.count)
			return 1;
		unblock(SIGCONT);
	}
	return logged.count == 1 ? 33 : 2;
}

TEST(cont_is_also_a_signal)
{
	pid_t pid = spawn_self("cont_handler");

	EXPECT_EQ(stopped_by(pid), SIGSTOP);
	EXPECT_OK(kill(pid, SIGCONT));
	EXPECT_EXIT(pid, 33);
	pid = spawn_self("cont_handler", "blocked");
	EXPECT_EQ(stopped_by(pid), SIGSTOP);
	EXPECT_OK(kill(pid, SIGCONT));
	EXPECT_EXIT(pid, 33);
}

TEST(cont_discards_pending_stops)
{
	block(SIGTSTP);
	log_start(SIGTSTP, 0);
	raise(SIGTSTP);
	EXPECT(is_pending(SIGTSTP));
	raise(SIGCONT);
	EXPECT(!is_pending(SIGTSTP));
	block(SIGCONT);
	raise(SIGCONT);
	EXPECT(is_pending(SIGCONT));
	raise(SIGTSTP);
	EXPECT(!is_pending(SIGCONT));
	unblock(SIGTSTP);
	EXPECT_EQ(logged.count, 1);
	unblock(SIGCONT);
	signal(SIGTSTP, SIG_DFL);
}

static atomic_ulong spins;

static void *spin(void *arg)
{
	for (;;)
		atomic_fetch_add((atomic_ulong *)arg, 1);
	return NULL;
}

ROLE(stop_all_threads)
{
	pthread_t t;

	EXPECT_EQ(pthread_create(&t, NULL, spin, &spins), 0);
	while (!atomic_load(&spins))
		sched_yield();
	raise(SIGSTOP);
	return 44;
}

/* User plus system time in clock ticks. */
static int64_t cpu_of(pid_t pid)
{
	char path[64], buf[1024], *p;
	unsigned long user = 0, sys = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	EXPECT_GT(read_file(path, buf, sizeof(buf)), 0);
	p = strrchr(buf, ')');
	EXPECT(p != NULL);
	EXPECT_EQ(sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys),
		  2);
	return (int64_t)(user + sys);
}

TEST(threads_stop_too)
{
	pid_t pid = spawn_self("stop_all_threads");
	int64_t cpu;

	EXPECT_EQ(stopped_by(pid), SIGSTOP);
	do { /* on a busy machine the other thread's processor may have had no time to stop it; else this never ends */
		cpu = cpu_of(pid);
		sleep_ms(100);
	} while (cpu_of(pid) - cpu > 2);	/* ticks of 10 ms */
	EXPECT_OK(kill(pid, SIGCONT));
	EXPECT_EXIT(pid, 44);
}
