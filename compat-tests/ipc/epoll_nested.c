/*
 * epoll at work: sets inside sets, loops refused, a thousand descriptors, several threads waiting
 * on one set, poll and select on a set.
 */
#include "ipc.h"
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>

static void add(int ep, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event ev = { .events = events, .data.u64 = data };

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
}

TEST(sets_in_sets)
{
	int outer = EXPECT_OK(epoll_create1(0)), middle = EXPECT_OK(epoll_create1(0)),
	    inner = EXPECT_OK(epoll_create1(0));
	int fd = EXPECT_OK(eventfd(0, 0));
	struct epoll_event ev;
	uint64_t v = 1;

	add(inner, fd, EPOLLIN, 3);
	add(middle, inner, EPOLLIN, 2);
	add(outer, middle, EPOLLIN, 1);
	EXPECT_EQ(epoll_wait(outer, &ev, 1, 0), 0);
	EXPECT_EQ(write(fd, &v, 8), 8);
	EXPECT_EQ(epoll_wait(outer, &ev, 1, 0), 1);
	EXPECT_EQ(ev.data.u64, 1);
	EXPECT_EQ(epoll_wait(middle, &ev, 1, 0), 1);
	EXPECT_EQ(ev.data.u64, 2);
	EXPECT_EQ(epoll_wait(inner, &ev, 1, 0), 1);
	EXPECT_EQ(ev.data.u64, 3);
	EXPECT_EQ(read(fd, &v, 8), 8);
	EXPECT_EQ(epoll_wait(outer, &ev, 1, 0), 0);
	close(fd);
	close(inner);
	close(middle);
	close(outer);
}

TEST(nested_wakes)
{
	int outer = EXPECT_OK(epoll_create1(0)), inner = EXPECT_OK(epoll_create1(0));
	uint64_t one = 1;
	struct later l = { .fd = EXPECT_OK(eventfd(0, 0)), .ms = 30, .data = &one, .len = 8 };
	struct epoll_event ev;

	add(inner, l.fd, EPOLLIN, 0);
	add(outer, inner, EPOLLIN, 0);
	later_start(&l);
	EXPECT_EQ(epoll_wait(outer, &ev, 1, 10000), 1);
	later_join(&l);
	close(l.fd);
	close(inner);
	close(outer);
}

TEST(loops_are_refused)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int a = EXPECT_OK(epoll_create1(0)), b = EXPECT_OK(epoll_create1(0)),
	    c = EXPECT_OK(epoll_create1(0));

	add(a, b, EPOLLIN, 0);
	add(b, c, EPOLLIN, 0);
	EXPECT_ERRNO(epoll_ctl(b, EPOLL_CTL_ADD, a, &ev), ELOOP);
	EXPECT_ERRNO(epoll_ctl(c, EPOLL_CTL_ADD, a, &ev), ELOOP);
	EXPECT_ERRNO(epoll_ctl(a, EPOLL_CTL_ADD, a, &ev), EINVAL);
	close(a);
	close(b);
	close(c);
}

TEST(six_deep_is_too_deep)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int e[8], made = 0, err = 0;

	for (int i = 0; i < 8; i++)
		e[i] = EXPECT_OK(epoll_create1(0));
	while (made < 7 && !err) {
		if (epoll_ctl(e[made + 1], EPOLL_CTL_ADD, e[made], &ev))
			err = errno;
		else
			made++;
	}
	EXPECT(err == ELOOP || err == EINVAL);
	EXPECT_GE(made, 4);
	EXPECT_LE(made, 5);
	for (int i = 0; i < 8; i++)
		close(e[i]);
}

TEST(polled_itself)
{
	int ep = EXPECT_OK(epoll_create1(0)), fd = EXPECT_OK(eventfd(0, 0));
	struct timeval none = { 0, 0 };
	uint64_t v = 1;
	fd_set r;

	add(ep, fd, EPOLLIN, 0);
	EXPECT_EQ(poll_one(ep, POLLIN, 0), -1);
	EXPECT_EQ(write(fd, &v, 8), 8);
	EXPECT_EQ(poll_one(ep, POLLIN, 0), POLLIN);
	FD_ZERO(&r);
	FD_SET(ep, &r);
	EXPECT_EQ(select(ep + 1, &r, NULL, NULL, &none), 1);
	close(fd);
	close(ep);
}

TEST(five_hundred_descriptors)
{
	enum { N = 500 };
	static struct epoll_event ev[N];
	static int fd[N];
	int ep = EXPECT_OK(epoll_create1(0)), total = 0, n;
	uint64_t v = 1;

	for (int i = 0; i < N; i++) {
		fd[i] = EXPECT_OK(eventfd(0, 0));
		add(ep, fd[i], EPOLLIN, i);
	}
	EXPECT_EQ(epoll_wait(ep, ev, N, 0), 0);
	for (int i = 0; i < N; i += 3)
		EXPECT_EQ(write(fd[i], &v, 8), 8);
	EXPECT_EQ(epoll_wait(ep, ev, N, 0), (N + 2) / 3);
	/* In small helpings, emptied as they come. */
	while ((n = epoll_wait(ep, ev, 10, 0)) > 0)
		for (int i = 0; i < n; i++, total++) {
			EXPECT_EQ(ev[i].data.u64 % 3, 0);
			EXPECT_EQ(read(fd[ev[i].data.u64], &v, 8), 8);
		}
	EXPECT_EQ(total, (N + 2) / 3);
	for (int i = 0; i < N; i++)
		close(fd[i]);
	close(ep);
}

static int shared_ep, work_fd;
static atomic_int done;

static void *worker(void *arg)
{
	struct epoll_event ev;
	uint64_t v;

	while (epoll_wait(shared_ep, &ev, 1, -1) == 1) {
		if (ev.data.u64 == 99)
			break;
		if (read(work_fd, &v, 8) == 8)
			atomic_fetch_add(&done, 1);
	}
	return arg;
}

TEST(several_waiting_threads)
{
	int stop = EXPECT_OK(eventfd(0, 0));
	uint64_t one = 1, many = 500;
	pthread_t t[4];

	shared_ep = EXPECT_OK(epoll_create1(0));
	work_fd = EXPECT_OK(eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK));
	add(shared_ep, work_fd, EPOLLIN, 1);
	add(shared_ep, stop, EPOLLIN, 99);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, worker, NULL), 0);
	EXPECT_EQ(write(work_fd, &many, 8), 8);
	while (atomic_load(&done) < 500)
		sched_yield();
	EXPECT_EQ(write(stop, &one, 8), 8);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_join(t[i], NULL), 0);
	EXPECT_EQ(atomic_load(&done), 500);
	close(stop);
	close(work_fd);
	close(shared_ep);
}
