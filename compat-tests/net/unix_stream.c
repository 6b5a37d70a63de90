/*
 * Stream sockets from bind to accept: backlog, blocking and non-blocking, names of both ends,
 * connections that nobody accepts, half closing, a server in another process.
 */
#include "net.h"

TEST(connect_then_accept)
{
	struct un u = un_path("s");
	int s = un_listener(SOCK_STREAM, u, 5), c = un_connected(SOCK_STREAM, u), a;
	struct sockaddr_un name;
	socklen_t len = sizeof(name);
	char buf[8];

	EXPECT_EQ(write(c, "early", 5), 5);	/* before accept */
	a = EXPECT_OK(accept(s, (struct sockaddr *)&name, &len));
	EXPECT_EQ(len, 2);
	EXPECT_EQ(name.sun_family, AF_UNIX);
	EXPECT_EQ(read(a, buf, 8), 5);
	EXPECT_MEM(buf, "early", 5);
	EXPECT_EQ(write(a, "late", 4), 4);
	EXPECT_EQ(read(c, buf, 8), 4);
	EXPECT_EQ(name_of(a, false, &name), u.len);
	EXPECT_EQ(name_of(c, true, &name), u.len);
	EXPECT_EQ(name_of(a, true, &name), 2);
	EXPECT_EQ(name_of(c, false, &name), 2);
	close(a);
	EXPECT_EQ(read(c, buf, 8), 0);
	EXPECT_EQ(name_of(c, true, &name), u.len);	/* the peer has gone, its name is known */
	close(c);
	close(s);
}

TEST(accept4_flags)
{
	struct un u = un_abstract("f");
	int s = un_listener(SOCK_STREAM, u, 5), c = un_connected(SOCK_STREAM, u), a;

	EXPECT_ERRNO(accept4(s, NULL, NULL, 0x1234), EINVAL);
	a = EXPECT_OK(accept4(s, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
	EXPECT_EQ(fcntl(a, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(a, F_GETFL), O_RDWR | O_NONBLOCK);
	close(a);
	close(c);
	set_nonblock(s);
	EXPECT_ERRNO(accept(s, NULL, NULL), EAGAIN);
	c = un_connected(SOCK_STREAM, u);
	a = EXPECT_OK(accept(s, NULL, NULL));
	EXPECT_EQ(fcntl(a, F_GETFL), O_RDWR);	/* not inherited */
	EXPECT_EQ(fcntl(a, F_GETFD), 0);
	close(a);
	close(c);
	close(s);
}

TEST(backlog)
{
	struct un u = un_abstract("b");
	int s = un_listener(SOCK_STREAM, u, 1), c[3], d = un_socket(SOCK_STREAM | SOCK_NONBLOCK);

	c[0] = un_connected(SOCK_STREAM, u);
	c[1] = un_connected(SOCK_STREAM, u);
	EXPECT_ERRNO(connect(d, UN(u)), EAGAIN);	/* one more than the backlog has room */
	close(EXPECT_OK(accept(s, NULL, NULL)));
	EXPECT_OK(connect(d, UN(u)));
	EXPECT_ERRNO(connect(d, UN(u)), EAGAIN);	/* no EISCONN while there is no room */
	c[2] = un_socket(SOCK_STREAM);
	EXPECT_OK(setsockopt(c[2], SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){ 0, 30000 }, sizeof(struct timeval)));
	EXPECT_ERRNO(connect(c[2], UN(u)), EAGAIN);
	EXPECT_OK(listen(s, 2));	/* more room */
	EXPECT_OK(connect(c[2], UN(u)));
	EXPECT_OK(listen(s, 9));
	EXPECT_ERRNO(connect(d, UN(u)), EISCONN);
	for (int i = 0; i < 3; i++)
		close(c[i]);
	close(d);
	close(s);
}

static struct un shared;

static void *accept_later(void *arg)
{
	sleep_ms(60);
	close(accept((int)(long)arg, NULL, NULL));
	return NULL;
}

TEST(connect_waits_for_room)
{
	int s, c, d, e;
	pthread_t t;

	shared = un_abstract("w");
	s = un_listener(SOCK_STREAM, shared, 0);
	c = un_connected(SOCK_STREAM, shared);
	e = un_socket(SOCK_STREAM | SOCK_NONBLOCK);
	EXPECT_ERRNO(connect(e, UN(shared)), EAGAIN);
	EXPECT_EQ(pthread_create(&t, NULL, accept_later, (void *)(long)s), 0);
	d = un_connected(SOCK_STREAM, shared);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	close(c);
	close(d);
	close(e);
	close(s);
}

static void *close_later(void *arg)
{
	sleep_ms(60);
	shutdown((int)(long)arg, SHUT_RDWR);
	close((int)(long)arg);
	return NULL;
}

TEST(listener_goes_while_connecting)
{
	int s, c, d;
	pthread_t t;
	char b;

	shared = un_abstract("g");
	s = un_listener(SOCK_STREAM, shared, 0);
	c = un_connected(SOCK_STREAM, shared);
	d = un_socket(SOCK_STREAM);
	EXPECT_EQ(pthread_create(&t, NULL, close_later, (void *)(long)s), 0);
	EXPECT_ERRNO(connect(d, UN(shared)), ECONNREFUSED);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	EXPECT_ERRNO(read(c, &b, 1), ECONNRESET);	/* was never accepted */
	EXPECT_EQ(read(c, &b, 1), 0);
	close(c);
	close(d);
}

TEST(shutdown_ends_accept)
{
	struct un u = un_abstract("sa");
	int s = un_listener(SOCK_STREAM, u, 1), c = un_socket(SOCK_STREAM);

	EXPECT_OK(shutdown(s, SHUT_RD));
	EXPECT_ERRNO(accept(s, NULL, NULL), EINVAL);
	EXPECT_ERRNO(connect(c, UN(u)), ECONNREFUSED);
	close(s);
	close(c);
}

TEST(errors)
{
	struct un u = un_abstract("e");
	int s = un_socket(SOCK_STREAM), c = un_socket(SOCK_STREAM), d = un_socket(SOCK_DGRAM), fd[2], l;
	struct sockaddr_un a;
	socklen_t len = (socklen_t)-1;

	EXPECT_ERRNO(listen(s, 1), EINVAL);	/* no name */
	EXPECT_ERRNO(listen(d, 1), EOPNOTSUPP);
	EXPECT_ERRNO(accept(d, NULL, NULL), EOPNOTSUPP);
	EXPECT_ERRNO(accept(s, NULL, NULL), EINVAL);
	EXPECT_OK(pipe(fd));
	EXPECT_ERRNO(accept(fd[0], NULL, NULL), ENOTSOCK);
	EXPECT_ERRNO(listen(fd[0], 1), ENOTSOCK);
	EXPECT_ERRNO(listen(-1, 1), EBADF);
	EXPECT_ERRNO(connect(fd[0], UN(u)), ENOTSOCK);
	close_pair(fd);
	EXPECT_ERRNO(connect(c, UN(u)), ECONNREFUSED);
	EXPECT_OK(bind(s, UN(u)));
	EXPECT_ERRNO(connect(c, UN(u)), ECONNREFUSED);	/* bound is not listening */
	EXPECT_ERRNO(connect(c, (void *)&u.addr, 1), EINVAL);
	EXPECT_ERRNO(connect(c, (void *)&u.addr, 2), EINVAL);
	EXPECT_ERRNO(connect(c, (void *)&u.addr, 4000), EINVAL);
	EXPECT_ERRNO(connect(c, bad_ptr(), u.len), EFAULT);
	EXPECT_OK(listen(s, -1));	/* as many as the system allows */
	EXPECT_ERRNO(connect(s, UN(u)), EINVAL);
	EXPECT_OK(connect(c, UN(u)));
	EXPECT_ERRNO(accept(s, (void *)&a, &len), EINVAL);
	c = un_connected(SOCK_STREAM, u);
	len = sizeof(a);
	EXPECT_ERRNO(accept(s, (void *)&a, bad_ptr()), EFAULT);
	EXPECT_ERRNO(listen(c, 1), EINVAL);
	EXPECT_ERRNO(getpeername(s, (void *)&a, &len), ENOTCONN);
	EXPECT_ERRNO(getsockname(s, (void *)&a, bad_ptr()), EFAULT);
	EXPECT_ERRNO(getsockname(s, bad_ptr(), &len), EFAULT);
	len = (socklen_t)-1;
	EXPECT_ERRNO(getsockname(s, (void *)&a, &len), EINVAL);
	len = 4;
	EXPECT_OK(getsockname(s, (void *)&a, &len));
	EXPECT_EQ(len, u.len);	/* what it would take */
	l = un_socket(SOCK_STREAM);
	EXPECT_ERRNO(recv(l, &a, 1, 0), EINVAL);
	EXPECT_ERRNO(send(l, &a, 1, 0), ENOTCONN);
	EXPECT_ERRNO(recv(s, &a, 1, 0), EINVAL);
	EXPECT_ERRNO(send(s, &a, 1, MSG_NOSIGNAL), ENOTCONN);
	EXPECT_ERRNO(sendto(l, &a, 1, 0, UN(u)), EOPNOTSUPP);
	EXPECT_ERRNO(sendto(c, &a, 1, 0, UN(u)), EISCONN);
	close(l);
	close(c);
	close(d);
	close(s);
}

TEST(emfile_leaves_the_connection)
{
	struct un u = un_abstract("m");
	int s = un_listener(SOCK_STREAM, u, 1), c = un_connected(SOCK_STREAM, u), a;
	struct rlimit { unsigned long cur, max; } old, low;

	EXPECT_OK(syscall(SYS_prlimit64, 0, 7, NULL, &old));
	low = old;
	low.cur = 3;
	EXPECT_OK(syscall(SYS_prlimit64, 0, 7, &low, NULL));
	a = accept(s, NULL, NULL);
	low.cur = errno;
	EXPECT_OK(syscall(SYS_prlimit64, 0, 7, &old, NULL));
	EXPECT_EQ(a, -1);
	EXPECT_EQ(low.cur, EMFILE);
	a = EXPECT_OK(accept(s, NULL, NULL));
	close(a);
	close(c);
	close(s);
}

ROLE(server)
{
	struct un u = { .addr.sun_family = AF_UNIX };
	char buf[4096];
	int s, c;
	ssize_t n;

	snprintf(u.addr.sun_path, sizeof(u.addr.sun_path), "%s", argv[0]);
	u.len = sizeof(u.addr);
	s = un_listener(SOCK_STREAM, u, 10);
	if (argc < 1 || write(1, "r", 1) != 1)
		return 1;
	for (int i = 0; i < 5; i++) {
		c = EXPECT_OK(accept(s, NULL, NULL));
		while ((n = read(c, buf, sizeof(buf))) > 0)
			EXPECT(write_all(c, buf, n));
		close(c);
	}
	return 0;
}

TEST(server_in_another_process)
{
	static char out[20000], in[20000];
	struct un u = un_path("srv");
	posix_spawn_file_actions_t fa;
	int fd[2];
	pid_t pid;
	char b;

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = pattern_byte(i);
	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd[1], 1);
	pid = spawn_self_with(&fa, NULL, "server", u.addr.sun_path);
	posix_spawn_file_actions_destroy(&fa);
	EXPECT_EQ(read(fd[0], &b, 1), 1);
	for (int i = 0; i < 5; i++) {
		int c = un_connected(SOCK_STREAM, u);

		EXPECT(write_all(c, out, sizeof(out)));
		EXPECT_OK(shutdown(c, SHUT_WR));
		EXPECT(read_full(c, in, sizeof(in)));
		EXPECT_EQ(read(c, &b, 1), 0);
		EXPECT_MEM(in, out, sizeof(out));
		memset(in, 0, sizeof(in));
		close(c);
	}
	EXPECT_EXIT(pid, 0);
	close_pair(fd);
}
