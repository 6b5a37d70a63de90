/*
 * Default actions: what ends a process, what stops it, what does nothing; the disposition "ignore"
 * for each; and that a fatal signal in one thread ends the whole process.
 */
#include "signals.h"
#include <sys/resource.h>

ROLE(take)
{
	int sig = atoi(argv[0]);

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	if (sig == SIGALRM)
		signal(SIGALRM, SIG_DFL);
	if (argc > 1)
		EXPECT(signal(sig, SIG_IGN) != SIG_ERR);
	kill(getpid(), sig);
	return 9;
}

static void number(char *buf, int n)
{
	snprintf(buf, 16, "%d", n);
}

TEST(ending)
{
	char num[16];

	for (int sig = 1; sig <= 64; sig++) {
		if (sig == SIGCHLD || sig == SIGCONT || sig == SIGSTOP || sig == SIGTSTP ||
		    sig == SIGTTIN || sig == SIGTTOU || sig == SIGURG || sig == SIGWINCH ||
		    sig == 32 || sig == 33)
			continue;
		number(num, sig);
		EXPECT_SIGNALED(spawn_self("take", num), sig);
	}
}

TEST(harmless)
{
	static const int sig[] = { SIGCHLD, SIGCONT, SIGURG, SIGWINCH };
	char num[16];

	for (size_t i = 0; i < ARRAY_SIZE(sig); i++) {
		number(num, sig[i]);
		EXPECT_EXIT(spawn_self("take", num), 9);
	}
}

TEST(ignored)
{
	char num[16];

	for (int sig = 1; sig <= 64; sig += 3) {
		if (sig == SIGKILL || sig == SIGSTOP || sig == 32 || sig == 33)
			continue;
		number(num, sig);
		EXPECT_EXIT(spawn_self("take", num, "ignore"), 9);
	}
}

TEST(stopping)
{
	posix_spawnattr_t at;
	int status;
	char num[16];
	pid_t pid;

	number(num, SIGTSTP);
	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP);
	pid = spawn_self_with(NULL, &at, "take", num);
	posix_spawnattr_destroy(&at);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
	EXPECT_OK(kill(pid, SIGCONT));
	EXPECT_EXIT(pid, 9);
}

static void *die_here(void *arg)
{
	if (!strcmp(arg, "fault"))
		*(volatile int *)strtoul("32", NULL, 10) = 1;
	pthread_kill(pthread_self(), SIGTERM);
	return NULL;
}

ROLE(die_in_thread)
{
	pthread_t t;

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	pthread_create(&t, NULL, die_here, argv[0]);
	pause();
	return 1;
}

TEST(one_thread_takes_all_along)
{
	EXPECT_SIGNALED(spawn_self("die_in_thread", "fault"), SIGSEGV);
	EXPECT_SIGNALED(spawn_self("die_in_thread", "kill"), SIGTERM);
}

/* An unknown instruction, a division and a bad access, each with its own signal. */
ROLE(fault)
{
	int zero = 0, one = 1;

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	switch (argv[0][0]) {
	case 'u':
		__asm__ volatile("ud2");
		break;
	case 'd':
		__asm__ volatile("cltd\n\tidivl %1" : "+a"(one) : "r"(zero) : "edx", "cc");
		break;
	case 'i':
		__asm__ volatile("int3");
		break;
	case 'h':
		__asm__ volatile("hlt");
		break;
	}
	return 1;
}

TEST(faults)
{
	EXPECT_SIGNALED(spawn_self("fault", "u"), SIGILL);
	EXPECT_SIGNALED(spawn_self("fault", "d"), SIGFPE);
	EXPECT_SIGNALED(spawn_self("fault", "i"), SIGTRAP);
	EXPECT_SIGNALED(spawn_self("fault", "h"), SIGSEGV);
}
