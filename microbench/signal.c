/*
 * Signals. Case "self": kill() of oneself, the handler runs and returns. Case "process": a signal
 * to another process that sleeps in sigsuspend(), whose handler sends one back: a round trip.
 * "process-1cpu": both are bound to one CPU.
 */
#define _GNU_SOURCE
#include "bench.h"
#include "peer.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t handled;
static volatile sig_atomic_t stopped;
static pid_t answer_to;

static void on_signal(int sig)
{
	handled++;
	if (sig == SIGTERM)
		stopped = 1;
	else if (answer_to)
		kill(answer_to, SIGUSR1);
}

static void handler_set(int sig)
{
	struct sigaction act = { .sa_handler = on_signal };

	sigaction(sig, &act, NULL);
}

/* The signal is blocked but while we sleep, so none is lost between a look and the sleep. */
static void signal_block(sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, old);
}

static void self_steps(void *ctx, long steps)
{
	pid_t self = getpid();
	int before = handled;

	(void)ctx;
	for (long i = 0; i < steps; i++)
		kill(self, SIGUSR1);
	if (handled - before != steps)
		bench_fail("%d of %ld signals were handled", handled - before, steps);
}

static void process_steps(void *ctx, long steps)
{
	pid_t *peer = ctx;
	sigset_t old;

	signal_block(&old);
	while (steps--) {
		int before = handled;

		kill(*peer, SIGUSR1);
		while (handled == before)
			sigsuspend(&old);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static int partner_main(pid_t parent)
{
	sigset_t old;

	answer_to = parent;
	signal_block(&old);
	handler_set(SIGUSR1);
	handler_set(SIGTERM);
	kill(parent, SIGUSR1);
	sigdelset(&old, SIGUSR1);
	sigdelset(&old, SIGTERM);
	while (!stopped)
		sigsuspend(&old);
	return 0;
}

static void run_process(const char *self, const char *name)
{
	char parent[16];
	char *argv[] = { (char *)self, "--partner", parent, NULL };
	pid_t pid;
	struct bench_case bc = { .bench = "signal", .name = name, .unit = "ns",
				 .batch_ns = 3000000, .run = process_steps, .ctx = &pid };
	sigset_t old;
	int before = handled;

	if (!bench_wanted(name))
		return;
	snprintf(parent, sizeof(parent), "%d", getpid());
	signal_block(&old);
	pid = peer_spawn(self, argv, (int[]){ -1 });
	while (handled == before)
		sigsuspend(&old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	bench_run(&bc);
	kill(pid, SIGTERM);
	peer_wait(pid);
}

int main(int argc, char **argv)
{
	struct bench_case self = { .bench = "signal", .name = "self", .unit = "ns",
				   .batch_ns = 2000000, .run = self_steps };

	if (argc == 3 && !strcmp(argv[1], "--partner"))
		return partner_main(atoi(argv[2]));
	bench_begin(argc, argv);
	handler_set(SIGUSR1);
	if (bench_wanted("self"))
		bench_run(&self);
	run_process(argv[0], "process");
	bench_pin();
	run_process(argv[0], "process-1cpu");
	bench_end();
	return 0;
}
