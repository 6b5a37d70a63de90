/*
 * TCP echo over loopback: the server runs on the system, the client outside of it.
 * Usage: tcp CASE COMMAND...    COMMAND are the words that run a program on the system; may be none.
 *
 * Like boot.c this program always starts directly on Linux and starts itself as the server, by
 * COMMAND: one thread, epoll, level triggered, reads what there is and writes it back. The client
 * has one message under way on each connection. Case "echo-N": N connections, 64 bytes. Case
 * "bulk-N": 16 KiB. The latency is the median time of a message in a batch.
 */
#define _GNU_SOURCE
#include "bench.h"
#include "peer.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONNECTIONS_MAX 128
#define MESSAGE_MAX 16384
#define BATCHES 8
#define BATCH_NS 50000000L
#define BATCH_MESSAGES_MAX 65536

struct connection {
	int fd;
	size_t got;	/* of the answer */
	long sent_ns;
};

struct client {
	struct connection conns[CONNECTIONS_MAX];
	int nr;
	size_t size;	/* of a message */
	int epfd;
	float *times_us;	/* of the messages of a batch */
	int nr_times;
};

static char buf[MESSAGE_MAX];

static void watch(int epfd, int fd, void *data)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = data };

	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev))
		bench_fail("epoll_ctl: %s", strerror(errno));
}

static void no_delay(int fd)
{
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
}

/* 0: more may come, -1: the connection ended. */
static int serve_one(int fd)
{
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n <= 0)
		return -1;
	for (ssize_t at = 0; at < n; ) {
		ssize_t put = write(fd, buf + at, n - at);

		if (put < 0)
			return -1;
		at += put;
	}
	return 0;
}

static int server_listen(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, CONNECTIONS_MAX) || getsockname(fd, (struct sockaddr *)&addr, &len))
		bench_fail("cannot listen: %s", strerror(errno));
	printf("%d\n", ntohs(addr.sin_port));
	fflush(stdout);
	return fd;
}

/* Ends when the last connection does. */
static int server_main(void)
{
	struct epoll_event evs[64];
	int listener = server_listen();
	int epfd = epoll_create1(0);
	int open = 0;

	watch(epfd, listener, NULL);
	for (;;) {
		int n = epoll_wait(epfd, evs, 64, -1);

		for (int i = 0; i < n; i++) {
			int fd = (int)(long)evs[i].data.ptr;

			if (!fd) {
				fd = accept(listener, NULL, NULL);
				no_delay(fd);
				watch(epfd, fd, (void *)(long)fd);
				open++;
			} else if (serve_one(fd)) {
				close(fd);
				if (!--open)
					return 0;
			}
		}
	}
}

static pid_t server_start(const char *self, int argc, char **command, int *port)
{
	char *argv[argc + 3];
	posix_spawn_file_actions_t acts;
	char text[16] = "";
	int fd[2], err;
	pid_t pid;

	memcpy(argv, command, argc * sizeof(*argv));
	argv[argc] = (char *)self;
	argv[argc + 1] = "--serve";
	argv[argc + 2] = NULL;
	if (pipe2(fd, O_CLOEXEC))
		bench_fail("pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_adddup2(&acts, fd[1], 1);
	err = posix_spawnp(&pid, argv[0], &acts, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&acts);
	if (err)
		bench_fail("spawn %s: %s", argv[0], strerror(err));
	close(fd[1]);
	if (read(fd[0], text, sizeof(text) - 1) <= 0)
		bench_fail("the server does not say its port");
	close(fd[0]);
	*port = atoi(text);
	return pid;
}

static void message_send(struct client *c, struct connection *conn)
{
	conn->got = 0;
	conn->sent_ns = bench_now_ns();
	if (write(conn->fd, buf, c->size) != (ssize_t)c->size)
		bench_fail("send: %s", strerror(errno));
}

static void client_connect(struct client *c, int port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	c->epfd = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < c->nr; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
			bench_fail("connect: %s", strerror(errno));
		no_delay(fd);
		c->conns[i].fd = fd;
		watch(c->epfd, fd, &c->conns[i]);
	}
}

/* Reads what came; a whole answer is noted, and with MORE the next message goes out. */
static int connection_step(struct client *c, struct connection *conn, bool more)
{
	ssize_t n = read(conn->fd, buf, c->size - conn->got);

	if (n <= 0)
		bench_fail("receive: %s", n ? strerror(errno) : "the server closed");
	conn->got += n;
	if (conn->got < c->size)
		return 0;
	if (c->nr_times < BATCH_MESSAGES_MAX)
		c->times_us[c->nr_times++] = (bench_now_ns() - conn->sent_ns) / 1e3f;
	if (more)
		message_send(c, conn);
	return 1;
}

/* Messages go out for BATCH_NS, then the last answers are awaited. Returns how many were answered. */
static long batch_run(struct client *c, long *ns)
{
	struct epoll_event evs[CONNECTIONS_MAX];
	long start = bench_now_ns(), answered = 0, under_way = c->nr;

	c->nr_times = 0;
	for (int i = 0; i < c->nr; i++)
		message_send(c, &c->conns[i]);
	while (under_way) {
		bool more = bench_now_ns() - start < BATCH_NS;
		int n = epoll_wait(c->epfd, evs, CONNECTIONS_MAX, -1);

		for (int i = 0; i < n; i++) {
			int done = connection_step(c, evs[i].data.ptr, more);

			answered += done;
			under_way -= more ? 0 : done;
		}
	}
	*ns = bench_now_ns() - start;
	return answered;
}

static int float_cmp(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void measure(struct client *c, const char *name)
{
	for (int i = -1; i < BATCHES; i++) {	/* the first warms up */
		long ns, n = batch_run(c, &ns);

		if (i < 0)
			continue;
		qsort(c->times_us, c->nr_times, sizeof(float), float_cmp);
		bench_sample("tcp", name, "throughput", n * 1e6 / ns, "k/s");
		bench_sample("tcp", name, "latency", c->times_us[c->nr_times / 2], "us");
	}
}

int main(int argc, char **argv)
{
	static struct client c;
	int port, status;
	pid_t pid;

	if (argc == 2 && !strcmp(argv[1], "--serve"))
		return server_main();
	bench_begin(1, argv);
	if (argc < 2 || (sscanf(argv[1], "echo-%d", &c.nr) != 1 && sscanf(argv[1], "bulk-%d", &c.nr) != 1) ||
	    c.nr < 1 || c.nr > CONNECTIONS_MAX)
		bench_fail("usage: tcp echo-N|bulk-N COMMAND...   N from 1 to %d", CONNECTIONS_MAX);
	c.size = argv[1][0] == 'e' ? 64 : MESSAGE_MAX;
	c.times_us = malloc(BATCH_MESSAGES_MAX * sizeof(float));
	pid = server_start(argv[0], argc - 2, argv + 2, &port);
	client_connect(&c, port);
	measure(&c, argv[1]);
	for (int i = 0; i < c.nr; i++)
		close(c.conns[i].fd);
	if (waitpid(pid, &status, 0) != pid || status)
		bench_fail("the server ended with status %#x", status);
	bench_end();
	return 0;
}
