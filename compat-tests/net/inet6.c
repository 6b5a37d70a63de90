/* IPv6: addresses and names, sockets for both families, options of the level. */
#include "inet.h"

TEST(connection)
{
	struct sockaddr_in6 a;
	socklen_t len = sizeof(a);
	char buf[8];
	int sv[2];

	tcp_pair(AF_INET6, sv);
	EXPECT_EQ(write(sv[0], "six", 3), 3);
	EXPECT_EQ(read(sv[1], buf, 8), 3);
	EXPECT_OK(getpeername(sv[1], (void *)&a, &len));
	EXPECT_EQ(len, sizeof(a));
	EXPECT(IN6_IS_ADDR_LOOPBACK(&a.sin6_addr));
	close_pair(sv);
}

TEST(datagram)
{
	int a = bound(AF_INET6, SOCK_DGRAM), b = bound(AF_INET6, SOCK_DGRAM);
	struct sockaddr_storage to;
	struct sockaddr_in6 from;
	socklen_t len = loopback(AF_INET6, port_of(b), &to), from_len = sizeof(from);
	char buf[8];

	EXPECT_EQ(sendto(a, "hi", 2, 0, (void *)&to, len), 2);
	EXPECT_EQ(recvfrom(b, buf, 8, 0, (void *)&from, &from_len), 2);
	EXPECT_EQ(ntohs(from.sin6_port), port_of(a));
	close(a);
	close(b);
}

TEST(both_families)
{
	int l = socket(AF_INET6, SOCK_STREAM, 0), off = 0, c, s;
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 }, peer;
	socklen_t len = sizeof(peer);

	if (l < 0)
		SKIP("no IPv6");
	EXPECT_OK(setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)));
	EXPECT_OK(bind(l, (void *)&any, sizeof(any)));
	EXPECT_OK(listen(l, 4));
	c = connect_to(AF_INET, SOCK_STREAM, port_of(l));
	s = EXPECT_OK(accept(l, (void *)&peer, &len));
	EXPECT(IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr));
	close(s);
	close(c);
	close(l);
}

TEST(options)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0), v = 1, four = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(v);

	if (fd < 0)
		SKIP("no IPv6");
	EXPECT_OK(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v, sizeof(v)));
	v = 0;
	EXPECT_OK(getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v, &len));
	EXPECT_EQ(v, 1);
	v = 30;
	EXPECT_OK(setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &v, sizeof(v)));
	v = 0;
	EXPECT_OK(getsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &v, &len));
	EXPECT_EQ(v, 30);
	EXPECT_OK(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &v, &len));
	EXPECT_EQ(v, AF_INET6);
	EXPECT_EQ(getsockopt(four, IPPROTO_IPV6, IPV6_V6ONLY, &v, &len), -1);
	close(four);
	close(fd);
}
