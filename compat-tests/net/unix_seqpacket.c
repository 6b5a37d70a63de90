/*
 * Sequenced packets: connections like streams, borders like datagrams.
 */
#include "net.h"

TEST(packets_over_a_connection)
{
	struct un u = un_abstract("q");
	int s = un_listener(SOCK_SEQPACKET, u, 2), c = un_connected(SOCK_SEQPACKET, u), a;
	char buf[8];

	EXPECT_EQ(send(c, "one", 3, 0), 3);
	EXPECT_EQ(send(c, "", 0, 0), 0);
	EXPECT_EQ(send(c, "three", 5, 0), 5);
	a = EXPECT_OK(accept(s, NULL, NULL));
	EXPECT_EQ(read(a, buf, 8), 3);
	EXPECT_EQ(read(a, buf, 8), 0);
	EXPECT_EQ(read(a, buf, 2), 2);
	EXPECT_EQ(write(a, "back", 4), 4);
	EXPECT_EQ(recv(c, buf, 8, 0), 4);
	EXPECT_EQ(int_option(a, SO_TYPE), SOCK_SEQPACKET);
	EXPECT_ERRNO(recv(a, buf, 8, MSG_DONTWAIT), EAGAIN);
	close(c);
	EXPECT_EQ(recv(a, buf, 8, MSG_DONTWAIT), 0);
	EXPECT_ERRNO(send(a, "x", 1, MSG_NOSIGNAL), EPIPE);
	close(a);
	close(s);
}

TEST(not_connected)
{
	int s = un_socket(SOCK_SEQPACKET);
	char b;

	EXPECT_ERRNO(send(s, "x", 1, 0), ENOTCONN);
	EXPECT_ERRNO(recv(s, &b, 1, 0), ENOTCONN);
	EXPECT_ERRNO(sendto(s, "x", 1, 0, UN(un_abstract("none"))), ENOTCONN);
	EXPECT_EQ(poll_one(s, POLLIN | POLLOUT, 0), POLLOUT | POLLHUP);
	close(s);
}

TEST(nobody_listens)
{
	struct un u = un_abstract("n");
	int s = un_bound(SOCK_SEQPACKET, u), c = un_socket(SOCK_SEQPACKET);

	EXPECT_ERRNO(connect(c, UN(u)), ECONNREFUSED);
	EXPECT_OK(listen(s, 2));
	EXPECT_OK(connect(c, UN(u)));
	EXPECT_ERRNO(connect(c, UN(u)), EISCONN);
	close(c);
	close(s);
}
