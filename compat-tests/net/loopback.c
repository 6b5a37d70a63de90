/* Two ends on one machine: which listener an address means, backlogs, ports and names of both ends, what a closed
 * listener or end does to the other, datagrams between bound, unbound and connected sockets. */
#include "inet.h"

static int wildcard(int family, int type)
{
	struct sockaddr_storage a = { .ss_family = family };
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (void *)&a, family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)))
		SKIP("no wildcard of family %d: %s", family, strerror(errno));
	return fd;
}

static void v4(int port, uint32_t addr, struct sockaddr_in *out)
{
	*out = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(addr) };
}

TEST(wildcard_as_a_target)
{
	int l = wildcard(AF_INET, SOCK_STREAM), fd = socket(AF_INET, SOCK_STREAM, 0), s;
	struct sockaddr_in to, peer, own;
	socklen_t len = sizeof(to);

	EXPECT_OK(listen(l, 1));
	v4(port_of(l), INADDR_ANY, &to);
	EXPECT_OK(connect(fd, (void *)&to, len));
	EXPECT_OK(getpeername(fd, (void *)&peer, &len));
	EXPECT_EQ(ntohl(peer.sin_addr.s_addr), INADDR_LOOPBACK);
	s = EXPECT_OK(accept(l, (void *)&peer, &len));
	EXPECT_OK(getsockname(fd, (void *)&own, &len));
	EXPECT_MEM(&own, &peer, sizeof(own));
	EXPECT_OK(getsockname(s, (void *)&own, &len));
	EXPECT_EQ(own.sin_port, to.sin_port);
	close(fd);
	close(s);
	close(l);
}

TEST(both_families_at_one_listener)
{
	int l = wildcard(AF_INET6, SOCK_STREAM), fd, s;
	struct sockaddr_in6 peer;
	socklen_t len = sizeof(peer);

	EXPECT_OK(listen(l, 4));
	fd = connect_to(AF_INET, SOCK_STREAM, port_of(l));
	s = EXPECT_OK(accept(l, (void *)&peer, &len));
	EXPECT_EQ(IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr), 1);
	EXPECT_EQ(ntohs(peer.sin6_port), port_of(fd));
	close(s);
	close(fd);
	fd = connect_to(AF_INET6, SOCK_STREAM, port_of(l));
	s = EXPECT_OK(accept(l, (void *)&peer, &len));
	EXPECT_EQ(IN6_IS_ADDR_LOOPBACK(&peer.sin6_addr), 1);
	close(s);
	close(fd);
	close(l);
}

TEST(client_with_a_port_of_its_own)
{
	int l = listener(AF_INET), fd = bound(AF_INET, SOCK_STREAM), port = port_of(fd), s;
	struct sockaddr_in peer;
	struct sockaddr_storage to;
	socklen_t len = loopback(AF_INET, port_of(l), &to);

	EXPECT_OK(connect(fd, (void *)&to, len));
	s = EXPECT_OK(accept(l, (void *)&peer, &len));
	EXPECT_EQ(ntohs(peer.sin_port), port);
	EXPECT_ERRNO(bind(fd, (void *)&to, len), EINVAL);
	EXPECT_ERRNO(listen(s, 1), EINVAL);
	close(s);
	close(fd);
	close(l);
}

TEST(port_is_free_again)
{
	for (int i = 0; i < 2; i++) {
		int l = listener(AF_INET), fd = connect_to(AF_INET, SOCK_STREAM, port_of(l)), s, port = port_of(fd), other;
		struct sockaddr_storage a;
		socklen_t len = loopback(AF_INET, port, &a);

		s = EXPECT_OK(accept(l, NULL, NULL));
		other = socket(AF_INET, SOCK_STREAM, 0);
		EXPECT_ERRNO(bind(other, (void *)&a, len), EADDRINUSE);
		close(other);
		close(fd);
		close(s);
		close(l);
	}
}

TEST(listener_closed_before_accept)
{
	int l = listener(AF_INET), fd = connect_to(AF_INET, SOCK_STREAM, port_of(l));
	char c;

	close(l);
	EXPECT_NE(poll_now(fd, POLLIN, 2000) & POLLIN, 0);
	EXPECT_ERRNO(read(fd, &c, 1), ECONNRESET);
	close(fd);
}

TEST(data_before_accept)
{
	int l = listener(AF_INET), fd = connect_to(AF_INET, SOCK_STREAM, port_of(l)), s;
	char buf[8];

	EXPECT_EQ(write(fd, "early", 5), 5);
	close(fd);
	s = EXPECT_OK(accept(l, NULL, NULL));
	EXPECT_EQ(recv(s, buf, 5, MSG_WAITALL), 5);
	EXPECT_EQ(read(s, buf, 8), 0);
	close(s);
	close(l);
}

TEST(own_end_of_reading_is_an_event)
{
	struct epoll_event ev = { .events = EPOLLRDHUP | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC), sv[2];

	tcp_pair(AF_INET, sv);
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, sv[0], &ev));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	EXPECT_OK(shutdown(sv[0], SHUT_RD));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 2000), 1);
	EXPECT_EQ(ev.events, EPOLLRDHUP);
	close(ep);
	close(sv[0]);
	close(sv[1]);
}

TEST(unread_data_resets)
{
	int sv[2];
	char c;

	signal(SIGPIPE, SIG_IGN);
	tcp_pair(AF_INET, sv);
	EXPECT_EQ(write(sv[0], "lost", 4), 4);
	EXPECT_EQ(poll_now(sv[1], POLLIN, 2000), POLLIN);
	close(sv[1]);
	EXPECT_NE(poll_now(sv[0], POLLIN, 2000) & POLLERR, 0);
	EXPECT_ERRNO(read(sv[0], &c, 1), ECONNRESET);
	EXPECT_ERRNO(write(sv[0], &c, 1), EPIPE);
	close(sv[0]);
}

TEST(write_to_who_has_closed)
{
	int sv[2];

	signal(SIGPIPE, SIG_IGN);
	tcp_pair(AF_INET, sv);
	close(sv[1]);
	EXPECT_EQ(poll_now(sv[0], POLLIN, 2000), POLLIN);
	EXPECT_EQ(write(sv[0], "x", 1), 1);
	EXPECT_NE(poll_now(sv[0], 0, 2000) & POLLHUP, 0);
	EXPECT_ERRNO(write(sv[0], "x", 1), EPIPE);
	close(sv[0]);
}

TEST(options_of_both_ends)
{
	int sv[2], one = 1, got = 0, ends[2] = { 0, 1 };
	socklen_t len = sizeof(got);
	struct tcp_info info;

	tcp_pair(AF_INET, sv);
	for (int i = 0; i < 2; i++) {
		EXPECT_OK(setsockopt(sv[ends[i]], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
		EXPECT_OK(getsockopt(sv[ends[i]], IPPROTO_TCP, TCP_NODELAY, &got, &len));
		EXPECT_EQ(got, 1);
		len = sizeof(info);
		EXPECT_OK(getsockopt(sv[ends[i]], IPPROTO_TCP, TCP_INFO, &info, &len));
		EXPECT_EQ(info.tcpi_state, TCP_ESTABLISHED);
		len = sizeof(got);
	}
	close_pair(sv);
}

TEST(full_buffer_and_room_again)
{
	static char block[16384];
	size_t sent = 0, got = 0;
	int sv[2];
	ssize_t n;

	tcp_pair(AF_INET, sv);
	while ((n = send(sv[0], block, sizeof(block), MSG_DONTWAIT)) > 0)
		sent += (size_t)n;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(poll_now(sv[0], POLLOUT, 0), 0);
	shutdown(sv[0], SHUT_WR);
	while ((n = read(sv[1], block, sizeof(block))) > 0)
		got += (size_t)n;
	EXPECT_EQ(got, sent);
	close_pair(sv);
}

TEST(datagrams_answered)
{
	int a = socket(AF_INET, SOCK_DGRAM, 0), b = wildcard(AF_INET, SOCK_DGRAM);
	struct sockaddr_in to, from;
	socklen_t len = sizeof(from);
	char buf[8];

	v4(port_of(b), INADDR_LOOPBACK, &to);
	EXPECT_EQ(sendto(a, "ask", 3, 0, (void *)&to, sizeof(to)), 3);
	EXPECT_EQ(recvfrom(b, buf, 8, 0, (void *)&from, &len), 3);
	EXPECT_EQ(ntohl(from.sin_addr.s_addr), INADDR_LOOPBACK);
	EXPECT_EQ(ntohs(from.sin_port), port_of(a));
	EXPECT_EQ(sendto(b, "tell", 4, 0, (void *)&from, len), 4);
	EXPECT_EQ(recvfrom(a, buf, 8, 0, (void *)&from, &len), 4);
	EXPECT_MEM(&from, &to, sizeof(to));
	close(a);
	close(b);
}

TEST(peeked_datagram_stays)
{
	int a = bound(AF_INET, SOCK_DGRAM), b = bound(AF_INET, SOCK_DGRAM);
	struct sockaddr_storage to;
	socklen_t len = loopback(AF_INET, port_of(b), &to);
	char buf[8];

	EXPECT_EQ(sendto(a, "peek", 4, 0, (void *)&to, len), 4);
	EXPECT_EQ(poll_now(b, POLLIN, 2000), POLLIN);
	EXPECT_EQ(recv(b, buf, 2, MSG_PEEK), 2);
	EXPECT_EQ(recv(b, buf, 8, 0), 4);
	EXPECT_MEM(buf, "peek", 4);
	close(a);
	close(b);
}

TEST(listeners_of_a_group_share)
{
	int l[2], one = 1, got[2] = { 0, 0 }, fds[40];
	struct sockaddr_storage a;
	socklen_t len = loopback(AF_INET, 0, &a);

	for (int i = 0; i < 2; i++) {
		l[i] = EXPECT_OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
		EXPECT_OK(setsockopt(l[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)));
		EXPECT_OK(bind(l[i], (void *)&a, len));
		EXPECT_OK(listen(l[i], 64));
		len = loopback(AF_INET, port_of(l[0]), &a);
	}
	for (int i = 0; i < 40; i++)
		fds[i] = connect_to(AF_INET, SOCK_STREAM, port_of(l[0]));
	for (int i = 0, s; i < 2; i++)
		for (; poll_now(l[i], POLLIN, 100) == POLLIN && (s = accept(l[i], NULL, NULL)) >= 0; got[i]++)
			close(s);
	EXPECT_EQ(got[0] + got[1], 40);
	EXPECT_GT(got[0], 0);
	EXPECT_GT(got[1], 0);
	for (int i = 0; i < 40; i++)
		close(fds[i]);
	close(l[0]);
	close(l[1]);
}
