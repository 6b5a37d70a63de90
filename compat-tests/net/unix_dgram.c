/*
 * Datagrams by name: sender's names, connecting, who may send to whom, full queues, dead targets.
 */
#include "net.h"

TEST(sender_has_a_name)
{
	struct un u = un_path("r"), v = un_abstract("s");
	int r = un_bound(SOCK_DGRAM, u), s = un_bound(SOCK_DGRAM, v), n = un_socket(SOCK_DGRAM);
	struct sockaddr_un a;
	socklen_t len = sizeof(a);
	char buf[16];

	EXPECT_EQ(sendto(s, "named", 5, 0, UN(u)), 5);
	EXPECT_EQ(sendto(n, "no", 2, 0, UN(u)), 2);
	EXPECT_EQ(sendto(s, "", 0, 0, UN(u)), 0);
	EXPECT_EQ(recvfrom(r, buf, 16, 0, (void *)&a, &len), 5);
	EXPECT_EQ(len, v.len);
	EXPECT_MEM(&a, &v.addr, v.len);
	len = sizeof(a);
	EXPECT_EQ(recvfrom(r, buf, 16, 0, (void *)&a, &len), 2);
	EXPECT_EQ(len, 0);
	len = 3;	/* cut off, but the full length is told */
	EXPECT_EQ(recvfrom(r, buf, 16, 0, (void *)&a, &len), 0);
	EXPECT_EQ(len, v.len);
	EXPECT_ERRNO(recvfrom(r, buf, 16, MSG_DONTWAIT, (void *)&a, &len), EAGAIN);
	close(r);
	close(s);
	close(n);
}

TEST(name_of_a_dead_sender)
{
	struct un u = un_abstract("r"), v = un_abstract("s");
	int r = un_bound(SOCK_DGRAM, u), s = un_bound(SOCK_DGRAM, v);
	char buf[8];

	EXPECT_EQ(sendto(s, "bye", 3, 0, UN(u)), 3);
	close(s);
	EXPECT_EQ(recv(r, buf, 8, 0), 3);
	EXPECT_MEM(buf, "bye", 3);
	close(r);
}

TEST(connected)
{
	struct un u = un_abstract("u"), v = un_abstract("v"), w = un_abstract("w");
	int a = un_bound(SOCK_DGRAM, u), b = un_bound(SOCK_DGRAM, v), c = un_bound(SOCK_DGRAM, w);
	struct sockaddr_un name;
	char buf[8];

	EXPECT_ERRNO(send(a, "x", 1, 0), ENOTCONN);
	EXPECT_OK(connect(a, UN(v)));
	EXPECT_EQ(name_of(a, true, &name), v.len);
	EXPECT_EQ(send(a, "1", 1, 0), 1);
	EXPECT_EQ(sendto(a, "2", 1, 0, UN(w)), 1);	/* elsewhere is allowed */
	EXPECT_EQ(recv(b, buf, 8, 0), 1);
	EXPECT_EQ(recv(c, buf, 8, 0), 1);
	EXPECT_ERRNO(sendto(c, "x", 1, 0, UN(u)), EPERM);	/* a hears only b */
	EXPECT_ERRNO(connect(c, UN(u)), EPERM);
	EXPECT_EQ(sendto(b, "3", 1, 0, UN(u)), 1);
	EXPECT_EQ(recv(a, buf, 8, 0), 1);
	EXPECT_OK(connect(a, UN(w)));	/* changes its mind */
	EXPECT_EQ(sendto(c, "4", 1, 0, UN(u)), 1);
	EXPECT_OK(connect(a, &(struct sockaddr){ .sa_family = AF_UNSPEC }, sizeof(struct sockaddr)));
	EXPECT_ERRNO(send(a, "x", 1, 0), ENOTCONN);
	EXPECT_ERRNO(getpeername(a, (void *)&name, &(socklen_t){ sizeof(name) }), ENOTCONN);
	close(a);
	close(b);
	close(c);
}

TEST(dead_target)
{
	struct un u = un_abstract("t"), p = un_path("p");
	int t = un_bound(SOCK_DGRAM, u), s = un_socket(SOCK_DGRAM), q = un_bound(SOCK_DGRAM, p);

	EXPECT_OK(connect(s, UN(u)));
	close(t);
	EXPECT_ERRNO(send(s, "x", 1, 0), ECONNREFUSED);
	EXPECT_ERRNO(send(s, "x", 1, 0), ENOTCONN);	/* it has been told */
	EXPECT_ERRNO(sendto(s, "x", 1, 0, UN(u)), ECONNREFUSED);
	close(q);
	EXPECT_ERRNO(sendto(s, "x", 1, 0, UN(p)), ECONNREFUSED);
	EXPECT_OK(unlink(p.addr.sun_path));
	EXPECT_ERRNO(sendto(s, "x", 1, 0, UN(p)), ENOENT);
	close(s);
}

TEST(full_queue)
{
	struct un u = un_abstract("q");
	int r = un_bound(SOCK_DGRAM, u), s = un_socket(SOCK_DGRAM | SOCK_NONBLOCK), n = 0;
	char buf[8];

	while (n < 10000 && sendto(s, "x", 1, 0, UN(u)) == 1)
		n++;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_GT(n, 5);
	EXPECT_LT(n, 10000);
	EXPECT_EQ(poll_one(s, POLLOUT, 0), POLLOUT);	/* not connected: it may go elsewhere */
	EXPECT_OK(connect(s, UN(u)));
	EXPECT_EQ(poll_one(s, POLLOUT, 0), -1);
	EXPECT_ERRNO(send(s, "x", 1, 0), EAGAIN);
	EXPECT_EQ(recv(r, buf, 8, 0), 1);
	EXPECT_EQ(poll_one(s, POLLOUT, 0), POLLOUT);
	EXPECT_EQ(send(s, "x", 1, 0), 1);
	close(r);
	close(s);
}

static void *read_one_later(void *arg)
{
	char b;

	sleep_ms(50);
	if (read((int)(long)arg, &b, 1) != 1)
		abort();
	return NULL;
}

TEST(sender_waits_for_room)
{
	struct un u = un_abstract("w");
	int r = un_bound(SOCK_DGRAM, u), s = un_socket(SOCK_DGRAM);
	pthread_t t;

	while (sendto(s, "x", 1, MSG_DONTWAIT, UN(u)) == 1)
		;
	EXPECT_EQ(pthread_create(&t, NULL, read_one_later, (void *)(long)r), 0);
	EXPECT_EQ(sendto(s, "y", 1, 0, UN(u)), 1);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	close(r);
	close(s);
}

TEST(to_itself)
{
	struct un u = un_abstract("i");
	int s = un_bound(SOCK_DGRAM, u);
	char buf[4];

	EXPECT_EQ(sendto(s, "me", 2, 0, UN(u)), 2);
	EXPECT_EQ(recv(s, buf, 4, 0), 2);
	EXPECT_OK(connect(s, UN(u)));
	EXPECT_EQ(send(s, "me", 2, 0), 2);
	EXPECT_EQ(recv(s, buf, 4, 0), 2);
	close(s);
}

TEST(pair_partner_goes)
{
	int sv[2];
	char c;

	EXPECT_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	EXPECT_EQ(send(sv[1], "l", 1, 0), 1);
	close(sv[1]);
	EXPECT_EQ(recv(sv[0], &c, 1, 0), 1);
	EXPECT_ERRNO(send(sv[0], "x", 1, 0), ECONNREFUSED);
	EXPECT_ERRNO(send(sv[0], "x", 1, 0), ENOTCONN);
	close(sv[0]);
}

TEST(too_big_and_cut)
{
	static char big[400000];
	int sv[2];
	struct iovec v = { big, 3 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	EXPECT_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	EXPECT_ERRNO(send(sv[0], big, sizeof(big), 0), EMSGSIZE);
	EXPECT_EQ(send(sv[0], "12345", 5, 0), 5);
	EXPECT_EQ(recvmsg(sv[1], &m, MSG_PEEK), 3);
	EXPECT_EQ(m.msg_flags, MSG_TRUNC);
	EXPECT_EQ(recvmsg(sv[1], &m, MSG_TRUNC), 5);
	EXPECT_EQ(m.msg_flags, MSG_TRUNC);
	EXPECT_ERRNO(recv(sv[1], big, 1, MSG_DONTWAIT), EAGAIN);
	EXPECT_OK(shutdown(sv[1], SHUT_RD));
	EXPECT_ERRNO(send(sv[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	close_pair(sv);
}
