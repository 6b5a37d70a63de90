/* UDP over loopback: borders of datagrams, names of senders, connected sockets, errors that come back, many at once. */
#include "inet.h"

TEST(names_and_borders)
{
	int a = bound(AF_INET, SOCK_DGRAM), b = bound(AF_INET, SOCK_DGRAM), n;
	struct sockaddr_storage to, from;
	socklen_t len = loopback(AF_INET, port_of(b), &to), from_len = sizeof(from);
	char buf[64];

	EXPECT_EQ(sendto(a, "first", 5, 0, (void *)&to, len), 5);
	EXPECT_EQ(sendto(a, "", 0, 0, (void *)&to, len), 0);
	EXPECT_EQ(sendto(a, "third one", 9, 0, (void *)&to, len), 9);
	EXPECT_OK(ioctl(b, FIONREAD, &n));
	EXPECT_EQ(n, 5);
	EXPECT_EQ(recvfrom(b, buf, sizeof(buf), 0, (void *)&from, &from_len), 5);
	EXPECT_EQ(from_len, sizeof(struct sockaddr_in));
	EXPECT_EQ(ntohs(((struct sockaddr_in *)(void *)&from)->sin_port), port_of(a));
	EXPECT_EQ(recv(b, buf, sizeof(buf), 0), 0);
	EXPECT_EQ(recv(b, buf, 4, MSG_TRUNC), 9); /* the rest is lost */
	EXPECT_MEM(buf, "thir", 4);
	EXPECT_ERRNO(recv(b, buf, 4, MSG_DONTWAIT), EAGAIN);
	close(a);
	close(b);
}

TEST(connected)
{
	int a = bound(AF_INET, SOCK_DGRAM), b = bound(AF_INET, SOCK_DGRAM), c = bound(AF_INET, SOCK_DGRAM);
	struct sockaddr_storage to;
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	socklen_t len = loopback(AF_INET, port_of(b), &to);
	char buf[16];

	EXPECT_ERRNO(send(a, "x", 1, 0), EDESTADDRREQ);
	EXPECT_OK(connect(a, (void *)&to, len));
	EXPECT_EQ(send(a, "hello", 5, 0), 5);
	EXPECT_EQ(read(b, buf, 16), 5);
	len = loopback(AF_INET, port_of(a), &to);
	EXPECT_EQ(sendto(c, "stranger", 8, 0, (void *)&to, len), 8);
	EXPECT_EQ(sendto(b, "friend", 6, 0, (void *)&to, len), 6);
	EXPECT_EQ(read(a, buf, 16), 6); /* only from whom we are connected to */
	EXPECT_MEM(buf, "friend", 6);
	EXPECT_OK(connect(a, &none, sizeof(none)));
	EXPECT_ERRNO(getpeername(a, (void *)&to, &len), ENOTCONN);
	close(a);
	close(b);
	close(c);
}

TEST(nobody_there)
{
	int a = bound(AF_INET, SOCK_DGRAM), b = bound(AF_INET, SOCK_DGRAM);
	struct sockaddr_storage to;
	socklen_t len = loopback(AF_INET, port_of(b), &to);
	char c;

	close(b);
	EXPECT_OK(connect(a, (void *)&to, len));
	EXPECT_EQ(send(a, "x", 1, 0), 1);
	EXPECT_NE(poll_now(a, POLLIN, 1000) & POLLERR, 0);
	EXPECT_ERRNO(recv(a, &c, 1, 0), ECONNREFUSED);
	EXPECT_ERRNO(recv(a, &c, 1, MSG_DONTWAIT), EAGAIN);
	close(a);
}

TEST(too_big)
{
	static char big[70000];
	int a = bound(AF_INET, SOCK_DGRAM), b = bound(AF_INET, SOCK_DGRAM);
	struct sockaddr_storage to;
	socklen_t len = loopback(AF_INET, port_of(b), &to);

	EXPECT_ERRNO(sendto(a, big, sizeof(big), 0, (void *)&to, len), EMSGSIZE);
	EXPECT_ERRNO(sendto(a, big, 65508, 0, (void *)&to, len), EMSGSIZE);
	EXPECT_EQ(sendto(a, big, 65507, 0, (void *)&to, len), 65507);
	EXPECT_EQ(recv(b, big, sizeof(big), 0), 65507);
	close(a);
	close(b);
}

TEST(messages)
{
	int a = bound(AF_INET, SOCK_DGRAM), b = bound(AF_INET, SOCK_DGRAM);
	struct sockaddr_storage to;
	socklen_t len = loopback(AF_INET, port_of(b), &to);
	struct iovec v[2] = { { "ab", 2 }, { "cde", 3 } };
	struct mmsghdr m[3];
	char in[4][8];
	struct iovec w[4];

	memset(m, 0, sizeof(m));
	for (int i = 0; i < 3; i++)
		m[i].msg_hdr = (struct msghdr){ .msg_name = &to, .msg_namelen = len, .msg_iov = v, .msg_iovlen = 2 };
	EXPECT_EQ(sendmmsg(a, m, 3, 0), 3);
	EXPECT_EQ(m[2].msg_len, 5);
	for (int i = 0; i < 3; i++) {
		w[i] = (struct iovec){ in[i], 4 };
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &w[i], .msg_iovlen = 1 };
	}
	EXPECT_EQ(recvmmsg(b, m, 3, MSG_WAITFORONE, NULL), 3);
	EXPECT_EQ(m[1].msg_len, 4);
	EXPECT_EQ(m[1].msg_hdr.msg_flags, MSG_TRUNC);
	EXPECT_MEM(in[1], "abcd", 4);
	close(a);
	close(b);
}

TEST(packet_info)
{
	int a = bound(AF_INET, SOCK_DGRAM), b = bound(AF_INET, SOCK_DGRAM), one = 1, found = 0;
	struct sockaddr_storage to;
	socklen_t len = loopback(AF_INET, port_of(b), &to);
	char buf[8], control[256];
	struct iovec v = { buf, 8 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };

	EXPECT_OK(setsockopt(b, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one)));
	EXPECT_OK(setsockopt(b, IPPROTO_IP, IP_RECVTTL, &one, sizeof(one)));
	EXPECT_EQ(sendto(a, "x", 1, 0, (void *)&to, len), 1);
	EXPECT_EQ(recvmsg(b, &m, 0), 1);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct in_pktinfo info;

		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			EXPECT_EQ(ntohl(info.ipi_addr.s_addr), INADDR_LOOPBACK);
			found |= 1;
		}
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL)
			found |= 2;
	}
	EXPECT_EQ(found, 3);
	close(a);
	close(b);
}

TEST(poll_states)
{
	int a = bound(AF_INET, SOCK_DGRAM), b = bound(AF_INET, SOCK_DGRAM);
	struct sockaddr_storage to;
	socklen_t len = loopback(AF_INET, port_of(b), &to);
	char c;

	EXPECT_EQ(poll_now(b, POLLIN | POLLOUT, 0), POLLOUT);
	EXPECT_EQ(sendto(a, "12", 2, 0, (void *)&to, len), 2);
	EXPECT_EQ(sendto(a, "3", 1, 0, (void *)&to, len), 1);
	EXPECT_EQ(poll_now(b, POLLIN | POLLOUT, 1000), POLLIN | POLLOUT);
	EXPECT_EQ(recv(b, &c, 1, 0), 1);
	EXPECT_EQ(poll_now(b, POLLIN, 0), POLLIN);
	EXPECT_EQ(recv(b, &c, 1, 0), 1);
	EXPECT_EQ(c, '3');
	EXPECT_EQ(poll_now(b, POLLIN, 0), 0);
	close(a);
	close(b);
}
