/* Readiness of internet sockets: poll, select and epoll (level, edge, oneshot), mixed with pipes, from other threads;
 * timeouts and signals end waits. */
#include "inet.h"
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/time.h>

TEST(states_of_a_connection)
{
	static char big[1 << 16];
	int sv[2], fresh = socket(AF_INET, SOCK_STREAM, 0);
	char buf[8];

	EXPECT_EQ(poll_now(fresh, POLLIN | POLLOUT, 0), POLLOUT | POLLHUP);
	tcp_pair(AF_INET, sv);
	EXPECT_EQ(poll_now(sv[0], POLLIN | POLLOUT, 0), POLLOUT);
	EXPECT_EQ(write(sv[0], "abc", 3), 3);
	EXPECT_EQ(poll_now(sv[1], POLLIN, 1000), POLLIN);
	EXPECT_EQ(read(sv[1], buf, 2), 2); /* as much as asked for: more is there */
	EXPECT_EQ(poll_now(sv[1], POLLIN, 0), POLLIN);
	EXPECT_EQ(read(sv[1], buf, 1), 1); /* as much as asked for: nothing is left */
	EXPECT_EQ(poll_now(sv[1], POLLIN, 0), 0);
	fcntl(sv[0], F_SETFL, O_NONBLOCK);
	while (write(sv[0], big, sizeof(big)) > 0)
		;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(poll_now(sv[0], POLLOUT, 0), 0);
	fcntl(sv[1], F_SETFL, O_NONBLOCK);
	for (int quiet = 0; quiet < 3;) /* what is on the way arrives */
		if (read(sv[1], big, sizeof(big)) < 0 && ++quiet)
			sleep_ms(10);
	EXPECT_EQ(poll_now(sv[0], POLLOUT, 1000), POLLOUT);
	shutdown(sv[0], SHUT_WR);
	EXPECT_EQ(poll_now(sv[1], POLLIN | POLLRDHUP | POLLOUT, 1000) & (POLLIN | POLLRDHUP), POLLIN | POLLRDHUP);
	shutdown(sv[1], SHUT_WR);
	EXPECT_EQ(poll_now(sv[1], POLLIN, 1000) & POLLHUP, POLLHUP);
	close_pair(sv);
	close(fresh);
}

TEST(listener_becomes_ready)
{
	int l = listener(AF_INET), c[3], s;

	EXPECT_EQ(poll_now(l, POLLIN, 0), 0);
	for (int i = 0; i < 3; i++)
		c[i] = connect_to(AF_INET, SOCK_STREAM, port_of(l));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(poll_now(l, POLLIN, 1000), POLLIN);
		s = EXPECT_OK(accept(l, NULL, NULL));
		close(s);
		close(c[i]);
	}
	EXPECT_EQ(poll_now(l, POLLIN, 0), 0);
	close(l);
}

static void watch(int ep, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
}

TEST(epoll_level)
{
	int ep = epoll_create1(0), sv[2];
	struct epoll_event ev;
	char buf[8];

	tcp_pair(AF_INET, sv);
	watch(ep, sv[1], EPOLLIN);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	EXPECT_EQ(write(sv[0], "ab", 2), 2);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 1000), 1);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1); /* still */
	EXPECT_EQ(read(sv[1], buf, 1), 1);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	EXPECT_EQ(read(sv[1], buf, 8), 1);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	close(sv[0]);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 1000), 1);
	EXPECT_EQ(ev.events, EPOLLIN);
	EXPECT_EQ(read(sv[1], buf, 8), 0);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1); /* the end stays */
	close(sv[1]);
	close(ep);
}

TEST(epoll_edge)
{
	int ep = epoll_create1(0), sv[2];
	struct epoll_event ev;
	char buf[8];

	tcp_pair(AF_INET, sv);
	watch(ep, sv[1], EPOLLIN | EPOLLET);
	EXPECT_EQ(write(sv[0], "ab", 2), 2);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 1000), 1);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 20), 0);
	EXPECT_EQ(write(sv[0], "c", 1), 1); /* new data is an edge, read or not */
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 1000), 1);
	EXPECT_EQ(read(sv[1], buf, 8), 3);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 20), 0);
	close_pair(sv);
	close(ep);
}

TEST(epoll_oneshot)
{
	int ep = epoll_create1(0), sv[2];
	struct epoll_event ev;

	tcp_pair(AF_INET, sv);
	watch(ep, sv[1], EPOLLIN | EPOLLONESHOT);
	EXPECT_EQ(write(sv[0], "a", 1), 1);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 1000), 1);
	EXPECT_EQ(write(sv[0], "b", 1), 1);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 20), 0);
	ev = (struct epoll_event){ .events = EPOLLIN | EPOLLONESHOT };
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_MOD, sv[1], &ev));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 1000), 1);
	close_pair(sv);
	close(ep);
}

TEST(spinning_sees_data)
{
	int sv[2];
	char c;

	tcp_pair(AF_INET, sv);
	EXPECT_EQ(poll_now(sv[1], POLLIN, 0), 0);
	EXPECT_EQ(write(sv[0], "x", 1), 1);
	for (int64_t end = now_ns() + 2000000000LL; !poll_now(sv[1], POLLIN, 0);)
		EXPECT_LT(now_ns(), end);
	EXPECT_EQ(read(sv[1], &c, 1), 1);
	close_pair(sv);
}

static void *write_late(void *arg)
{
	sleep_ms(30);
	if (write(*(int *)arg, "12345678", 8) != 8)
		FAIL("write");
	return NULL;
}

TEST(mixed_with_other_files)
{
	int ep = epoll_create1(0), sv[2], pp[2], ev_fd = eventfd(0, 0);
	struct epoll_event out[4];
	fd_set set;
	pthread_t t;
	char buf[8];

	tcp_pair(AF_INET, sv);
	EXPECT_OK(pipe(pp));
	watch(ep, sv[1], EPOLLIN);
	watch(ep, pp[0], EPOLLIN);
	watch(ep, ev_fd, EPOLLIN);
	pthread_create(&t, NULL, write_late, &sv[0]); /* wakes a sleeping epoll_wait */
	EXPECT_EQ(epoll_wait(ep, out, 4, 5000), 1);
	EXPECT_EQ(out[0].data.fd, sv[1]);
	pthread_join(t, NULL);
	EXPECT_EQ(read(sv[1], buf, 8), 8);
	pthread_create(&t, NULL, write_late, &pp[1]);
	EXPECT_EQ(epoll_wait(ep, out, 4, 5000), 1);
	EXPECT_EQ(out[0].data.fd, pp[0]);
	pthread_join(t, NULL);
	pthread_create(&t, NULL, write_late, &sv[0]);
	FD_ZERO(&set);
	FD_SET(sv[1], &set);
	FD_SET(ev_fd, &set);
	EXPECT_EQ(select(FD_SETSIZE, &set, NULL, NULL, NULL), 1);
	EXPECT(FD_ISSET(sv[1], &set));
	pthread_join(t, NULL);
	close_pair(sv);
	close_pair(pp);
	close(ev_fd);
	close(ep);
}

static void *read_one(void *arg)
{
	char c = 0;

	if (read(*(int *)arg, &c, 1) != 1)
		FAIL("read");
	return (void *)(intptr_t)c;
}

TEST(blocked_readers)
{
	enum { N = 20 };
	int sv[N][2];
	pthread_t t[N];
	void *got;

	for (int i = 0; i < N; i++) {
		tcp_pair(AF_INET, sv[i]);
		pthread_create(&t[i], NULL, read_one, &sv[i][1]);
	}
	sleep_ms(20);
	for (int i = N - 1; i >= 0; i--) {
		char c = (char)(i + 1);

		EXPECT_EQ(write(sv[i][0], &c, 1), 1);
	}
	for (int i = 0; i < N; i++) {
		pthread_join(t[i], &got);
		EXPECT_EQ((intptr_t)got, i + 1);
		close_pair(sv[i]);
	}
}

TEST(timeouts)
{
	struct timeval tv = { 0, 50000 };
	int sv[2], l = listener(AF_INET);
	int64_t t = now_ns();
	char c;

	tcp_pair(AF_INET, sv);
	EXPECT_OK(setsockopt(sv[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	EXPECT_ERRNO(read(sv[1], &c, 1), EAGAIN);
	EXPECT_GE(now_ns() - t, 45000000);
	EXPECT_OK(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	t = now_ns();
	EXPECT_ERRNO(accept(l, NULL, NULL), EAGAIN);
	EXPECT_GE(now_ns() - t, 45000000);
	close_pair(sv);
	close(l);
}

static void on_alarm(int sig)
{
	(void)sig;
}

TEST(signals)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct itimerval it = { .it_value.tv_usec = 40000 };
	int sv[2];
	pthread_t t;
	char c;

	tcp_pair(AF_INET, sv);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	EXPECT_ERRNO(read(sv[1], &c, 1), EINTR);
	sa.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &sa, NULL);
	it.it_value.tv_usec = 10000;
	pthread_create(&t, NULL, write_late, &sv[0]);
	setitimer(ITIMER_REAL, &it, NULL);
	EXPECT_EQ(read(sv[1], &c, 1), 1); /* goes on after the handler */
	pthread_join(t, NULL);
	close_pair(sv);
}

TEST(sendfile_to_a_socket)
{
	static char data[100000], back[100000];
	int sv[2], fd;
	off_t off = 10;
	size_t at = 0;
	ssize_t n;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7 + i / 1000);
	fd = tmp_file("data", data, sizeof(data));
	tcp_pair(AF_INET, sv);
	n = EXPECT_OK(syscall(SYS_sendfile, sv[0], fd, &off, sizeof(data) - 10));
	EXPECT_EQ(off, 10 + n);
	shutdown(sv[0], SHUT_WR);
	while ((n = read(sv[1], back + at, sizeof(back) - at)) > 0)
		at += (size_t)n;
	EXPECT_EQ(at + 10, off);
	EXPECT_MEM(back, data + 10, at);
	close(fd);
	close_pair(sv);
}
