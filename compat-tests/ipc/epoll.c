/*
 * epoll's three ways of telling: level (as long as it is so), edge (once per change), one-shot
 * (until armed again); data and masks come back as given; hang-ups need not be asked for.
 */
#include "ipc.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int ep;

static void add(int fd, uint32_t events, uint64_t data)
{
	struct epoll_event ev = { .events = events, .data.u64 = data };

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
}

static void mod(int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events };

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev));
}

/* The events of the only ready descriptor, 0 when there is none. */
static uint32_t ready(int ms)
{
	struct epoll_event ev[4];
	int n = epoll_wait(ep, ev, 4, ms);

	EXPECT_GE(n, 0);
	EXPECT_LE(n, 1);
	return n ? ev[0].events : 0;
}

TEST(level)
{
	int fd[2];
	char c;

	ep = EXPECT_OK(epoll_create1(0));
	EXPECT_OK(pipe(fd));
	add(fd[0], EPOLLIN, 0);
	EXPECT_EQ(ready(0), 0);
	EXPECT_EQ(write(fd[1], "ab", 2), 2);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(ready(0), EPOLLIN);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	EXPECT_EQ(ready(0), EPOLLIN);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	EXPECT_EQ(ready(0), 0);
	close_pair(fd);
	close(ep);
}

TEST(edge)
{
	int fd[2];
	char c;

	ep = EXPECT_OK(epoll_create1(0));
	EXPECT_OK(pipe(fd));
	EXPECT_EQ(write(fd[1], "a", 1), 1);
	add(fd[0], EPOLLIN | EPOLLET, 0);
	EXPECT_EQ(ready(0), EPOLLIN);	/* the state at the time of adding counts as a change */
	EXPECT_EQ(ready(0), 0);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	EXPECT_EQ(ready(0), 0);
	EXPECT_EQ(write(fd[1], "b", 1), 1);
	EXPECT_EQ(ready(0), EPOLLIN);
	EXPECT_EQ(ready(0), 0);
	EXPECT_EQ(write(fd[1], "c", 1), 1);	/* not yet read empty: new data is an edge again */
	EXPECT_EQ(ready(0), EPOLLIN);
	mod(fd[0], EPOLLIN | EPOLLET);		/* and so is MOD */
	EXPECT_EQ(ready(0), EPOLLIN);
	EXPECT_EQ(ready(0), 0);
	close_pair(fd);
	close(ep);
}

TEST(edge_of_eventfd)
{
	uint64_t v = 1;
	int fd = EXPECT_OK(eventfd(0, 0));

	ep = EXPECT_OK(epoll_create1(0));
	add(fd, EPOLLIN | EPOLLET, 0);
	EXPECT_EQ(ready(0), 0);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(write(fd, &v, 8), 8);
		EXPECT_EQ(ready(0), EPOLLIN);
		EXPECT_EQ(ready(0), 0);
	}
	close(fd);
	close(ep);
}

TEST(oneshot)
{
	int fd[2];

	ep = EXPECT_OK(epoll_create1(0));
	EXPECT_OK(pipe(fd));
	add(fd[0], EPOLLIN | EPOLLONESHOT, 0);
	EXPECT_EQ(write(fd[1], "a", 1), 1);
	EXPECT_EQ(ready(0), EPOLLIN);
	EXPECT_EQ(write(fd[1], "b", 1), 1);
	EXPECT_EQ(ready(0), 0);
	close(fd[1]);
	EXPECT_EQ(ready(0), 0);			/* not even the hang-up */
	mod(fd[0], EPOLLIN | EPOLLONESHOT);
	EXPECT_EQ(ready(0), EPOLLIN | EPOLLHUP);
	EXPECT_EQ(ready(0), 0);
	close(fd[0]);
	close(ep);
}

TEST(hangup_and_error)
{
	int fd[2];

	ep = EXPECT_OK(epoll_create1(0));
	EXPECT_OK(pipe(fd));
	add(fd[0], 0, 0);
	EXPECT_EQ(ready(0), 0);
	close(fd[1]);
	EXPECT_EQ(ready(0), EPOLLHUP);
	close(fd[0]);
	EXPECT_OK(pipe(fd));
	add(fd[1], EPOLLOUT, 0);
	EXPECT_EQ(ready(0), EPOLLOUT);
	close(fd[0]);
	EXPECT_EQ(ready(0), EPOLLOUT | EPOLLERR);
	close(fd[1]);
	close(ep);
}

TEST(data_comes_back)
{
	struct epoll_event ev[4];
	int a[2], b[2];

	ep = EXPECT_OK(epoll_create1(0));
	EXPECT_OK(pipe(a));
	EXPECT_OK(pipe(b));
	add(a[1], EPOLLOUT, 0x1122334455667788);
	add(b[1], EPOLLOUT, UINT64_MAX);
	EXPECT_EQ(epoll_wait(ep, ev, 4, 0), 2);
	EXPECT_EQ(ev[0].data.u64 ^ ev[1].data.u64, 0x1122334455667788 ^ UINT64_MAX);
	EXPECT_EQ(sizeof(struct epoll_event), 12);
	close_pair(a);
	close_pair(b);
	close(ep);
}

TEST(both_directions)
{
	int fd = EXPECT_OK(eventfd(1, 0));

	ep = EXPECT_OK(epoll_create1(0));
	add(fd, EPOLLIN | EPOLLOUT, 0);
	EXPECT_EQ(ready(0), EPOLLIN | EPOLLOUT);
	mod(fd, EPOLLOUT);
	EXPECT_EQ(ready(0), EPOLLOUT);
	mod(fd, EPOLLPRI);
	EXPECT_EQ(ready(0), 0);
	close(fd);
	close(ep);
}

/* With fewer places than ready descriptors everybody gets his turn. */
TEST(fairness)
{
	bool seen[10] = { false };
	struct epoll_event ev;
	int fd[10];

	ep = EXPECT_OK(epoll_create1(0));
	for (int i = 0; i < 10; i++) {
		fd[i] = EXPECT_OK(eventfd(1, 0));
		add(fd[i], EPOLLIN, i);
	}
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
		seen[ev.data.u64] = true;
	}
	for (int i = 0; i < 10; i++) {
		EXPECT(seen[i]);
		close(fd[i]);
	}
	close(ep);
}

TEST(timeouts)
{
	int64_t start = now_ns();
	struct epoll_event ev;
	int fd[2];

	ep = EXPECT_OK(epoll_create1(0));
	EXPECT_OK(pipe(fd));
	add(fd[0], EPOLLIN, 0);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 50), 0);
	EXPECT_GE(now_ns() - start, 50000000);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	close_pair(fd);
	close(ep);
}

TEST(waits_for_events)
{
	struct later l = { .ms = 30, .data = "x", .len = 1 };
	int fd[2];

	ep = EXPECT_OK(epoll_create1(0));
	EXPECT_OK(pipe(fd));
	add(fd[0], EPOLLIN | EPOLLET, 0);
	l.fd = fd[1];
	later_start(&l);
	EXPECT_EQ(ready(10000), EPOLLIN);
	later_join(&l);
	l = (struct later){ .fd = fd[1], .ms = 20 };
	later_start(&l);
	EXPECT_EQ(ready(10000), EPOLLIN | EPOLLHUP);
	later_join(&l);
	close(fd[0]);
	close(ep);
}

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	(void)sig;
	caught++;
}

TEST(pwait_mask)
{
	struct epoll_event ev;
	sigset_t usr1, open, now;

	ep = EXPECT_OK(epoll_create1(0));
	signal(SIGUSR1, on_signal);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &open);
	raise(SIGUSR1);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 10), 0);
	EXPECT_EQ(caught, 0);
	EXPECT_ERRNO(epoll_pwait(ep, &ev, 1, 10000, &open), EINTR);
	EXPECT_EQ(caught, 1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	EXPECT(sigismember(&now, SIGUSR1));
	sigprocmask(SIG_SETMASK, &open, NULL);
	signal(SIGUSR1, SIG_DFL);
	close(ep);
}
