/*
 * sendmsg, recvmsg, sendmmsg, recvmmsg and their flags: lists of buffers, names, errors, queue sizes.
 */
#include "net.h"
#include <linux/sockios.h>

static int sv[2];

static void open_pair(int type)
{
	EXPECT_OK(socketpair(AF_UNIX, type, 0, sv));
}

TEST(scatter_and_gather)
{
	char a[3] = "ab", b[8] = "cdefgh", x[4], y[16];
	struct iovec out[3] = { { a, 2 }, { NULL, 0 }, { b, 6 } }, in[2] = { { x, 4 }, { y, 16 } };
	struct msghdr m = { .msg_iov = out, .msg_iovlen = 3 };

	open_pair(SOCK_STREAM);
	EXPECT_EQ(sendmsg(sv[0], &m, 0), 8);
	m = (struct msghdr){ .msg_iov = in, .msg_iovlen = 2 };
	EXPECT_EQ(recvmsg(sv[1], &m, 0), 8);
	EXPECT_MEM(x, "abcd", 4);
	EXPECT_MEM(y, "efgh", 4);
	EXPECT_EQ(m.msg_flags, 0);
	close_pair(sv);
}

TEST(names)
{
	struct un u = un_abstract("m"), from = un_abstract("f");
	int r = un_bound(SOCK_DGRAM, u), s = un_bound(SOCK_DGRAM, from);
	struct sockaddr_un name;
	char buf[8] = "hello";
	struct iovec v = { buf, 5 };
	struct msghdr m = { .msg_name = &u.addr, .msg_namelen = u.len, .msg_iov = &v, .msg_iovlen = 1 };

	EXPECT_EQ(sendmsg(s, &m, 0), 5);
	m = (struct msghdr){ .msg_name = &name, .msg_namelen = sizeof(name), .msg_iov = &v, .msg_iovlen = 1 };
	EXPECT_EQ(recvmsg(r, &m, 0), 5);
	EXPECT_EQ(m.msg_namelen, from.len);
	EXPECT_MEM(&name, &from.addr, from.len);
	m.msg_namelen = -1;
	EXPECT_ERRNO(recvmsg(r, &m, MSG_DONTWAIT), EINVAL);
	m = (struct msghdr){ .msg_name = bad_ptr(), .msg_namelen = 10, .msg_iov = &v, .msg_iovlen = 1 };
	EXPECT_ERRNO(sendmsg(s, &m, 0), EFAULT);
	m.msg_name = &u.addr;
	m.msg_namelen = -1;
	EXPECT_ERRNO(sendmsg(s, &m, 0), EINVAL);
	close(r);
	close(s);
}

TEST(errors)
{
	char b[4];
	struct iovec v = { b, 4 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	open_pair(SOCK_STREAM);
	EXPECT_ERRNO(sendmsg(-1, &m, 0), EBADF);
	EXPECT_ERRNO(recvmsg(sv[0], bad_ptr(), 0), EFAULT);
	EXPECT_ERRNO(sendmsg(sv[0], bad_ptr(), 0), EFAULT);
	EXPECT_ERRNO(send(sv[0], bad_ptr(), 4, 0), EFAULT);
	m.msg_iovlen = 2000;
	EXPECT_ERRNO(sendmsg(sv[0], &m, 0), EMSGSIZE);
	EXPECT_ERRNO(recvmsg(sv[0], &m, 0), EMSGSIZE);
	m.msg_iovlen = 1;
	m.msg_iov = bad_ptr();
	EXPECT_ERRNO(sendmsg(sv[0], &m, 0), EFAULT);
	EXPECT_EQ(write(sv[1], "x", 1), 1);
	EXPECT_ERRNO(recv(sv[0], bad_ptr(), 4, 0), EFAULT);
	EXPECT_EQ(recv(sv[0], b, 4, 0), 1);	/* not lost */
	m = (struct msghdr){ .msg_iov = &v, .msg_iovlen = 1, .msg_control = b, .msg_controllen = 1UL << 30 };
	EXPECT_ERRNO(sendmsg(sv[0], &m, 0), ENOBUFS);
	close_pair(sv);
}

TEST(many_messages)
{
	char buf[3][8] = { "one", "two", "three" }, in[5][8];
	struct iovec v[3], w[5];
	struct mmsghdr m[3], r[5];
	struct timespec ts = { 0, 50000000 };

	memset(m, 0, sizeof(m));
	memset(r, 0, sizeof(r));
	for (int i = 0; i < 3; i++) {
		v[i] = (struct iovec){ buf[i], strlen(buf[i]) };
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &v[i], .msg_iovlen = 1 };
	}
	for (int i = 0; i < 5; i++) {
		w[i] = (struct iovec){ in[i], 8 };
		r[i].msg_hdr = (struct msghdr){ .msg_iov = &w[i], .msg_iovlen = 1 };
	}
	open_pair(SOCK_DGRAM);
	EXPECT_EQ(sendmmsg(sv[0], m, 3, 0), 3);
	EXPECT_EQ(m[2].msg_len, 5);
	EXPECT_EQ(recvmmsg(sv[1], r, 5, MSG_WAITFORONE, NULL), 3);
	EXPECT_EQ(r[0].msg_len, 3);
	EXPECT_EQ(r[2].msg_len, 5);
	EXPECT_MEM(in[2], "three", 5);
	EXPECT_ERRNO(recvmmsg(sv[1], r, 5, MSG_DONTWAIT, NULL), EAGAIN);
	EXPECT_EQ(sendmmsg(sv[0], m, 2, 0), 2);
	EXPECT_EQ(recvmmsg(sv[1], r, 2, 0, &ts), 2);
	EXPECT_LE(ts.tv_nsec, 50000000);
	ts.tv_nsec = 1000000000;
	EXPECT_ERRNO(recvmmsg(sv[1], r, 2, 0, &ts), EINVAL);
	EXPECT_ERRNO(recvmmsg(sv[1], r, 2, 0, bad_ptr()), EFAULT);
	EXPECT_ERRNO(recvmmsg(-1, r, 2, 0, NULL), EBADF);
	EXPECT_EQ(sendmmsg(sv[0], m, 0, 0), 0);
	EXPECT_ERRNO(sendmmsg(sv[0], bad_ptr(), 1, 0), EFAULT);
	close_pair(sv);
}

TEST(queue_sizes)
{
	int n = -1, s;
	char b[4];

	open_pair(SOCK_DGRAM);
	EXPECT_EQ(write(sv[0], "abc", 3), 3);
	EXPECT_EQ(write(sv[0], "de", 2), 2);
	EXPECT_OK(ioctl(sv[1], FIONREAD, &n));
	EXPECT_EQ(n, 3);	/* of the next datagram */
	EXPECT_OK(ioctl(sv[0], SIOCOUTQ, &n));
	EXPECT_GE(n, 5);
	EXPECT_EQ(read(sv[1], b, 4), 3);
	EXPECT_EQ(read(sv[1], b, 4), 2);
	EXPECT_OK(ioctl(sv[0], SIOCOUTQ, &n));
	EXPECT_EQ(n, 0);
	close_pair(sv);
	open_pair(SOCK_STREAM);
	EXPECT_EQ(write(sv[0], "abc", 3), 3);
	EXPECT_EQ(write(sv[0], "de", 2), 2);
	EXPECT_OK(ioctl(sv[1], FIONREAD, &n));
	EXPECT_EQ(n, 5);
	close_pair(sv);
	s = un_listener(SOCK_STREAM, un_abstract("q"), 1);
	EXPECT_ERRNO(ioctl(s, FIONREAD, &n), EINVAL);
	close(s);
}

TEST(stream_name_and_peek)
{
	struct un u = un_abstract("sn");
	int s = un_listener(SOCK_STREAM, u, 1), c = un_connected(SOCK_STREAM, u), a = accept(s, NULL, NULL);
	struct sockaddr_un name;
	socklen_t len = sizeof(name);
	char b[8];

	EXPECT_EQ(send(a, "abcd", 4, MSG_NOSIGNAL), 4);
	EXPECT_EQ(recvfrom(c, b, 2, MSG_PEEK, (void *)&name, &len), 2);
	EXPECT_EQ(len, u.len);	/* the server's end has its listener's name */
	EXPECT_EQ(recv(c, b, 8, MSG_PEEK), 4);
	EXPECT_EQ(recv(c, b, 8, 0), 4);
	len = sizeof(name);
	EXPECT_EQ(send(c, "x", 1, 0), 1);
	EXPECT_EQ(recvfrom(a, b, 2, 0, (void *)&name, &len), 1);
	EXPECT_EQ(len, 0);
	close(a);
	close(c);
	close(s);
}

TEST(shutdown_states)
{
	int s = un_socket(SOCK_STREAM);
	char b;

	open_pair(SOCK_STREAM);
	EXPECT_ERRNO(shutdown(sv[0], 3), EINVAL);
	EXPECT_ERRNO(shutdown(-1, 0), EBADF);
	EXPECT_EQ(write(sv[1], "x", 1), 1);
	EXPECT_OK(shutdown(sv[0], SHUT_RD));
	EXPECT_EQ(read(sv[0], &b, 1), 1);	/* what was there already */
	EXPECT_EQ(read(sv[0], &b, 1), 0);
	EXPECT_ERRNO(send(sv[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_EQ(write(sv[0], "y", 1), 1);
	EXPECT_EQ(read(sv[1], &b, 1), 1);
	close_pair(sv);
	EXPECT_OK(shutdown(s, SHUT_RDWR));
	close(s);
	open_pair(SOCK_DGRAM);
	EXPECT_OK(shutdown(sv[0], SHUT_RDWR));
	EXPECT_EQ(recv(sv[0], &b, 1, 0), 0);
	EXPECT_ERRNO(recv(sv[0], &b, 1, MSG_DONTWAIT), EAGAIN);
	EXPECT_ERRNO(send(sv[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_ERRNO(send(sv[1], "x", 1, MSG_NOSIGNAL), EPIPE);
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
	signal(SIGPIPE, on_pipe);
	open_pair(SOCK_STREAM);
	close(sv[1]);
	EXPECT_ERRNO(write(sv[0], "x", 1), EPIPE);
	EXPECT_EQ(pipes, 1);
	EXPECT_ERRNO(send(sv[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_EQ(pipes, 1);
	close(sv[0]);
	open_pair(SOCK_SEQPACKET);
	close(sv[1]);
	EXPECT_ERRNO(write(sv[0], "x", 1), EPIPE);
	EXPECT_EQ(pipes, 1);	/* of streams only */
	close(sv[0]);
	signal(SIGPIPE, SIG_DFL);
}

TEST(interrupted)
{
	struct sigaction sa = { .sa_handler = on_pipe };
	struct itimerspec its = { .it_value.tv_nsec = 40000000 };
	struct sigevent se = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_t t;
	char b;

	sigaction(SIGUSR1, &sa, NULL);
	open_pair(SOCK_STREAM);
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, &se, &t));
	EXPECT_OK(timer_settime(t, 0, &its, NULL));
	EXPECT_ERRNO(recv(sv[0], &b, 1, 0), EINTR);
	timer_delete(t);
	close_pair(sv);
}
