/*
 * How long fork, the child's end and waitpid() take together.
 *
 * Cases "exit-N": the parent has N bytes of heap, each page written before the first fork and none
 * between forks; the child ends at once. Cases "exec-NAME": the child executes a program that does
 * nothing (helpers/, as in spawn.c), out of a parent with 2 MiB of heap. "touch-64m": between two
 * forks the parent writes one word in every sixteenth page, as a server between two snapshots does.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define MIB (1L << 20)

struct fork_case {
	const char *name;
	long heap;
	long stride;		/* pages written between two forks are this far apart; 0: none */
	const char *file;	/* what the child executes; NULL: it ends */
	char *arg;
};

static const struct fork_case cases[] = {
	{ .name = "exit-2m", .heap = 2 * MIB },
	{ .name = "exit-64m", .heap = 64 * MIB },
	{ .name = "exit-1g", .heap = 1024 * MIB },
	{ .name = "touch-64m", .heap = 64 * MIB, .stride = 16 * PAGE },
	{ .name = "exec-static-pie", .heap = 2 * MIB, .file = "static-pie-14k" },
	{ .name = "exec-busybox", .heap = 2 * MIB, .file = "busybox", .arg = "true" },
	{ .name = "exec-dynamic", .heap = 2 * MIB, .file = "dynamic-glibc" },
};

struct fork_ctx {
	const struct fork_case *fc;
	char path[PATH_MAX];
	char *argv[3];
	char *heap;
};

static void child_main(const struct fork_ctx *ctx)
{
	if (!ctx->fc->file)
		_exit(0);
	execv(ctx->path, ctx->argv);
	_exit(127);
}

static void fork_steps(void *arg, long steps)
{
	struct fork_ctx *ctx = arg;

	while (steps--) {
		pid_t pid = fork();
		int status;

		if (!pid)
			child_main(ctx);
		if (pid < 0)
			bench_fail("fork: %s", strerror(errno));
		if (waitpid(pid, &status, 0) != pid || status)
			bench_fail("%s: wait status %#x", ctx->fc->name, status);
		for (long at = 0; ctx->fc->stride && at < ctx->fc->heap; at += ctx->fc->stride)
			ctx->heap[at]++;
	}
}

static void run_case(const struct fork_case *fc, const char *self)
{
	struct fork_ctx ctx = { .fc = fc, .argv = { (char *)fc->file, fc->arg } };
	struct bench_case bc = { .bench = "fork", .name = fc->name, .unit = "us",
				 .run = fork_steps, .ctx = &ctx };
	int dir_len = strrchr(self, '/') - self;

	if (snprintf(ctx.path, sizeof(ctx.path), "%.*s/helpers/%s", dir_len, self,
		     fc->file ? fc->file : "") >= (int)sizeof(ctx.path))
		bench_fail("%s: path too long", self);
	ctx.heap = mmap(NULL, fc->heap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ctx.heap == MAP_FAILED)
		bench_fail("mmap of %ld bytes: %s", fc->heap, strerror(errno));
	madvise(ctx.heap, fc->heap, MADV_NOHUGEPAGE);
	for (long at = 0; at < fc->heap; at += PAGE)
		ctx.heap[at] = 1;
	bench_run(&bc);
	munmap(ctx.heap, fc->heap);
}

int main(int argc, char **argv)
{
	bench_begin(argc, argv);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (bench_wanted(cases[i].name))
			run_case(&cases[i], argv[0]);
	bench_end();
	return 0;
}
