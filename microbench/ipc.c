/*
 * A message to another process and back, by every means but pipes (pipe.c).
 *
 * Case "unix-stream", "unix-dgram": one byte over a socketpair. "unix-named": the same over a
 * connection to a path. "tcp", "udp": connected over 127.0.0.1. "eventfd": two eventfds.
 * "mq", "msg": two POSIX or System V queues.
 * "-fork": the other process is a child by fork, not a program of its own, so that
 * it has the same addresses. "-1cpu": both are bound to one CPU.
 */
#define _GNU_SOURCE
#include "bench.h"
#include "peer.h"
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum way { WAY_FD, WAY_MQ, WAY_MSG };

/* One end: where it sends, where it receives, and how. */
struct end {
	enum way way;
	int out;
	int in;
	int size;
};

struct link {
	struct end ours;
	struct end theirs;
};

struct message {
	long type;
	char byte;
};

static const uint64_t one = 1;
static const uint64_t stop = 2;

static void end_send(const struct end *end, const uint64_t *word)
{
	struct message msg = { .type = 1, .byte = (char)*word };
	int err = 0;

	switch (end->way) {
	case WAY_FD: err = write(end->out, word, end->size) != end->size; break;
	case WAY_MQ: err = mq_send(end->out, (const char *)word, 1, 0); break;
	case WAY_MSG: err = msgsnd(end->out, &msg, 1, 0); break;
	}
	if (err)
		bench_fail("send: %s", strerror(errno));
}

static uint64_t end_receive(const struct end *end)
{
	struct message msg;
	uint64_t word = 0;
	ssize_t n = -1;

	switch (end->way) {
	case WAY_FD: n = read(end->in, &word, end->size); break;
	case WAY_MQ: n = mq_receive(end->in, (char *)&word, sizeof(word), NULL); break;
	case WAY_MSG:
		n = msgrcv(end->in, &msg, 1, 0, 0);
		word = (uint64_t)msg.byte;
		break;
	}
	if (n <= 0)
		bench_fail("receive: %s", n ? strerror(errno) : "early end");
	return word;
}

static int echo_main(const struct end *end)
{
	while (end_receive(end) != stop)
		end_send(end, &one);
	return 0;
}

static void rtt_steps(void *ctx, long steps)
{
	const struct end *end = ctx;

	while (steps--) {
		end_send(end, &one);
		end_receive(end);
	}
}

static struct link link_of(enum way way, int ab, int ba, int a, int b, int size)
{
	return (struct link){ .ours = { way, ab, a, size }, .theirs = { way, b, ba, size } };
}

static struct link make_socketpair(int type)
{
	int fd[2];

	if (socketpair(AF_UNIX, type, 0, fd))
		bench_fail("socketpair: %s", strerror(errno));
	return link_of(WAY_FD, fd[0], fd[1], fd[0], fd[1], 1);
}

static struct link make_named(int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, type, 0);
	int a = socket(AF_UNIX, type, 0);
	int b;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "/tmp/microbench-%d", getpid());
	unlink(addr.sun_path);
	if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)) || listen(listener, 1) ||
	    connect(a, (struct sockaddr *)&addr, sizeof(addr)))
		bench_fail("%s: %s", addr.sun_path, strerror(errno));
	b = accept(listener, NULL, NULL);
	close(listener);
	unlink(addr.sun_path);
	return link_of(WAY_FD, a, b, a, b, 1);
}

/* TCP or UDP over 127.0.0.1. */
static struct link make_loopback(int type)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, from = addr;
	int a = socket(AF_INET, type, 0), b, l = socket(AF_INET, type, 0), one = 1;
	socklen_t len = sizeof(addr);

	if (bind(l, (struct sockaddr *)&addr, len) || getsockname(l, (struct sockaddr *)&addr, &len) ||
	    (type == SOCK_STREAM && listen(l, 1)) || connect(a, (struct sockaddr *)&addr, len))
		bench_fail("loopback: %s", strerror(errno));
	if (type == SOCK_STREAM) {
		b = accept(l, NULL, NULL);
		setsockopt(a, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(b, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		close(l);
		return link_of(WAY_FD, a, b, a, b, 1);
	}
	if (getsockname(a, (struct sockaddr *)&from, &len) || connect(l, (struct sockaddr *)&from, len))
		bench_fail("loopback: %s", strerror(errno));
	return link_of(WAY_FD, a, l, a, l, 1);
}

static struct link make_eventfd(int type)
{
	int ab = eventfd(0, 0), ba = eventfd(0, 0);

	(void)type;
	return link_of(WAY_FD, ab, ab, ba, ba, 8);
}

static int mq_make(const char *name)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 8 };
	int mq = mq_open(name, O_RDWR | O_CREAT, 0600, &attr);

	if (mq < 0)
		bench_fail("mq_open: %s", strerror(errno));
	mq_unlink(name);
	return mq;
}

static struct link make_mq(int type)
{
	int ab = mq_make("/microbench-ab"), ba = mq_make("/microbench-ba");

	(void)type;
	return link_of(WAY_MQ, ab, ab, ba, ba, 0);
}

static struct link make_msg(int type)
{
	int ab = msgget(IPC_PRIVATE, 0600), ba = msgget(IPC_PRIVATE, 0600);

	(void)type;
	if (ab < 0 || ba < 0)
		bench_fail("msgget: %s", strerror(errno));
	return link_of(WAY_MSG, ab, ab, ba, ba, 0);
}

static void link_close(const struct link *l)
{
	int id[] = { l->ours.out, l->ours.in, l->theirs.out, l->theirs.in };

	for (int i = 0; i < 4; i++) {
		if (l->ours.way == WAY_MSG)
			msgctl(id[i], IPC_RMID, NULL);
		else
			close(id[i]);
	}
}

static pid_t partner_start(const struct link *l, const char *self, bool by_fork)
{
	char way[16], out[16], in[16], size[16];
	char *argv[] = { (char *)self, "--echo", way, out, in, size, NULL };
	const struct end *end = &l->theirs;
	pid_t pid;

	if (by_fork) {
		pid = fork();
		if (!pid)
			_exit(echo_main(end));
		return pid;
	}
	snprintf(way, sizeof(way), "%d", end->way);
	snprintf(out, sizeof(out), "%d", end->out);
	snprintf(in, sizeof(in), "%d", end->in);
	snprintf(size, sizeof(size), "%d", end->size);
	if (end->way == WAY_MSG)
		return peer_spawn(self, argv, (int[]){ -1 });
	return peer_spawn(self, argv, (int[]){ end->out, end->in, -1 });
}

static void run_case(const char *self, const char *name, struct link (*make)(int), int type,
		     bool by_fork)
{
	struct bench_case bc = { .bench = "ipc", .name = name, .unit = "ns", .batch_ns = 3000000,
				 .run = rtt_steps };
	struct link l;
	pid_t pid;

	if (!bench_wanted(name))
		return;
	l = make(type);
	pid = partner_start(&l, self, by_fork);
	bc.ctx = &l.ours;
	bench_run(&bc);
	end_send(&l.ours, &stop);
	peer_wait(pid);
	link_close(&l);
}

int main(int argc, char **argv)
{
	const char *self = argv[0];

	if (argc == 6 && !strcmp(argv[1], "--echo"))
		return echo_main(&(struct end){ (enum way)atoi(argv[2]), atoi(argv[3]),
						atoi(argv[4]), atoi(argv[5]) });
	bench_begin(argc, argv);
	run_case(self, "unix-stream", make_socketpair, SOCK_STREAM, false);
	run_case(self, "unix-stream-fork", make_socketpair, SOCK_STREAM, true);
	run_case(self, "unix-dgram", make_socketpair, SOCK_DGRAM, false);
	run_case(self, "unix-named", make_named, SOCK_STREAM, false);
	run_case(self, "tcp", make_loopback, SOCK_STREAM, false);
	run_case(self, "udp", make_loopback, SOCK_DGRAM, false);
	run_case(self, "eventfd", make_eventfd, 0, false);
	run_case(self, "mq", make_mq, 0, false);
	run_case(self, "msg", make_msg, 0, false);
	bench_pin();
	run_case(self, "unix-stream-1cpu", make_socketpair, SOCK_STREAM, false);
	run_case(self, "unix-stream-fork-1cpu", make_socketpair, SOCK_STREAM, true);
	run_case(self, "unix-dgram-1cpu", make_socketpair, SOCK_DGRAM, false);
	run_case(self, "tcp-1cpu", make_loopback, SOCK_STREAM, false);
	run_case(self, "udp-1cpu", make_loopback, SOCK_DGRAM, false);
	run_case(self, "eventfd-1cpu", make_eventfd, 0, false);
	bench_end();
	return 0;
}
