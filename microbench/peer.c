/*
 * Starts and ends the other process of a benchmark.
 */
#define _GNU_SOURCE
#include "peer.h"
#include "bench.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t peer_spawn(const char *self, char *const *argv, const int *keep)
{
	pid_t pid;
	int err;

	for (; *keep >= 0; keep++)
		fcntl(*keep, F_SETFD, 0);
	err = posix_spawn(&pid, self, NULL, NULL, argv, environ);
	if (err)
		bench_fail("spawn %s: %s", self, strerror(err));
	return pid;
}

void peer_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		bench_fail("the other process ended with status %#x", status);
}
