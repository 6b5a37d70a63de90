/*
 * What a forked child and its parent say to each other over what they both have open: local sockets of all
 * types keep borders and ends, event descriptors count for both, epoll sets and poll wait for the other.
 */
#include "fork.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

static int sv[2];

static pid_t child_of_pair(int type)
{
	pid_t pid;

	EXPECT_OK(socketpair(AF_UNIX, type, 0, sv));
	pid = start_child();
	close(sv[pid == 0]);
	return pid;
}

TEST(packets_keep_their_borders)
{
	char buf[16] = "";
	pid_t pid = child_of_pair(SOCK_SEQPACKET);

	if (!pid) {
		CHECK(send(sv[0], "three", 5, 0) == 5);
		CHECK(send(sv[0], "", 0, 0) == 0);
		CHECK(send(sv[0], "four", 4, 0) == 4);
		CHECK(recv(sv[0], buf, sizeof(buf), 0) == 3 && !memcmp(buf, "end", 3));
		_exit(0);
	}
	EXPECT_EQ(recv(sv[1], buf, 2, MSG_TRUNC), 5);
	EXPECT_EQ(recv(sv[1], buf, sizeof(buf), 0), 0);
	EXPECT_EQ(recv(sv[1], buf, sizeof(buf), MSG_PEEK), 4);
	EXPECT_EQ(recv(sv[1], buf, sizeof(buf), 0), 4);
	EXPECT_MEM(buf, "four", 4);
	EXPECT_EQ(send(sv[1], "end", 3, 0), 3);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(recv(sv[1], buf, sizeof(buf), 0), 0);
	close(sv[1]);
}

TEST(datagrams)
{
	char buf[16];
	pid_t pid = child_of_pair(SOCK_DGRAM);

	if (!pid) {
		CHECK(recv(sv[0], buf, sizeof(buf), 0) == 3);
		CHECK(send(sv[0], "one", 3, 0) == 3 && send(sv[0], "two!", 4, 0) == 4);
		_exit(0);
	}
	EXPECT_EQ(send(sv[1], "ask", 3, 0), 3);
	EXPECT_EQ(recv(sv[1], buf, sizeof(buf), 0), 3);
	EXPECT_EQ(recv(sv[1], buf, sizeof(buf), 0), 4);
	EXPECT_EXIT(pid, 0);
	EXPECT_ERRNO(recv(sv[1], buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
	EXPECT_ERRNO(send(sv[1], "x", 1, 0), ECONNREFUSED);
	close(sv[1]);
}

TEST(ends_of_a_stream)
{
	struct pollfd p;
	char buf[16];
	pid_t pid = child_of_pair(SOCK_STREAM);

	if (!pid) {
		CHECK(write(sv[0], "last", 4) == 4);
		CHECK(!shutdown(sv[0], SHUT_WR));
		CHECK(read(sv[0], buf, sizeof(buf)) == 4); /* the other direction goes on */
		_exit(0);
	}
	p = (struct pollfd){ sv[1], POLLIN, 0 };
	EXPECT_EQ(poll(&p, 1, 10000), 1);
	EXPECT_EQ(recv(sv[1], buf, sizeof(buf), MSG_WAITALL), 4);
	EXPECT_EQ(read(sv[1], buf, sizeof(buf)), 0);
	EXPECT_EQ(write(sv[1], "back", 4), 4);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(send(sv[1], "x", 1, MSG_NOSIGNAL), -1);
	EXPECT_EQ(errno, EPIPE);
	close(sv[1]);
}

TEST(what_was_there_before_the_fork)
{
	char buf[16];
	pid_t pid;

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	EXPECT_EQ(write(sv[1], "abcdef", 6), 6);
	EXPECT_EQ(read(sv[0], buf, 1), 1);
	pid = start_child();
	if (!pid) {
		CHECK(read(sv[0], buf, 2) == 2 && !memcmp(buf, "bc", 2));
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(write(sv[1], "g", 1), 1);
	EXPECT_EQ(recv(sv[0], buf, 4, MSG_WAITALL), 4);
	EXPECT_MEM(buf, "defg", 4);
	close(sv[0]);
	close(sv[1]);
}

TEST(a_reader_that_waited_through_the_fork)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = 7 }, got;
	int ep = EXPECT_OK(epoll_create1(EPOLL_CLOEXEC));
	char c;
	pid_t pid;

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, sv[0], &ev)); /* before anybody else has it */
	pid = start_child();
	if (!pid) {
		CHECK(epoll_wait(ep, &got, 1, 0) == 0);
		CHECK(write(sv[1], "x", 1) == 1);
		CHECK(epoll_wait(ep, &got, 1, 10000) == 1); /* nobody reads it yet */
		_exit(0);
	}
	EXPECT_EQ(epoll_wait(ep, &got, 1, 10000), 1);
	EXPECT_EQ(got.data.u32, 7);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(sv[0], &c, 1), 1);
	close(ep);
	close(sv[0]);
	close(sv[1]);
}

TEST(a_semaphore_of_both)
{
	int fd = EXPECT_OK(eventfd(3, EFD_SEMAPHORE | EFD_CLOEXEC)), back = EXPECT_OK(eventfd(0, EFD_CLOEXEC));
	eventfd_t v;
	pid_t pid = start_child();

	if (!pid) {
		for (int i = 0; i < 5; i++)
			CHECK(!eventfd_read(fd, &v) && v == 1);
		CHECK(!eventfd_write(back, 40) && !eventfd_write(back, 2));
		_exit(0);
	}
	EXPECT_OK(eventfd_write(fd, 2));
	EXPECT_EXIT(pid, 0);
	EXPECT_OK(eventfd_read(back, &v));
	EXPECT_EQ(v, 42);
	EXPECT_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(eventfd_read(fd, &v), EAGAIN);
	close(fd);
	close(back);
}
