/*
 * What handlers may do: system calls, errno kept by the program, spawn and wait, blocking reads,
 * new handlers, timers; the interrupted code never notices.
 */
#include "signals.h"

static int fds[2];

static void do_calls(int sig, siginfo_t *si, void *uc)
{
	int saved = errno;
	char c;

	(void)sig, (void)si, (void)uc;
	close(-1);
	if (write(fds[1], "h", 1) != 1 || read(fds[0], &c, 1) != 1 || c != 'h')
		_exit(90);
	if (getpid() != (pid_t)syscall(SYS_getpid))
		_exit(91);
	logged.count++;
	errno = saved;
}

TEST(calls_and_errno)
{
	EXPECT_OK(pipe(fds));
	logged.count = 0;
	set_handler(SIGUSR1, do_calls, 0);
	for (int i = 1; i <= 200; i++) {
		errno = ENOTTY;
		raise(SIGUSR1);
		EXPECT_EQ(errno, ENOTTY);
		EXPECT_EQ(logged.count, i);
	}
	close(fds[0]);
	close(fds[1]);
	signal(SIGUSR1, SIG_DFL);
}

static volatile int child_status;

static void spawn_inside(int sig, siginfo_t *si, void *uc)
{
	static char *argv[] = { "self", "--role", "code", "19", NULL };
	pid_t pid = vfork();
	int status;

	(void)sig, (void)si, (void)uc;
	if (pid == 0) {
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	child_status = WEXITSTATUS(status);
}

ROLE(code)
{
	return atoi(argv[0]);
}

TEST(vfork_exec_wait)
{
	set_handler(SIGUSR1, spawn_inside, 0);
	for (int i = 0; i < 3; i++) {
		child_status = -1;
		raise(SIGUSR1);
		EXPECT_EQ(child_status, 19);
	}
	signal(SIGUSR1, SIG_DFL);
}

static void sleep_inside(int sig, siginfo_t *si, void *uc)
{
	struct timespec t = { 0, 20000000 };

	(void)sig, (void)si, (void)uc;
	nanosleep(&t, NULL);
	logged.count++;
}

TEST(sleeping)
{
	int64_t start = now_ns();

	logged.count = 0;
	set_handler(SIGUSR1, sleep_inside, 0);
	raise(SIGUSR1);
	raise(SIGUSR1);
	EXPECT_EQ(logged.count, 2);
	EXPECT_GE(now_ns() - start, 40000000);
	signal(SIGUSR1, SIG_DFL);
}

static void second(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si, (void)uc;
	logged.count += 100;
}

static void first(int sig, siginfo_t *si, void *uc)
{
	struct sigaction sa = { .sa_sigaction = second, .sa_flags = SA_SIGINFO };

	(void)si, (void)uc;
	logged.count++;
	sigaction(sig, &sa, NULL);
}

TEST(install_another_handler)
{
	logged.count = 0;
	set_handler(SIGUSR1, first, 0);
	raise(SIGUSR1);
	EXPECT_EQ(logged.count, 1);
	raise(SIGUSR1);
	EXPECT_EQ(logged.count, 101);
	signal(SIGUSR1, SIG_DFL);
}

static pthread_t self;
static int mine[2];

static void *poke(void *arg)
{
	for (int i = 0; i < 20; i++) {
		sleep_ms(1);
		pthread_kill(self, SIGUSR1);
	}
	EXPECT_EQ(write(mine[1], "m", 1), 1);
	return arg;
}

/* A restarted read in the program, with reads of another pipe in the handler meanwhile. */
TEST(under_a_blocking_read)
{
	pthread_t t;
	char c = 0;

	EXPECT_OK(pipe(fds));
	EXPECT_OK(pipe(mine));
	logged.count = 0;
	set_handler(SIGUSR1, do_calls, SA_RESTART);
	self = pthread_self();
	EXPECT_EQ(pthread_create(&t, NULL, poke, NULL), 0);
	EXPECT_EQ(read(mine[0], &c, 1), 1);
	EXPECT_EQ(c, 'm');
	pthread_join(t, NULL);
	EXPECT_GE(logged.count, 5);
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(mine[i]);
	}
	signal(SIGUSR1, SIG_DFL);
}

static void exit_inside(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si, (void)uc;
	_exit(57);
}

ROLE(exits)
{
	set_handler(SIGUSR1, exit_inside, 0);
	raise(SIGUSR1);
	return 1;
}

TEST(exit_inside)
{
	EXPECT_EXIT(spawn_self("exits"), 57);
}

static void exec_inside(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si, (void)uc;
	execl("/proc/self/exe", "self", "--role", "after_exec", NULL);
	_exit(127);
}

ROLE(execs)
{
	set_handler(SIGUSR1, exec_inside, 0);
	raise(SIGUSR1);
	return 1;
}

/* The signal stays blocked over exec: its handler never returned. */
ROLE(after_exec)
{
	return is_blocked(SIGUSR1) ? 58 : 1;
}

TEST(exec_inside)
{
	EXPECT_EXIT(spawn_self("execs"), 58);
}
