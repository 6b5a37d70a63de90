/*
 * How long a command takes from shell to shell, and how much memory it uses at most.
 * Usage: boot CASE COMMAND ARGS...
 *
 * Unlike the other programs this one always runs directly on Linux: the command it
 * starts is the system, with the program that is to run in it. Memory is the peak
 * resident size of the command's largest process (ru_maxrss); this program is small,
 * because Linux counts the spawner's size as the child's before exec.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS 10

static void boot_once(const char *name, char **cmd, bool print)
{
	posix_spawn_file_actions_t acts;
	long start = bench_now_ns();
	struct rusage ru;
	int status, err;
	pid_t pid;

	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_addopen(&acts, 1, "/dev/null", O_WRONLY, 0);
	err = posix_spawnp(&pid, cmd[0], &acts, NULL, cmd, environ);
	posix_spawn_file_actions_destroy(&acts);
	if (err)
		bench_fail("spawn %s: %s", cmd[0], strerror(err));
	if (wait4(pid, &status, 0, &ru) != pid || status)
		bench_fail("%s: wait status %#x", cmd[0], status);
	if (!print)
		return;
	bench_sample("boot", name, "latency", (bench_now_ns() - start) / 1e3, "us");
	bench_sample("boot", name, "memory", ru.ru_maxrss / 1024.0, "MiB");
}

int main(int argc, char **argv)
{
	bench_begin(1, argv);
	if (argc < 3)
		bench_fail("usage: boot CASE COMMAND ARGS...");
	boot_once(argv[1], argv + 2, false);
	for (int i = 0; i < RUNS; i++)
		boot_once(argv[1], argv + 2, true);
	bench_end();
	return 0;
}
