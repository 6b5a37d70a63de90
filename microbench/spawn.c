/*
 * How long posix_spawn() of a program, its exit and waitpid() take together.
 *
 * The programs do nothing; they differ in how they are linked and how large they are
 * (helpers/, beside this program). A case spawns its program again and again, after a
 * warm-up. Its "-cold" case is the first spawn only: the program ends after one sample,
 * and run.sh starts it anew, so the system is as fresh as a system can be made without
 * a reboot.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct spawn_case {
	const char *name;
	const char *cold_name;
	const char *file;
	const char *arg;	/* argv[1] or NULL */
};

static const struct spawn_case cases[] = {
	{ "static-pie-14k", "static-pie-14k-cold", "static-pie-14k", NULL },
	{ "static-pie-400k", "static-pie-400k-cold", "static-pie-400k", NULL },
	{ "busybox", "busybox-cold", "busybox", "true" },
	{ "dynamic-glibc", "dynamic-glibc-cold", "dynamic-glibc", NULL },
	{ "static-pie-14m", "static-pie-14m-cold", "static-pie-14m", NULL },
};

struct spawn_ctx {
	char path[PATH_MAX];
	char *argv[3];
};

static void spawn_steps(void *arg, long steps)
{
	struct spawn_ctx *ctx = arg;

	while (steps--) {
		int status, err;
		pid_t pid;

		err = posix_spawn(&pid, ctx->path, NULL, NULL, ctx->argv, environ);
		if (err)
			bench_fail("spawn %s: %s", ctx->path, strerror(err));
		if (waitpid(pid, &status, 0) != pid || status)
			bench_fail("%s: wait status %#x", ctx->path, status);
	}
}

static void ctx_init(struct spawn_ctx *ctx, const struct spawn_case *sc, const char *self)
{
	int dir_len = strrchr(self, '/') - self;
	int n = snprintf(ctx->path, sizeof(ctx->path), "%.*s/helpers/%s", dir_len, self, sc->file);

	if (n >= (int)sizeof(ctx->path))
		bench_fail("%s: path too long", self);
	ctx->argv[0] = (char *)sc->file;
	ctx->argv[1] = (char *)sc->arg;
	ctx->argv[2] = NULL;
}

static void run_cold(const struct spawn_case *sc, struct spawn_ctx *ctx)
{
	long start = bench_now_ns();

	spawn_steps(ctx, 1);
	bench_sample("spawn", sc->cold_name, "latency", (bench_now_ns() - start) / 1e3, "us");
}

static void run_warm(const struct spawn_case *sc, struct spawn_ctx *ctx)
{
	struct bench_case bc = { .bench = "spawn", .name = sc->name, .unit = "us",
				 .run = spawn_steps, .ctx = ctx };

	bench_run(&bc);
}

int main(int argc, char **argv)
{
	struct spawn_ctx ctx;

	bench_begin(argc, argv);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct spawn_case *sc = &cases[i];

		ctx_init(&ctx, sc, argv[0]);
		if (bench_wanted(sc->cold_name))
			run_cold(sc, &ctx);
		if (bench_wanted(sc->name))
			run_warm(sc, &ctx);
	}
	bench_end();
	return 0;
}
