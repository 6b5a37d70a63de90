/*
 * Options of sockets at SOL_SOCKET: what each tells, takes and refuses.
 */
#include "net.h"
#include <netinet/in.h>

TEST(what_it_is)
{
	int sv[2], d = un_socket(SOCK_DGRAM), s;
	struct un u = un_abstract("o");

	EXPECT_OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv));
	EXPECT_EQ(int_option(sv[0], SO_TYPE), SOCK_SEQPACKET);
	EXPECT_EQ(int_option(d, SO_TYPE), SOCK_DGRAM);
	EXPECT_EQ(int_option(d, SO_DOMAIN), AF_UNIX);
	EXPECT_EQ(int_option(d, SO_PROTOCOL), 0);
	s = un_bound(SOCK_STREAM, u);
	EXPECT_EQ(int_option(s, SO_ACCEPTCONN), 0);
	EXPECT_OK(listen(s, 1));
	EXPECT_EQ(int_option(s, SO_ACCEPTCONN), 1);
	EXPECT_EQ(int_option(s, SO_ERROR), 0);
	close_pair(sv);
	close(d);
	close(s);
}

TEST(error_is_told_once)
{
	int sv[2];

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	EXPECT_EQ(write(sv[1], "x", 1), 1);
	EXPECT_EQ(write(sv[0], "x", 1), 1);
	close(sv[1]);	/* with unread data */
	EXPECT_EQ(int_option(sv[0], SO_ERROR), ECONNRESET);
	EXPECT_EQ(int_option(sv[0], SO_ERROR), 0);
	close(sv[0]);
}

TEST(booleans)
{
	static const int opts[] = { SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_OOBINLINE, SO_PASSCRED, SO_DONTROUTE };
	int s = un_socket(SOCK_STREAM);

	for (size_t i = 0; i < ARRAY_SIZE(opts); i++) {
		EXPECT_EQ(int_option(s, opts[i]), 0);
		set_option(s, opts[i], 17);
		EXPECT_EQ(int_option(s, opts[i]), 1);
		set_option(s, opts[i], 0);
		EXPECT_EQ(int_option(s, opts[i]), 0);
	}
	close(s);
}

TEST(buffers)
{
	int s = un_socket(SOCK_DGRAM);

	EXPECT_GE(int_option(s, SO_SNDBUF), 65536);
	EXPECT_GE(int_option(s, SO_RCVBUF), 65536);
	set_option(s, SO_SNDBUF, 10000);
	EXPECT_EQ(int_option(s, SO_SNDBUF), 20000);
	set_option(s, SO_SNDBUF, 1);
	EXPECT_EQ(int_option(s, SO_SNDBUF), 4608);
	set_option(s, SO_RCVBUF, 1);
	EXPECT_EQ(int_option(s, SO_RCVBUF), 2304);
	set_option(s, SO_RCVBUF, 1 << 30);
	EXPECT_GE(int_option(s, SO_RCVBUF), 425984);	/* net.core.rmem_max */
	EXPECT_EQ(int_option(s, SO_RCVLOWAT), 1);
	EXPECT_EQ(int_option(s, SO_SNDLOWAT), 1);
	close(s);
}

TEST(linger_and_timeouts)
{
	struct linger l = { 5, 30 };
	struct timeval tv = { 1, 500000 };
	socklen_t len = sizeof(l);
	int s = un_socket(SOCK_STREAM);

	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	EXPECT_OK(getsockopt(s, SOL_SOCKET, SO_LINGER, &l, &len));
	EXPECT_EQ(l.l_onoff, 1);
	EXPECT_EQ(l.l_linger, 30);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, 4), EINVAL);
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	tv.tv_sec = 0;
	len = sizeof(tv);
	EXPECT_OK(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(tv.tv_sec, 1);
	EXPECT_EQ(tv.tv_usec, 500000);
	tv.tv_usec = 1000000;
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), EDOM);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &tv, 8), EINVAL);
	close(s);
}

TEST(timeouts_end_calls)
{
	struct timeval tv = { 0, 30000 };
	struct un u = un_abstract("to");
	int s = un_listener(SOCK_STREAM, u, 1), sv[2];
	char b[4096];

	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	EXPECT_ERRNO(accept(s, NULL, NULL), EAGAIN);
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	EXPECT_OK(setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	EXPECT_OK(setsockopt(sv[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	EXPECT_ERRNO(read(sv[0], b, 1), EAGAIN);
	while (write(sv[0], b, sizeof(b)) > 0)
		;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(write(sv[1], "ab", 2), 2);
	EXPECT_EQ(recv(sv[0], b, 4, MSG_WAITALL), 2);	/* what came in time */
	close_pair(sv);
	close(s);
}

TEST(errors)
{
	int s = un_socket(SOCK_STREAM), v = 1, fd[2];
	socklen_t len = sizeof(v);

	EXPECT_OK(pipe(fd));
	EXPECT_ERRNO(getsockopt(-1, SOL_SOCKET, SO_TYPE, &v, &len), EBADF);
	EXPECT_ERRNO(getsockopt(fd[0], SOL_SOCKET, SO_TYPE, &v, &len), ENOTSOCK);
	EXPECT_ERRNO(setsockopt(fd[0], SOL_SOCKET, SO_REUSEADDR, &v, len), ENOTSOCK);
	EXPECT_ERRNO(getsockopt(s, SOL_SOCKET, SO_TYPE, bad_ptr(), &len), EFAULT);
	EXPECT_ERRNO(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, bad_ptr()), EFAULT);
	EXPECT_ERRNO(getsockopt(s, SOL_SOCKET, 999, &v, &len), ENOPROTOOPT);
	EXPECT_ERRNO(getsockopt(s, IPPROTO_IP, 1, &v, &len), EOPNOTSUPP);
	EXPECT_ERRNO(getsockopt(s, 4711, 1, &v, &len), EOPNOTSUPP);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, 999, &v, sizeof(v)), ENOPROTOOPT);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_TYPE, &v, sizeof(v)), ENOPROTOOPT);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_ERROR, &v, sizeof(v)), ENOPROTOOPT);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &v, 3), EINVAL);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &v, -1), EINVAL);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, bad_ptr(), sizeof(v)), EFAULT);
	EXPECT_ERRNO(setsockopt(s, IPPROTO_TCP, 1, &v, sizeof(v)), EOPNOTSUPP);
	len = -1;
	EXPECT_ERRNO(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &len), EINVAL);
	len = 2;
	v = -1;
	EXPECT_OK(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &len));	/* cut off */
	EXPECT_EQ(len, 2);
	EXPECT_EQ(v, (int)0xffff0001);
	close(s);
	close_pair(fd);
}

TEST(creation_errors)
{
	int sv[2];

	EXPECT_ERRNO(socket(0, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_ERRNO(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_ERRNO(socket(1000, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_ERRNO(socket(AF_UNIX, 75, 0), EINVAL);
	EXPECT_ERRNO(socket(AF_UNIX, SOCK_STREAM | 0x100, 0), EINVAL);
	EXPECT_ERRNO(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
	EXPECT_ERRNO(socket(AF_UNIX, SOCK_STREAM, 7), EPROTONOSUPPORT);
	EXPECT_ERRNO(socketpair(0, SOCK_STREAM, 0, sv), EAFNOSUPPORT);
	EXPECT_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 7, sv), EPROTONOSUPPORT);
	EXPECT_ERRNO(socketpair(AF_UNIX, 75, 0, sv), EINVAL);
	EXPECT_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 0, bad_ptr()), EFAULT);
}
