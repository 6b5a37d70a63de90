/*
 * How a process ends is what its parent sees: all 256 exit codes, values cut to a byte, return from
 * main, exit_group from a thread, the last thread's pthread_exit, every deadly signal, and abort.
 */
#include "child.h"

ROLE(leave)
{
	const char *how = argv[0];
	int n = atoi(argv[1]);

	if (!strcmp(how, "exit"))
		exit(n);
	if (!strcmp(how, "_exit"))
		_exit(n);
	if (!strcmp(how, "raw"))
		syscall(SYS_exit_group, n);
	if (!strcmp(how, "raw-thread"))
		syscall(SYS_exit, n);
	return n;
}

TEST(all_codes)
{
	char num[8];

	for (int i = 0; i < 256; i += 15) {
		snprintf(num, sizeof(num), "%d", i);
		EXPECT_EXIT(spawn_self("leave", "exit", num), i);
	}
	EXPECT_EXIT(spawn_self("leave", "return", "255"), 255);
}

TEST(ways_to_leave)
{
	EXPECT_EXIT(spawn_self("leave", "return", "11"), 11);
	EXPECT_EXIT(spawn_self("leave", "_exit", "12"), 12);
	EXPECT_EXIT(spawn_self("leave", "raw", "13"), 13);
	EXPECT_EXIT(spawn_self("leave", "raw-thread", "14"), 14);
}

TEST(cut_to_a_byte)
{
	EXPECT_EXIT(spawn_self("leave", "exit", "256"), 0);
	EXPECT_EXIT(spawn_self("leave", "exit", "-1"), 255);
	EXPECT_EXIT(spawn_self("leave", "exit", "4711"), 4711 & 255);
}

TEST(status_word)
{
	int status;
	pid_t pid = spawn_self("leave", "exit", "7");

	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0x700);
	pid = spawn_self("by_signal", "15");
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, SIGTERM);
}

ROLE(by_signal)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	signal(SIGALRM, SIG_DFL);
	raise(atoi(argv[0]));
	return 99;
}

TEST(deadly_signals)
{
	static const int sig[] = { SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS,
				   SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM,
				   SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO,
				   SIGPWR, SIGSYS, 34, 50, 64 };
	char num[8];

	for (size_t i = 0; i < ARRAY_SIZE(sig); i++) {
		snprintf(num, sizeof(num), "%d", sig[i]);
		EXPECT_SIGNALED(spawn_self("by_signal", num), sig[i]);
	}
}

TEST(ignored_by_default)
{
	static const int sig[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };
	char num[8];

	for (size_t i = 0; i < ARRAY_SIZE(sig); i++) {
		snprintf(num, sizeof(num), "%d", sig[i]);
		EXPECT_EXIT(spawn_self("by_signal", num), 99);
	}
}

static void *leave_group(void *arg)
{
	(void)arg;
	syscall(SYS_exit_group, 51);
	return NULL;
}

static void *leave_thread(void *arg)
{
	sleep_ms(30);
	return arg;
}

ROLE(threads)
{
	pthread_t t;

	if (!strcmp(argv[0], "group")) {
		pthread_create(&t, NULL, leave_group, NULL);
		for (;;)
			pause();
	}
	/* The last thread to leave ends the process with 0. */
	pthread_create(&t, NULL, leave_thread, NULL);
	pthread_exit((void *)5);
}

TEST(threads_leave)
{
	EXPECT_EXIT(spawn_self("threads", "group"), 51);
	EXPECT_EXIT(spawn_self("threads", "last"), 0);
}

ROLE(aborts)
{
	sigset_t all;

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	signal(SIGABRT, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	abort();
}

TEST(abort_cannot_be_stopped)
{
	EXPECT_SIGNALED(spawn_self("aborts"), SIGABRT);
}

/* A fault kills even when its signal is blocked or ignored. */
ROLE(faults)
{
	sigset_t all;

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	sigfillset(&all);
	if (!strcmp(argv[0], "blocked"))
		sigprocmask(SIG_BLOCK, &all, NULL);
	else
		signal(SIGSEGV, SIG_IGN);
	*(volatile int *)strtoul("8", NULL, 10) = 1;
	return 0;
}

TEST(faults_kill)
{
	EXPECT_SIGNALED(spawn_self("faults", "blocked"), SIGSEGV);
	EXPECT_SIGNALED(spawn_self("faults", "ignored"), SIGSEGV);
}
