/*
 * Pipes between two processes. The other process is this program, spawned with the
 * pipes' ends inherited.
 *
 * Case "rtt-1": one byte goes to a process that sends it back. Case "rtt-1-1cpu" is the
 * same with both processes bound to one CPU, as placement decides much of the native
 * number. Case "tput-N": this process writes N bytes a call, the other reads up to N
 * bytes a call; a batch starts with its length in bytes and ends when one byte comes
 * back, after the last byte was read.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE_MAX_BYTES 65536

struct peer {
	pid_t pid;
	int to;
	int from;
	size_t size;	/* bytes in one read or write */
};

static char buf[SIZE_MAX_BYTES];

static void write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0)
			bench_fail("write to pipe: %s", strerror(errno));
		p += n;
		len -= n;
	}
}

/* Returns false at the end of file before the first byte. */
static bool read_all(int fd, void *data, size_t len)
{
	char *p = data;
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, p + got, len - got);

		if (n < 0)
			bench_fail("read from pipe: %s", strerror(errno));
		if (!n && !got)
			return false;
		if (!n)
			bench_fail("pipe ended inside a message");
		got += n;
	}
	return true;
}

static int echo_main(int in, int out)
{
	char byte;

	while (read_all(in, &byte, 1))
		write_all(out, &byte, 1);
	return 0;
}

static int sink_main(int in, int out, size_t size)
{
	size_t left;

	while (read_all(in, &left, sizeof(left))) {
		while (left) {
			ssize_t n = read(in, buf, left < size ? left : size);

			if (n <= 0)
				bench_fail("read from pipe: %s", n ? strerror(errno) : "early end");
			left -= n;
		}
		write_all(out, "", 1);
	}
	return 0;
}

static void peer_start(struct peer *peer, const char *self, const char *role, size_t size)
{
	char in[12], out[12], len[24];
	char *argv[] = { (char *)self, (char *)role, in, out, len, NULL };
	int to[2], from[2], err;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		bench_fail("pipe2: %s", strerror(errno));
	fcntl(to[0], F_SETFD, 0);
	fcntl(from[1], F_SETFD, 0);
	snprintf(in, sizeof(in), "%d", to[0]);
	snprintf(out, sizeof(out), "%d", from[1]);
	snprintf(len, sizeof(len), "%zu", size);
	err = posix_spawn(&peer->pid, self, NULL, NULL, argv, environ);
	if (err)
		bench_fail("spawn %s: %s", self, strerror(err));
	close(to[0]);
	close(from[1]);
	*peer = (struct peer){ .pid = peer->pid, .to = to[1], .from = from[0], .size = size };
}

static void peer_stop(struct peer *peer)
{
	int status;

	close(peer->to);
	if (waitpid(peer->pid, &status, 0) != peer->pid || status)
		bench_fail("the other process ended with status %#x", status);
	close(peer->from);
}

static void rtt_steps(void *ctx, long steps)
{
	struct peer *peer = ctx;
	char byte = 0;

	while (steps--) {
		write_all(peer->to, &byte, 1);
		if (!read_all(peer->from, &byte, 1))
			bench_fail("the other process went away");
	}
}

static void tput_steps(void *ctx, long steps)
{
	struct peer *peer = ctx;
	size_t total = peer->size * steps;
	char ack;

	write_all(peer->to, &total, sizeof(total));
	while (steps--)
		write_all(peer->to, buf, peer->size);
	if (!read_all(peer->from, &ack, 1))
		bench_fail("the other process went away");
}

static void run_rtt(const char *self, const char *name)
{
	struct peer peer;
	struct bench_case bc = { .bench = "pipe", .name = name, .unit = "ns", .batch_ns = 3000000,
				 .run = rtt_steps, .ctx = &peer };

	if (!bench_wanted(name))
		return;
	peer_start(&peer, self, "--echo", 1);
	bench_run(&bc);
	peer_stop(&peer);
}

static void run_tput(const char *self, size_t size)
{
	char name[32];
	struct peer peer;
	struct bench_case bc = { .bench = "pipe", .name = name, .unit = "MB/s",
				 .bytes = (double)size, .batch_ns = 5000000,
				 .run = tput_steps, .ctx = &peer };

	snprintf(name, sizeof(name), "tput-%zu", size);
	if (!bench_wanted(name))
		return;
	peer_start(&peer, self, "--sink", size);
	bench_run(&bc);
	peer_stop(&peer);
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "--echo"))
		return echo_main(atoi(argv[2]), atoi(argv[3]));
	if (argc == 5 && !strcmp(argv[1], "--sink"))
		return sink_main(atoi(argv[2]), atoi(argv[3]), strtoul(argv[4], NULL, 10));

	bench_begin(argc, argv);
	run_rtt(argv[0], "rtt-1");
	for (size_t size = 16; size <= SIZE_MAX_BYTES; size *= 4)
		run_tput(argv[0], size);
	if (bench_wanted("rtt-1-1cpu")) {
		bench_pin();
		run_rtt(argv[0], "rtt-1-1cpu");
	}
	bench_end();
	return 0;
}
