/*
 * Threads and futexes.
 *
 * Case "create-join": pthread_create of a thread that returns at once, and pthread_join.
 * Cases "futex-...": two threads, or two processes with a page of shared memory, hand a turn back
 * and forth; who has no turn sleeps in FUTEX_WAIT, who gives it calls FUTEX_WAKE. The value is a
 * round trip: two wake-ups. With "-1cpu" both are bound to one CPU, as placement decides most of
 * the native number.
 */
#define _GNU_SOURCE
#include "bench.h"
#include "peer.h"
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum turn { TURN_MAIN, TURN_PARTNER, TURN_STOP };

struct game {
	_Atomic int *turn;
	int private;	/* FUTEX_PRIVATE_FLAG or 0 */
};

static void turn_give(const struct game *g, int turn)
{
	atomic_store(g->turn, turn);
	syscall(SYS_futex, g->turn, FUTEX_WAKE | g->private, 1, NULL, NULL, 0);
}

static int turn_wait_while(const struct game *g, int other)
{
	int now;

	while ((now = atomic_load(g->turn)) == other)
		syscall(SYS_futex, g->turn, FUTEX_WAIT | g->private, other, NULL, NULL, 0);
	return now;
}

static void *partner_main(void *arg)
{
	const struct game *g = arg;

	while (turn_wait_while(g, TURN_MAIN) != TURN_STOP)
		turn_give(g, TURN_MAIN);
	return NULL;
}

static void game_steps(void *ctx, long steps)
{
	const struct game *g = ctx;

	while (steps--) {
		turn_give(g, TURN_PARTNER);
		turn_wait_while(g, TURN_PARTNER);
	}
}

static _Atomic int *turn_map(int fd)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		bench_fail("mmap: %s", strerror(errno));
	return p;
}

static void game_run(struct game *g, const char *name)
{
	struct bench_case bc = { .bench = "thread", .name = name, .unit = "ns",
				 .batch_ns = 3000000, .run = game_steps, .ctx = g };

	bench_run(&bc);
	turn_give(g, TURN_STOP);
}

static void run_threads(const char *name)
{
	static _Atomic int turn;
	struct game g = { .turn = &turn, .private = FUTEX_PRIVATE_FLAG };
	pthread_t partner;

	if (!bench_wanted(name))
		return;
	turn = TURN_MAIN;
	if (pthread_create(&partner, NULL, partner_main, &g))
		bench_fail("pthread_create: %s", strerror(errno));
	game_run(&g, name);
	pthread_join(partner, NULL);
}

static void run_processes(const char *self, const char *name)
{
	char fd_arg[16];
	char *argv[] = { (char *)self, "--partner", fd_arg, NULL };
	struct game g = { 0 };
	pid_t pid;
	int fd;

	if (!bench_wanted(name))
		return;
	fd = memfd_create("turn", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 4096))
		bench_fail("memfd: %s", strerror(errno));
	g.turn = turn_map(fd);
	snprintf(fd_arg, sizeof(fd_arg), "%d", fd);
	pid = peer_spawn(self, argv, (int[]){ fd, -1 });
	game_run(&g, name);
	peer_wait(pid);
	close(fd);
}

static void *nothing(void *arg)
{
	return arg;
}

static void create_steps(void *ctx, long steps)
{
	(void)ctx;
	while (steps--) {
		pthread_t t;
		int err = pthread_create(&t, NULL, nothing, NULL);

		if (err)
			bench_fail("pthread_create: %s", strerror(err));
		pthread_join(t, NULL);
	}
}

int main(int argc, char **argv)
{
	struct bench_case create = { .bench = "thread", .name = "create-join", .unit = "ns",
				     .batch_ns = 3000000, .run = create_steps };

	if (argc == 3 && !strcmp(argv[1], "--partner")) {
		partner_main(&(struct game){ .turn = turn_map(atoi(argv[2])) });
		return 0;
	}
	bench_begin(argc, argv);
	if (bench_wanted("create-join"))
		bench_run(&create);
	run_threads("futex-threads");
	run_processes(argv[0], "futex-processes");
	bench_pin();
	if (bench_wanted("create-join-1cpu")) {
		create.name = "create-join-1cpu";
		bench_run(&create);
	}
	run_threads("futex-threads-1cpu");
	run_processes(argv[0], "futex-processes-1cpu");
	bench_end();
	return 0;
}
