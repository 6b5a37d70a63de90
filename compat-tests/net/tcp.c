/* TCP over loopback: connections, order and completeness of data, shutdown, resets, errors of every call. */
#include "inet.h"

static void *echo_main(void *arg)
{
	int l = *(int *)arg, fd = accept(l, NULL, NULL);
	char buf[3000];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t at = 0, w; at < n; at += w)
			if ((w = write(fd, buf + at, n - at)) < 0)
				break;
	close(fd);
	return NULL;
}

TEST(echo_through_a_thread)
{
	int l = listener(AF_INET), fd;
	char buf[100];
	pthread_t t;

	pthread_create(&t, NULL, echo_main, &l);
	fd = connect_to(AF_INET, SOCK_STREAM, port_of(l));
	for (int i = 0; i < 50; i++) {
		int len = snprintf(buf, sizeof(buf), "message %d", i);
		char back[100];

		EXPECT_EQ(write(fd, buf, len), len);
		EXPECT_EQ(recv(fd, back, len, MSG_WAITALL), len);
		EXPECT_MEM(buf, back, len);
	}
	close(fd);
	pthread_join(t, NULL);
	close(l);
}

#define BULK (3 << 20)

static void *bulk_main(void *arg)
{
	int fd = *(int *)arg;
	char *p = malloc(BULK);

	for (int i = 0; i < BULK; i++)
		p[i] = (char)(i * 31 + (i >> 13));
	EXPECT_EQ(write(fd, p, BULK), BULK); /* a blocking write takes it all */
	shutdown(fd, SHUT_WR);
	free(p);
	return NULL;
}

TEST(bulk_in_order)
{
	char *p = malloc(100000);
	int sv[2], at = 0;
	pthread_t t;
	ssize_t n;

	tcp_pair(AF_INET, sv);
	pthread_create(&t, NULL, bulk_main, &sv[0]);
	while ((n = read(sv[1], p, 100000)) > 0) {
		for (int i = 0; i < n; i++, at++)
			if (p[i] != (char)(at * 31 + (at >> 13)))
				FAIL("byte %d", at);
	}
	EXPECT_EQ(n, 0);
	EXPECT_EQ(at, BULK);
	pthread_join(t, NULL);
	close_pair(sv);
	free(p);
}

ROLE(client)
{
	int fd = connect_to(AF_INET, SOCK_STREAM, atoi(argv[0]));
	char buf[8];

	EXPECT_EQ(write(fd, "ping", 4), 4);
	EXPECT_EQ(read(fd, buf, 8), 4);
	EXPECT_MEM(buf, "pong", 4);
	return 7;
}

TEST(between_processes)
{
	int l = listener(AF_INET), fd;
	char port[16], buf[8];
	pid_t pid;

	snprintf(port, sizeof(port), "%d", port_of(l));
	pid = spawn_self("client", port);
	fd = EXPECT_OK(accept(l, NULL, NULL));
	EXPECT_EQ(read(fd, buf, 8), 4);
	EXPECT_EQ(write(fd, "pong", 4), 4);
	EXPECT_EXIT(pid, 7);
	EXPECT_EQ(read(fd, buf, 8), 0);
	close(fd);
	close(l);
}

TEST(inherited_connection)
{
	posix_spawn_file_actions_t fa;
	int sv[2];
	char c;

	tcp_pair(AF_INET, sv);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, sv[0], 9);
	pid_t pid = spawn_self_with(&fa, NULL, "writer");
	EXPECT_EXIT(pid, 0);
	posix_spawn_file_actions_destroy(&fa);
	close(sv[0]);
	EXPECT_EQ(read(sv[1], &c, 1), 1);
	EXPECT_EQ(c, 'w');
	EXPECT_EQ(read(sv[1], &c, 1), 0); /* nobody holds the other end any more */
	close(sv[1]);
}

ROLE(writer)
{
	return write(9, "w", 1) != 1;
}

TEST(half_close)
{
	char buf[8];
	int sv[2];

	signal(SIGPIPE, SIG_IGN);
	tcp_pair(AF_INET, sv);
	EXPECT_EQ(write(sv[0], "bye", 3), 3);
	EXPECT_OK(shutdown(sv[0], SHUT_WR));
	EXPECT_ERRNO(write(sv[0], "x", 1), EPIPE);
	EXPECT_EQ(read(sv[1], buf, 8), 3);
	EXPECT_EQ(read(sv[1], buf, 8), 0);
	EXPECT_EQ(read(sv[1], buf, 8), 0);
	EXPECT_EQ(write(sv[1], "more", 4), 4);
	EXPECT_EQ(read(sv[0], buf, 8), 4);
	close_pair(sv);
}

static volatile sig_atomic_t pipes;
static void on_pipe(int sig)
{
	(void)sig;
	pipes++;
}

TEST(sigpipe)
{
	int sv[2];

	pipes = 0;
	signal(SIGPIPE, on_pipe);
	tcp_pair(AF_INET, sv);
	shutdown(sv[0], SHUT_WR);
	EXPECT_ERRNO(send(sv[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_EQ(pipes, 0);
	EXPECT_ERRNO(send(sv[0], "x", 1, 0), EPIPE);
	EXPECT_EQ(pipes, 1);
	close_pair(sv);
}

TEST(reset)
{
	struct linger hard = { 1, 0 };
	char c;
	int sv[2];

	tcp_pair(AF_INET, sv);
	EXPECT_OK(setsockopt(sv[1], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(sv[1]);
	EXPECT_EQ(poll_now(sv[0], POLLIN, 1000) & (POLLERR | POLLHUP), POLLERR | POLLHUP);
	EXPECT_ERRNO(read(sv[0], &c, 1), ECONNRESET);
	EXPECT_EQ(read(sv[0], &c, 1), 0); /* told once */
	close(sv[0]);
}

TEST(refused)
{
	int l = bound(AF_INET, SOCK_STREAM), fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage a;
	socklen_t len = loopback(AF_INET, port_of(l), &a);

	EXPECT_ERRNO(connect(fd, (void *)&a, len), ECONNREFUSED);
	EXPECT_OK(listen(l, 1)); /* and with the same socket again */
	EXPECT_OK(connect(fd, (void *)&a, len));
	EXPECT_ERRNO(connect(fd, (void *)&a, len), EISCONN);
	close(fd);
	close(l);
}

TEST(refused_without_blocking)
{
	int l = bound(AF_INET, SOCK_STREAM), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), err = 0;
	struct sockaddr_storage a;
	socklen_t len = loopback(AF_INET, port_of(l), &a), size = sizeof(err);

	if (connect(fd, (void *)&a, len) < 0 && errno == EINPROGRESS) {
		EXPECT_NE(poll_now(fd, POLLOUT, 2000) & POLLERR, 0);
		EXPECT_OK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size));
		EXPECT_EQ(err, ECONNREFUSED);
		EXPECT_OK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size));
		EXPECT_EQ(err, 0);
	} else {
		EXPECT_EQ(errno, ECONNREFUSED);
	}
	close(fd);
	close(l);
}

TEST(connect_without_blocking)
{
	int l = listener(AF_INET), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), err = -1, s;
	struct sockaddr_storage a;
	socklen_t len = loopback(AF_INET, port_of(l), &a), size = sizeof(err);

	if (connect(fd, (void *)&a, len) < 0)
		EXPECT_EQ(errno, EINPROGRESS);
	EXPECT_EQ(poll_now(fd, POLLOUT, 2000), POLLOUT);
	EXPECT_OK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size));
	EXPECT_EQ(err, 0);
	s = EXPECT_OK(accept(l, NULL, NULL));
	EXPECT_ERRNO(read(fd, &err, 1), EAGAIN);
	EXPECT_ERRNO(accept4(l, NULL, NULL, 0x10), EINVAL);
	close(s);
	close(fd);
	close(l);
}

TEST(accept_names_and_flags)
{
	int l = listener(AF_INET), c = connect_to(AF_INET, SOCK_STREAM, port_of(l)), s;
	struct sockaddr_in a, b;
	socklen_t len = sizeof(a);

	memset(&a, 0xee, sizeof(a));
	s = EXPECT_OK(accept4(l, (void *)&a, &len, SOCK_NONBLOCK | SOCK_CLOEXEC));
	EXPECT_EQ(len, sizeof(a));
	EXPECT_EQ(a.sin_family, AF_INET);
	EXPECT_EQ(ntohs(a.sin_port), port_of(c));
	EXPECT_EQ(fcntl(s, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(s, F_GETFL), O_RDWR | O_NONBLOCK);
	EXPECT_OK(getpeername(s, (void *)&b, &len));
	EXPECT_MEM(&a, &b, sizeof(a));
	len = 4; /* cut off, but told in full */
	EXPECT_OK(getpeername(c, (void *)&b, &len));
	EXPECT_EQ(len, sizeof(b));
	EXPECT_EQ(ntohs(b.sin_port), port_of(l));
	close(s);
	close(c);
	close(l);
}

TEST(errors_of_the_calls)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	struct sockaddr_storage a;
	socklen_t len = loopback(AF_INET, 1, &a);
	char c;

	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERRNO(read(fd, &c, 1), ENOTCONN);
	EXPECT_ERRNO(write(fd, &c, 1), EPIPE);
	EXPECT_ERRNO(getpeername(fd, (void *)&a, &len), ENOTCONN);
	EXPECT_ERRNO(shutdown(fd, SHUT_RDWR), ENOTCONN);
	EXPECT_ERRNO(shutdown(fd, 5), EINVAL);
	EXPECT_ERRNO(accept(fd, NULL, NULL), EINVAL);
	EXPECT_ERRNO(connect(fd, (void *)&a, 3), EINVAL);
	EXPECT_ERRNO(bind(fd, (void *)&a, 3), EINVAL);
	a.ss_family = AF_INET6;
	EXPECT_ERRNO(connect(fd, (void *)&a, sizeof(struct sockaddr_in)), EAFNOSUPPORT);
	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, 2), EINVAL);
	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, 200, &one, 4), ENOPROTOOPT);
	EXPECT_ERRNO(lseek(fd, 0, SEEK_SET), ESPIPE);
	EXPECT_ERRNO(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
	EXPECT_ERRNO(socket(AF_INET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
	EXPECT_ERRNO(socket(AF_INET, 77, 0), EINVAL);
	EXPECT_ERRNO(socket(AF_INET, SOCK_STREAM, 5000), EINVAL);
	close(fd);
}

TEST(port_taken)
{
	int l = listener(AF_INET), fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage a;
	socklen_t len = loopback(AF_INET, port_of(l), &a);

	EXPECT_ERRNO(bind(fd, (void *)&a, len), EADDRINUSE);
	((struct sockaddr_in *)(void *)&a)->sin_addr.s_addr = htonl(0xc0000201); /* not ours */
	EXPECT_ERRNO(bind(fd, (void *)&a, len), EADDRNOTAVAIL);
	close(fd);
	close(l);
}

TEST(peek_truncate_waitall)
{
	char buf[16];
	int sv[2], n;

	tcp_pair(AF_INET, sv);
	EXPECT_EQ(send(sv[0], "abcdefgh", 8, 0), 8);
	EXPECT_EQ(poll_now(sv[1], POLLIN, 1000), POLLIN);
	EXPECT_EQ(recv(sv[1], buf, 4, MSG_PEEK), 4);
	EXPECT_MEM(buf, "abcd", 4);
	EXPECT_OK(ioctl(sv[1], FIONREAD, &n));
	EXPECT_EQ(n, 8);
	EXPECT_EQ(recv(sv[1], buf, 3, MSG_TRUNC), 3); /* thrown away */
	EXPECT_EQ(recv(sv[1], buf, 16, 0), 5);
	EXPECT_MEM(buf, "defgh", 5);
	EXPECT_ERRNO(recv(sv[1], buf, 16, MSG_DONTWAIT), EAGAIN);
	EXPECT_EQ(send(sv[0], "12", 2, 0), 2);
	shutdown(sv[0], SHUT_WR);
	EXPECT_EQ(recv(sv[1], buf, 16, MSG_WAITALL), 2); /* the end comes first */
	close_pair(sv);
}

TEST(urgent_data)
{
	char c = 0;
	int sv[2], mark;

	tcp_pair(AF_INET, sv);
	EXPECT_EQ(send(sv[0], "a!", 2, MSG_OOB), 2);
	EXPECT_NE(poll_now(sv[1], POLLPRI, 1000) & POLLPRI, 0);
	EXPECT_EQ(recv(sv[1], &c, 1, MSG_OOB), 1);
	EXPECT_EQ(c, '!');
	EXPECT_EQ(read(sv[1], &c, 1), 1);
	EXPECT_OK(ioctl(sv[1], SIOCATMARK, &mark));
	EXPECT_EQ(mark, 1);
	close_pair(sv);
}

TEST(vectors)
{
	struct iovec out[3] = { { "one", 3 }, { "", 0 }, { "twothree", 8 } };
	char a[5], b[20];
	struct iovec in[2] = { { a, 5 }, { b, 20 } };
	int sv[2];

	tcp_pair(AF_INET, sv);
	EXPECT_EQ(writev(sv[0], out, 3), 11);
	EXPECT_EQ(poll_now(sv[1], POLLIN, 1000), POLLIN);
	EXPECT_EQ(readv(sv[1], in, 2), 11);
	EXPECT_MEM(a, "onetw", 5);
	EXPECT_MEM(b, "othree", 6);
	close_pair(sv);
}

TEST(bad_buffers)
{
	int sv[2];
	char c;

	tcp_pair(AF_INET, sv);
	EXPECT_ERRNO(write(sv[0], bad_ptr(), 10), EFAULT);
	EXPECT_EQ(write(sv[0], "x", 1), 1);
	EXPECT_EQ(poll_now(sv[1], POLLIN, 1000), POLLIN);
	EXPECT_ERRNO(read(sv[1], bad_ptr(), 10), EFAULT);
	EXPECT_EQ(read(sv[1], &c, 1), 1);
	EXPECT_ERRNO(getsockname(sv[0], bad_ptr(), bad_ptr()), EFAULT);
	close_pair(sv);
}
