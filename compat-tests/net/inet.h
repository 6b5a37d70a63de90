/* What the tests of internet sockets share. Everything stays on the loopback interface, with ports that the system
 * chooses; a machine without it (or without IPv6) skips. */
#pragma once
#include "../test.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

static inline socklen_t loopback(int family, int port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (void *)out;
	struct sockaddr_in6 *v6 = (void *)out;

	memset(out, 0, sizeof(*out));
	out->ss_family = family;
	if (family == AF_INET) {
		v4->sin_port = htons(port);
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*v4);
	}
	v6->sin6_port = htons(port);
	v6->sin6_addr = in6addr_loopback;
	return sizeof(*v6);
}

static inline int port_of(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	EXPECT_OK(getsockname(fd, (void *)&a, &len));
	return ntohs(a.ss_family == AF_INET ? ((struct sockaddr_in *)(void *)&a)->sin_port :
					      ((struct sockaddr_in6 *)(void *)&a)->sin6_port);
}

/* A socket bound to a free port of the loopback address. */
static inline int bound(int family, int type)
{
	struct sockaddr_storage a;
	socklen_t len = loopback(family, 0, &a);
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (void *)&a, len))
		SKIP("no loopback of family %d: %s", family, strerror(errno));
	return fd;
}

static inline int listener(int family)
{
	int fd = bound(family, SOCK_STREAM);

	EXPECT_OK(listen(fd, 16));
	return fd;
}

static inline int connect_to(int family, int type, int port)
{
	struct sockaddr_storage a;
	socklen_t len = loopback(family, port, &a);
	int fd = EXPECT_OK(socket(family, type | SOCK_CLOEXEC, 0));

	EXPECT_OK(connect(fd, (void *)&a, len));
	return fd;
}

/* Two ends of a connection. */
static inline void tcp_pair(int family, int sv[2])
{
	int l = listener(family);

	sv[0] = connect_to(family, SOCK_STREAM, port_of(l));
	sv[1] = EXPECT_OK(accept4(l, NULL, NULL, SOCK_CLOEXEC));
	close(l);
}

static inline void close_pair(int sv[2])
{
	close(sv[0]);
	close(sv[1]);
}

static inline short poll_now(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	EXPECT_OK(poll(&p, 1, ms));
	return p.revents;
}
