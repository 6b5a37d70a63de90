/*
 * poll, epoll and SIGIO of local sockets in each state: fresh, listening, full, shut, peer gone.
 */
#include "net.h"
#include <sys/epoll.h>

#define ALL (POLLIN | POLLOUT | POLLPRI | POLLRDHUP)

TEST(fresh_and_listening)
{
	struct un u = un_abstract("p");
	int s = un_socket(SOCK_STREAM), d = un_socket(SOCK_DGRAM), c, a;

	EXPECT_EQ(poll_one(s, ALL, 0), POLLOUT | POLLHUP);
	EXPECT_EQ(poll_one(d, ALL, 0), POLLOUT);
	EXPECT_OK(bind(s, UN(u)));
	EXPECT_OK(listen(s, 3));
	EXPECT_EQ(poll_one(s, ALL, 0), -1);
	c = un_connected(SOCK_STREAM, u);
	EXPECT_EQ(poll_one(s, ALL, 0), POLLIN);
	EXPECT_EQ(poll_one(c, ALL, 0), POLLOUT);
	a = EXPECT_OK(accept(s, NULL, NULL));
	EXPECT_EQ(poll_one(s, ALL, 0), -1);
	EXPECT_OK(shutdown(a, SHUT_WR));
	EXPECT_EQ(poll_one(c, ALL, 0), POLLIN | POLLOUT | POLLRDHUP);
	EXPECT_EQ(poll_one(a, ALL, 0), POLLOUT);
	EXPECT_OK(shutdown(a, SHUT_RD));
	EXPECT_EQ(poll_one(a, ALL, 0), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	EXPECT_EQ(poll_one(c, ALL, 0), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	close(a);
	close(c);
	close(d);
	close(s);
}

TEST(peer_gone_with_unread_data)
{
	int sv[2];

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	EXPECT_EQ(write(sv[0], "x", 1), 1);
	close(sv[1]);
	EXPECT_EQ(poll_one(sv[0], ALL, 0), POLLIN | POLLOUT | POLLRDHUP | POLLHUP | POLLERR);
	EXPECT_EQ(int_option(sv[0], SO_ERROR), ECONNRESET);
	EXPECT_EQ(poll_one(sv[0], ALL, 0), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	close(sv[0]);
}

static void fill(int fd)
{
	static char b[4096];

	set_nonblock(fd);
	while (write(fd, b, sizeof(b)) > 0)
		;
	EXPECT_EQ(errno, EAGAIN);
}

TEST(full)
{
	static char b[1 << 20];
	struct later l;
	int sv[2];

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	fill(sv[0]);
	EXPECT_EQ(poll_one(sv[0], ALL, 0), -1);
	EXPECT_GT(read(sv[1], b, sizeof(b)), 100000);
	EXPECT_EQ(poll_one(sv[0], ALL, 0), POLLOUT);
	fill(sv[0]);
	l = (struct later){ .fd = sv[1], .ms = 40 };
	later_start(&l);	/* closes it */
	EXPECT_GT(poll_one(sv[0], POLLOUT, 5000) & (POLLOUT | POLLHUP), 0);
	later_join(&l);		/* Linux may say POLLHUP before it has thrown away what was sent */
	EXPECT_EQ(poll_one(sv[0], POLLOUT, 5000) & (POLLOUT | POLLHUP), POLLOUT | POLLHUP);
	close(sv[0]);
}

TEST(epoll_edges)
{
	struct un u = un_abstract("ep");
	int s = un_listener(SOCK_STREAM | SOCK_NONBLOCK, u, 5), e = epoll_create1(0), c;
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.fd = s };

	EXPECT_OK(epoll_ctl(e, EPOLL_CTL_ADD, s, &ev));
	EXPECT_EQ(epoll_wait(e, &ev, 1, 0), 0);
	c = un_connected(SOCK_STREAM, u);
	EXPECT_EQ(epoll_wait(e, &ev, 1, 1000), 1);
	EXPECT_EQ(epoll_wait(e, &ev, 1, 0), 0);
	close(un_connected(SOCK_STREAM, u));
	EXPECT_EQ(epoll_wait(e, &ev, 1, 1000), 1);
	close(accept(s, NULL, NULL));
	close(accept(s, NULL, NULL));
	EXPECT_ERRNO(accept(s, NULL, NULL), EAGAIN);
	EXPECT_EQ(epoll_wait(e, &ev, 1, 0), 0);
	ev = (struct epoll_event){ .events = EPOLLIN | EPOLLRDHUP | EPOLLET };
	EXPECT_OK(epoll_ctl(e, EPOLL_CTL_ADD, c, &ev));
	EXPECT_EQ(epoll_wait(e, &ev, 1, 1000), 1);
	EXPECT_EQ(ev.events, EPOLLIN | EPOLLRDHUP | EPOLLHUP);
	close(c);
	close(e);
	close(s);
}

static volatile sig_atomic_t got, got_fd, got_code;

static void on_io(int sig, siginfo_t *si, void *ctx)
{
	(void)sig, (void)ctx;
	got++;
	got_fd = si->si_fd;
	got_code = si->si_code;
}

static void want_signal(int fd, int sig)
{
	struct sigaction sa = { .sa_sigaction = on_io, .sa_flags = SA_SIGINFO };

	got = 0;
	sigaction(sig, &sa, NULL);
	EXPECT_OK(fcntl(fd, F_SETOWN, getpid()));
	EXPECT_OK(fcntl(fd, F_SETSIG, sig == SIGIO ? 0 : sig));
	EXPECT_OK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC));
}

TEST(sigio_of_sockets)
{
	struct un u = un_abstract("sig");
	int s = un_listener(SOCK_STREAM, u, 2), c, sv[2], who = 0;

	want_signal(s, SIGRTMIN + 1);
	c = un_connected(SOCK_STREAM, u);
	EXPECT_EQ(got, 1);
	EXPECT_EQ(got_fd, s);
	EXPECT_EQ(got_code, POLL_IN);
	close(c);
	close(s);
	EXPECT_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	want_signal(sv[0], SIGIO);
	EXPECT_EQ(write(sv[1], "x", 1), 1);
	EXPECT_EQ(got, 1);
	EXPECT_EQ(ioctl(sv[0], 0x8903 /* FIOGETOWN */, &who), 0);
	EXPECT_EQ(who, getpid());
	EXPECT_OK(fcntl(sv[0], F_SETFL, 0));
	EXPECT_EQ(write(sv[1], "x", 1), 1);
	EXPECT_EQ(got, 1);
	close_pair(sv);
}

TEST(sigio_of_pipes)
{
	int fd[2];
	char c;

	EXPECT_OK(pipe(fd));
	want_signal(fd[0], SIGRTMIN + 1);
	EXPECT_EQ(write(fd[1], "x", 1), 1);
	EXPECT_EQ(got, 1);
	EXPECT_EQ(got_fd, fd[0]);
	EXPECT_EQ(got_code, POLL_IN);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	EXPECT_EQ(got, 1);
	close_pair(fd);
}
