/*
 * Adds a modelled column to a benchmark of memory: what its memory would do in the EPC of a profile's processor.
 * Usage: epcmodel PROFILE COMMAND [ARGS]
 *
 * Runs the command and passes its sample lines on. After the samples of each case "memory,ORDER-SIZEm-BLOCK,throughput"
 * come as many with the metric "modelled-counted" or "modelled-curve", divided by the slowdown (host/bed/misses.h):
 * counted by the processor's counter of cache misses while the case ran, warm-up and all; or, where there is no such
 * counter, of the published curve by SIZE, for random reads only. A comment says the slowdown of each case. Nothing
 * of this was measured on SGX.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "host/bed/misses.h"

#define SAMPLES_MAX 4096

static struct cost_profile profile;
static int counter;
static uint64_t misses_before;
static long before_ns;
static char current[64];	/* case; empty: none yet */
static double values[SAMPLES_MAX];
static int count;

/* Of the case that has just ended, and by which way; 0: not known. */
static double slowdown(const char **way)
{
	long now = bench_now_ns(), ns = now - before_ns;
	uint64_t misses = misses_before, last = misses_before;
	unsigned long mbytes;

	before_ns = now;
	if (counter >= 0 && !misses_read(counter, &misses)) {
		misses_before = misses;
		*way = "modelled-counted";
		return misses_slowdown(&profile, misses - last, (double)ns / 1e9);
	}
	*way = "modelled-curve";
	if (sscanf(current, "rand-%lum-", &mbytes) != 1)
		return 0;
	return misses_slowdown_curve(profile.name, mbytes << 20);
}

static void case_end(void)
{
	const char *way;
	double times;

	if (!current[0])
		return;
	times = slowdown(&way);
	if (times > 0)
		printf("# %s: %s of %s: %.2f times as long in the EPC (a model)\n", current, way, profile.name, times);
	for (int i = 0; i < count && times > 0; i++)
		bench_sample("memory", current, way, values[i] / times, "MB/s");
	count = 0;
	current[0] = 0;
	fflush(stdout);
}

static void line_take(const char *line)
{
	char name[64];
	double value;
	bool sample = sscanf(line, "memory,%63[^,],throughput,%lf,", name, &value) == 2;

	if (current[0] && (!sample || strcmp(name, current)))
		case_end();
	fputs(line, stdout);
	if (!sample)
		return;
	strcpy(current, name);
	if (count < SAMPLES_MAX)
		values[count++] = value;
}

static FILE *start(char **argv, pid_t *pid)
{
	int fds[2];

	if (pipe(fds))
		bench_fail("pipe: %s", strerror(errno));
	*pid = fork();
	if (*pid < 0)
		bench_fail("fork: %s", strerror(errno));
	if (!*pid) {
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execvp(argv[0], argv);
		bench_fail("%s: %s", argv[0], strerror(errno));
	}
	close(fds[1]);
	return fdopen(fds[0], "r");
}

int main(int argc, char **argv)
{
	char err[COST_ERR_SIZE], line[512];
	int status;
	pid_t pid;
	FILE *f;

	if (argc < 3)
		bench_fail("usage: %s PROFILE COMMAND [ARGS]", argv[0]);
	if (cost_profile_load(argv[1], &profile, err))
		bench_fail("%s", err);
	counter = misses_open();
	if (counter < 0)
		printf("# no counter of cache misses (%s): the published curve, for random reads\n", strerror(-counter));
	before_ns = bench_now_ns();
	f = start(argv + 2, &pid);
	while (fgets(line, sizeof(line), f))
		line_take(line);
	case_end();
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
