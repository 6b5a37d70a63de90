/* /proc/self/stat: 52 fields, a command name with blanks and brackets, ids, times, sizes. */
#include "proc.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/times.h>

enum { FIELDS = 52 };

/* Fields 3..52 into f[3..52]; returns the pid; the name goes to comm. */
static int parse(char *text, char *comm, long long f[FIELDS + 1], char *state)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	int i = 4;

	EXPECT(open && close && close > open);
	snprintf(comm, 64, "%.*s", (int)(close - open - 1), open + 1);
	*state = close[2];
	for (char *p = strtok(close + 3, " \n"); p; p = strtok(NULL, " \n")) {
		EXPECT_LE(i, FIELDS);
		f[i++] = strtoll(p, NULL, 10);
	}
	EXPECT_EQ(i, FIELDS + 1);
	return atoi(text);
}

TEST(identity)
{
	long long f[FIELDS + 1];
	char comm[64], state;

	EXPECT_OK(prctl(PR_SET_NAME, "a) (b c"));
	EXPECT_EQ(parse(proc_read("/proc/self/stat"), comm, f, &state), getpid());
	EXPECT_STR(comm, "a) (b c");
	EXPECT_EQ(state, 'R');
	EXPECT_EQ(f[4], getppid());
	EXPECT_EQ(f[5], getpgrp());
	EXPECT_EQ(f[6], getsid(0));
	EXPECT_EQ(f[20], 1);
	EXPECT_EQ(f[38], SIGCHLD);
}

TEST(processor_time)
{
	long long f[FIELDS + 1], before;
	char comm[64], state;
	volatile unsigned long x = 0;
	int64_t start = now_ns();

	parse(proc_read("/proc/self/stat"), comm, f, &state);
	before = f[14] + f[15];
	while (now_ns() - start < 300000000 && clock() < CLOCKS_PER_SEC * 2)
		for (int i = 0; i < 100000; i++)
			x = x + i;
	parse(proc_read("/proc/self/stat"), comm, f, &state);
	EXPECT_GT(f[14] + f[15], before);
	EXPECT_LE(f[14] + f[15], before + 300 * sysconf(_SC_CLK_TCK));
}

TEST(sizes)
{
	long long f[FIELDS + 1], size;
	char comm[64], state;
	char *p;

	parse(proc_read("/proc/self/stat"), comm, f, &state);
	size = f[23];
	p = EXPECT_OK(
		mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	parse(proc_read("/proc/self/stat"), comm, f, &state);
	EXPECT_GE(f[23], size + (8 << 20));
	EXPECT_GT(f[24], 0);
	munmap(p, 8 << 20);
}

TEST(start_time)
{
	long long f[FIELDS + 1], started;
	char comm[64], state;
	double up;

	parse(proc_read("/proc/self/stat"), comm, f, &state);
	started = f[22] / sysconf(_SC_CLK_TCK);
	EXPECT_EQ(sscanf(proc_read("/proc/uptime"), "%lf", &up), 1);
	EXPECT_LE(started, up + 1);
	EXPECT_GE(started, up - 120);
}

ROLE(sleeper)
{
	pause();
	return 0;
}

static char state_of(pid_t pid)
{
	long long f[FIELDS + 1];
	char comm[64], state;

	EXPECT_EQ(parse(proc_pid_read(pid, "stat"), comm, f, &state), pid);
	EXPECT_EQ(f[4], getpid());
	return state;
}

static void expect_state(pid_t pid, char want)
{
	for (int i = 0; i < 500 && state_of(pid) != want; i++)
		sleep_ms(10);
	EXPECT_EQ(state_of(pid), want);
}

TEST(states_of_a_child)
{
	pid_t pid = spawn_self("sleeper");

	expect_state(pid, 'S');
	EXPECT_OK(kill(pid, SIGSTOP));
	expect_state(pid, 'T');
	EXPECT_OK(kill(pid, SIGCONT));
	expect_state(pid, 'S');
	EXPECT_OK(kill(pid, SIGKILL));
	expect_state(pid, 'Z');
	EXPECT_SIGNALED(pid, SIGKILL);
}
