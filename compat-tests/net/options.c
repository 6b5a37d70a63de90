/* Options that servers use: values come back as they were set, with the sizes and errors of Linux. */
#include "inet.h"

static int get(int fd, int level, int name)
{
	int v = -1;
	socklen_t len = sizeof(v);

	EXPECT_OK(getsockopt(fd, level, name, &v, &len));
	EXPECT_EQ(len, sizeof(v));
	return v;
}

static void set(int fd, int level, int name, int v)
{
	EXPECT_OK(setsockopt(fd, level, name, &v, sizeof(v)));
}

TEST(socket_level)
{
	static const int booleans[] = { SO_REUSEADDR, SO_KEEPALIVE, SO_REUSEPORT, SO_BROADCAST, SO_OOBINLINE, SO_DONTROUTE };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	for (size_t i = 0; i < ARRAY_SIZE(booleans); i++) {
		EXPECT_EQ(get(fd, SOL_SOCKET, booleans[i]), 0);
		set(fd, SOL_SOCKET, booleans[i], 1);
		EXPECT_EQ(get(fd, SOL_SOCKET, booleans[i]), 1);
	}
	EXPECT_EQ(get(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
	EXPECT_EQ(get(fd, SOL_SOCKET, SO_DOMAIN), AF_INET);
	EXPECT_EQ(get(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
	EXPECT_EQ(get(fd, SOL_SOCKET, SO_ERROR), 0);
	EXPECT_EQ(get(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	set(fd, SOL_SOCKET, SO_RCVBUF, 20000);
	EXPECT_EQ(get(fd, SOL_SOCKET, SO_RCVBUF), 40000);
	set(fd, SOL_SOCKET, SO_SNDBUF, 30000);
	EXPECT_EQ(get(fd, SOL_SOCKET, SO_SNDBUF), 60000);
	set(fd, SOL_SOCKET, SO_RCVLOWAT, 5);
	EXPECT_EQ(get(fd, SOL_SOCKET, SO_RCVLOWAT), 5);
	set(fd, SOL_SOCKET, SO_PRIORITY, 4);
	EXPECT_EQ(get(fd, SOL_SOCKET, SO_PRIORITY), 4);
	close(fd);
	fd = listener(AF_INET);
	EXPECT_EQ(get(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
	close(fd);
}

TEST(structures)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct linger l = { 1, 3 }, m;
	struct timeval t = { 2, 500000 }, u;
	socklen_t len = sizeof(m);

	EXPECT_OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	EXPECT_OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &m, &len));
	EXPECT_EQ(m.l_onoff, 1);
	EXPECT_EQ(m.l_linger, 3);
	EXPECT_OK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)));
	len = sizeof(u);
	EXPECT_OK(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &u, &len));
	EXPECT_EQ(u.tv_sec * 1000000 + u.tv_usec, 2500000);
	t.tv_usec = 1000000;
	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)), EDOM);
	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, 4), EINVAL);
	close(fd);
}

TEST(tcp_level)
{
	static const struct { int name, value; } values[] = {
		{ TCP_NODELAY, 1 }, { TCP_CORK, 1 }, { TCP_KEEPIDLE, 77 }, { TCP_KEEPINTVL, 11 }, { TCP_KEEPCNT, 5 },
		{ TCP_SYNCNT, 3 }, { TCP_USER_TIMEOUT, 9000 }, { TCP_NOTSENT_LOWAT, 12345 }, { TCP_LINGER2, 20 },
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0), v = 1, udp = socket(AF_INET, SOCK_DGRAM, 0);
	struct tcp_info info;
	socklen_t len = sizeof(info);
	char name[16];

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		set(fd, IPPROTO_TCP, values[i].name, values[i].value);
		EXPECT_EQ(get(fd, IPPROTO_TCP, values[i].name), values[i].value);
	}
	EXPECT_OK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(info.tcpi_state, 7); /* TCP_CLOSE */
	EXPECT_GT(get(fd, IPPROTO_TCP, TCP_MAXSEG), 0);
	len = sizeof(name);
	EXPECT_OK(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len));
	EXPECT_OK(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, strnlen(name, 16)));
	EXPECT_ERRNO(setsockopt(fd, IPPROTO_TCP, 9999, &v, sizeof(v)), ENOPROTOOPT);
	EXPECT_EQ(setsockopt(udp, IPPROTO_TCP, TCP_NODELAY, &v, sizeof(v)), -1);
	close(fd);
	close(udp);
}

TEST(ip_level)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ip_mreqn group = { .imr_multiaddr.s_addr = htonl(0xe0000105), .imr_address.s_addr = htonl(INADDR_LOOPBACK) };

	set(fd, IPPROTO_IP, IP_TTL, 9);
	EXPECT_EQ(get(fd, IPPROTO_IP, IP_TTL), 9);
	set(fd, IPPROTO_IP, IP_TOS, 0x10);
	EXPECT_EQ(get(fd, IPPROTO_IP, IP_TOS), 0x10);
	set(fd, IPPROTO_IP, IP_MULTICAST_TTL, 2);
	EXPECT_EQ(get(fd, IPPROTO_IP, IP_MULTICAST_TTL), 2);
	EXPECT_OK(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)));
	EXPECT_ERRNO(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)), EADDRINUSE);
	EXPECT_OK(setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof(group)));
	close(fd);
}

TEST(short_and_bad_buffers)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), v = -1;
	socklen_t len = 1;

	EXPECT_OK(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &len));
	EXPECT_EQ(len, 1);
	EXPECT_EQ(v & 0xff, SOCK_STREAM);
	len = (socklen_t)-1;
	EXPECT_ERRNO(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &len), EINVAL);
	EXPECT_ERRNO(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, bad_ptr()), EFAULT);
	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, bad_ptr(), 4), EFAULT);
	close(fd);
}

TEST(one_port_for_two)
{
	int a = socket(AF_INET, SOCK_STREAM, 0), b = socket(AF_INET, SOCK_STREAM, 0), c, s, got = 0;
	struct sockaddr_storage addr;
	socklen_t len = loopback(AF_INET, 0, &addr);

	set(a, SOL_SOCKET, SO_REUSEPORT, 1);
	set(b, SOL_SOCKET, SO_REUSEPORT, 1);
	EXPECT_OK(bind(a, (void *)&addr, len));
	len = loopback(AF_INET, port_of(a), &addr);
	EXPECT_OK(bind(b, (void *)&addr, len));
	EXPECT_OK(listen(a, 8));
	EXPECT_OK(listen(b, 8));
	for (int i = 0; i < 8; i++) {
		struct pollfd p[2] = { { a, POLLIN, 0 }, { b, POLLIN, 0 } };

		c = connect_to(AF_INET, SOCK_STREAM, port_of(a));
		EXPECT_EQ(poll(p, 2, 1000), 1);
		s = EXPECT_OK(accept(p[0].revents ? a : b, NULL, NULL));
		got++;
		close(s);
		close(c);
	}
	EXPECT_EQ(got, 8);
	close(a);
	close(b);
}
