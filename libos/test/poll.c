/* poll.c: poll, select, epoll, eventfd and timerfd on a clock that only sleeping moves. */
#include "base/string.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"
#include "test/ipc_env.h"

#define P(x) ((uint64_t)(uintptr_t)(x))
#define MS 1000000UL
#define ADD 1
#define DEL 2
#define MOD 3

struct pollfd {
	int32_t fd;
	int16_t events, revents;
};
struct event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

static int pair[2], ep;
static void write_one(void) { CHECK_EQ(fd_write(pair[1], "x", 1), 1); }
static char c;

UNIT_TEST(poll, timeouts)
{
	struct pollfd p = { 0, EPOLLIN, 0 };
	nsec_t start;

	ipc_env_init();
	make_pipe(pair, 0);
	p.fd = pair[0];
	start = unit_now;
	CHECK_EQ(CALL(poll, P(&p), 1, 0), 0);
	CHECK_EQ(unit_now - start, 0);
	CHECK_EQ(CALL(poll, P(&p), 1, 100), 0);
	CHECK_EQ(unit_now - start, 100 * MS);
	ipc_on_sleep = write_one;
	CHECK_EQ(CALL(poll, P(&p), 1, -1), 1);
	CHECK_EQ(p.revents, EPOLLIN);
	current->sig_pending = sigmask_of(SIGUSR1);
	CHECK_EQ(CALL(poll, P(&p), 1, -1), 1); /* what is ready comes first */
	CHECK_EQ(fd_read(pair[0], &c, 1), 1);
	CHECK_EQ(CALL(poll, P(&p), 1, 50), -ERESTART_RESTARTBLOCK);
	current->sig_pending = 0;
	start = unit_now;
	CHECK_EQ(current->restart_fn(current), 0);
	CHECK_EQ(unit_now - start, 50 * MS);
	ipc_env_exit();
}

UNIT_TEST(poll, odd_entries)
{
	struct pollfd p[3] = { { -1, EPOLLIN, 9 }, { 55, EPOLLIN, 0 }, { 0, 0, 0 } };

	ipc_env_init();
	make_pipe(pair, 0);
	fd_close(pair[1]);
	p[2].fd = pair[0];
	CHECK_EQ(CALL(poll, P(p), 3, -1), 2);
	CHECK_EQ(p[0].revents, 0);
	CHECK_EQ(p[1].revents, EPOLLNVAL);
	CHECK_EQ(p[2].revents, EPOLLHUP);
	CHECK_EQ(CALL(poll, 8, 3, 0), -EFAULT);
	CHECK_EQ(CALL(poll, P(p), 5000, 0), -EINVAL);
	ipc_env_exit();
}

UNIT_TEST(poll, select)
{
	struct timeval tv = { 0, 300000 };
	nsec_t start = unit_now;
	uint64_t in, out;

	ipc_env_init();
	make_pipe(pair, 0);
	in = 1ul << pair[0];
	CHECK_EQ(CALL(select, 8, P(&in), 0, 0, P(&tv)), 0);
	CHECK_EQ(in, 0);
	CHECK_EQ(unit_now - start, 300 * MS);
	CHECK_EQ(tv.tv_sec + tv.tv_usec, 0);
	write_one();
	in = 1ul << pair[0];
	out = 1ul << pair[1];
	CHECK_EQ(CALL(select, 8, P(&in), P(&out), 0, 0), 2);
	CHECK_EQ(in, 1ul << pair[0]);
	in = 1ul << 40;
	CHECK_EQ(CALL(select, 64, P(&in), 0, 0, 0), -EBADF);
	CHECK_EQ(CALL(select, (uint64_t)-1, P(&in), 0, 0, 0), -EINVAL);
	ipc_env_exit();
}

static void setup(void)
{
	ipc_env_init();
	make_pipe(pair, O_NONBLOCK);
	ep = (int)CALL(epoll_create1, 0);
	CHECK(ep >= 0);
}

static long ctl(int op, int fd, uint32_t events)
{
	struct event ev = { events, 1000 + (uint64_t)fd };

	return CALL(epoll_ctl, (uint64_t)ep, (uint64_t)op, (uint64_t)fd, P(&ev));
}

/* Events of the only ready descriptor, 0: none. */
static uint32_t ready(void)
{
	struct event ev[4];
	long n = CALL(epoll_wait, (uint64_t)ep, P(ev), 4, 0);

	CHECK(n == 0 || n == 1);
	return n ? ev[0].events : 0;
}

UNIT_TEST(epoll, level)
{
	struct event ev;

	setup();
	CHECK_EQ(ctl(ADD, pair[0], EPOLLIN), 0);
	CHECK_EQ(ctl(ADD, pair[0], EPOLLIN), -EEXIST);
	CHECK_EQ(ready(), 0);
	ipc_on_sleep = write_one;
	CHECK_EQ(CALL(epoll_wait, (uint64_t)ep, P(&ev), 1, (uint64_t)-1), 1);
	CHECK_EQ(ev.data, 1000 + pair[0]);
	CHECK_EQ(ready(), EPOLLIN);
	CHECK_EQ(fd_read(pair[0], &c, 1), 1);
	CHECK_EQ(ready(), 0);
	CHECK_EQ(ctl(DEL, pair[0], 0), 0);
	CHECK_EQ(ctl(DEL, pair[0], 0), -ENOENT);
	CHECK_EQ(ctl(MOD, pair[0], 0), -ENOENT);
	write_one();
	CHECK_EQ(ready(), 0);
	ipc_env_exit();
}

UNIT_TEST(epoll, edge)
{
	setup();
	write_one();
	CHECK_EQ(ctl(ADD, pair[0], EPOLLIN | EPOLLET), 0);
	CHECK_EQ(ready(), EPOLLIN); /* was so when added */
	CHECK_EQ(ready(), 0);
	write_one();
	CHECK_EQ(ready(), EPOLLIN); /* more data, a new edge */
	CHECK_EQ(ready(), 0);
	CHECK_EQ(ctl(MOD, pair[0], EPOLLIN | EPOLLET), 0);
	CHECK_EQ(ready(), EPOLLIN); /* armed anew */
	fd_close(pair[1]);
	CHECK_EQ(ready(), EPOLLIN | EPOLLHUP);
	CHECK_EQ(ready(), 0);
	ipc_env_exit();
}

UNIT_TEST(epoll, oneshot)
{
	setup();
	CHECK_EQ(ctl(ADD, pair[0], EPOLLIN | EPOLLONESHOT), 0);
	write_one();
	CHECK_EQ(ready(), EPOLLIN);
	write_one();
	fd_close(pair[1]);
	CHECK_EQ(ready(), 0);
	CHECK_EQ(ctl(MOD, pair[0], EPOLLIN | EPOLLONESHOT), 0);
	CHECK_EQ(ready(), EPOLLIN | EPOLLHUP);
	ipc_env_exit();
}

UNIT_TEST(epoll, hang_up_always_counts)
{
	setup();
	CHECK_EQ(ctl(ADD, pair[0], 0), 0);
	write_one();
	CHECK_EQ(ready(), 0);
	fd_close(pair[1]);
	CHECK_EQ(ready(), EPOLLHUP);
	ipc_env_exit();
}

UNIT_TEST(epoll, closed_file_leaves)
{
	setup();
	CHECK_EQ(ctl(ADD, pair[0], EPOLLIN), 0);
	write_one();
	fd_close(pair[0]);
	CHECK_EQ(ready(), 0);
	CHECK_EQ(ctl(ADD, pair[1], EPOLLOUT), 0);
	fd_close(ep); /* the other way round */
	CHECK_EQ(fd_write(pair[1], "x", 1), -EPIPE);
	ipc_env_exit();
}

UNIT_TEST(epoll, fairness)
{
	struct event ev;
	int fd[3][2];
	unsigned seen = 0;

	setup();
	for (int i = 0; i < 3; i++) {
		make_pipe(fd[i], 0);
		CHECK_EQ(fd_write(fd[i][1], "x", 1), 1);
		CHECK_EQ(ctl(ADD, fd[i][0], EPOLLIN), 0);
	}
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(CALL(epoll_wait, (uint64_t)ep, P(&ev), 1, 0), 1);
		seen |= 1u << (ev.data - 1000);
	}
	CHECK_EQ(seen, 1u << fd[0][0] | 1u << fd[1][0] | 1u << fd[2][0]);
	ipc_env_exit();
}

static int chain(int n, bool upwards)
{
	int e[10], err = 0;

	for (int i = 0; i < n; i++)
		e[i] = (int)CALL(epoll_create1, 0);
	for (int i = 0; i < n - 1 && !err; i++) {
		int k = upwards ? i : n - 2 - i;

		ep = e[k + 1];
		err = (int)ctl(ADD, e[k], EPOLLIN);
	}
	return err;
}

UNIT_TEST(epoll, nesting)
{
	int first, outer;

	setup();
	first = ep;
	CHECK_EQ(ctl(ADD, pair[0], EPOLLIN), 0);
	ep = (int)CALL(epoll_create1, 0);
	CHECK_EQ(ctl(ADD, first, EPOLLIN), 0);
	CHECK_EQ(ready(), 0);
	write_one();
	CHECK_EQ(ready(), EPOLLIN);
	CHECK_EQ(fd_read(pair[0], &c, 1), 1);
	CHECK_EQ(ready(), 0);
	CHECK_EQ(ctl(ADD, ep, EPOLLIN), -EINVAL);
	outer = ep;
	ep = first;
	CHECK_EQ(ctl(ADD, outer, EPOLLIN), -ELOOP);
	CHECK_EQ(chain(5, true), 0);
	CHECK_EQ(chain(5, false), 0);
	CHECK_EQ(chain(6, true), -ELOOP);
	CHECK_EQ(chain(6, false), -ELOOP);
	ipc_env_exit();
}

UNIT_TEST(epoll, errors)
{
	struct event ev = { EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 0 };

	setup();
	CHECK_EQ(ctl(9, pair[0], EPOLLIN), -EINVAL);
	CHECK_EQ(ctl(ADD, 99, EPOLLIN), -EBADF);
	CHECK_EQ(CALL(epoll_ctl, (uint64_t)ep, ADD, (uint64_t)pair[0], 8), -EFAULT);
	CHECK_EQ(CALL(epoll_ctl, (uint64_t)pair[0], ADD, (uint64_t)pair[1], P(&ev)), -EINVAL);
	CHECK_EQ(CALL(epoll_ctl, (uint64_t)ep, ADD, (uint64_t)pair[0], P(&ev)), -EINVAL);
	CHECK_EQ(CALL(epoll_wait, (uint64_t)ep, P(&ev), 0, 0), -EINVAL);
	CHECK_EQ(CALL(epoll_wait, (uint64_t)pair[0], P(&ev), 1, 0), -EINVAL);
	CHECK_EQ(CALL(epoll_create, 0), -EINVAL);
	current->sig_pending = sigmask_of(SIGUSR1);
	CHECK_EQ(CALL(epoll_wait, (uint64_t)ep, P(&ev), 1, 100), -EINTR);
	ipc_env_exit();
}

static int event_fd;
static void take_event(void)
{
	uint64_t v;

	CHECK_EQ(fd_read(event_fd, &v, 8), 8);
}

UNIT_TEST(eventfd, counter)
{
	uint64_t v = 3, most = UINT64_MAX - 1;

	ipc_env_init();
	event_fd = (int)CALL(eventfd2, 2, O_NONBLOCK);
	CHECK_EQ(fd_write(event_fd, &v, 8), 8);
	CHECK_EQ(fd_read(event_fd, &v, 8), 8);
	CHECK_EQ(v, 5);
	CHECK_EQ(fd_read(event_fd, &v, 8), -EAGAIN);
	CHECK_EQ(fd_poll(event_fd), EPOLLOUT | EPOLLWRNORM);
	CHECK_EQ(fd_write(event_fd, &most, 8), 8);
	CHECK_EQ(fd_write(event_fd, &v, 8), -EAGAIN);
	CHECK_EQ(fd_poll(event_fd), EPOLLIN | EPOLLRDNORM);
	ipc_file(event_fd)->flags &= ~(unsigned)O_NONBLOCK;
	ipc_on_sleep = take_event;
	CHECK_EQ(fd_write(event_fd, &v, 8), 8);
	most = UINT64_MAX;
	CHECK_EQ(fd_write(event_fd, &most, 8), -EINVAL);
	CHECK_EQ(fd_write(event_fd, &v, 7), -EINVAL);
	event_fd = (int)CALL(eventfd2, 2, 1); /* EFD_SEMAPHORE */
	CHECK_EQ(fd_read(event_fd, &v, 8), 8);
	CHECK_EQ(v, 1);
	CHECK_EQ(fd_poll(event_fd) & EPOLLIN, EPOLLIN);
	ipc_env_exit();
}

static int timer(uint64_t value, uint64_t interval, int flags)
{
	struct itimerspec it = { ns_to_timespec(interval), ns_to_timespec(value) };
	int fd = (int)CALL(timerfd_create, CLOCK_MONOTONIC, O_NONBLOCK);

	CHECK(fd >= 0);
	CHECK_EQ(CALL(timerfd_settime, (uint64_t)fd, (uint64_t)flags, P(&it), 0), 0);
	return fd;
}

static uint64_t ticks(int fd)
{
	uint64_t v = 0;
	long n = fd_read(fd, &v, 8);

	CHECK(n == 8 || n == -EAGAIN);
	return v;
}

UNIT_TEST(timerfd, expirations)
{
	struct itimerspec it;
	nsec_t start;
	int fd;

	ipc_env_init();
	start = unit_now;
	fd = timer(10 * MS, 3 * MS, 0);
	CHECK_EQ(ticks(fd), 0);
	ipc_sleep_until(start + 10 * MS);
	CHECK_EQ(ticks(fd), 1);
	ipc_sleep_until(start + 100 * MS);
	CHECK_EQ(ticks(fd), 30);
	CHECK_EQ(CALL(timerfd_gettime, (uint64_t)fd, P(&it)), 0);
	CHECK_EQ(it.it_value.tv_nsec, 3 * MS);
	ipc_file(fd)->flags &= ~(unsigned)O_NONBLOCK;
	CHECK_EQ(ticks(fd), 1); /* sleeps */
	CHECK_EQ(unit_now - start, 103 * MS);
	fd = timer(1, 0, 1); /* absolute, long ago, once */
	CHECK_EQ(ticks(fd), 1);
	CHECK_EQ(ticks(fd), 0);
	ipc_env_exit();
}

/* A nanosecond's period: every expiration is counted, few are announced, none while nobody waits. */
UNIT_TEST(timerfd, short_period)
{
	struct event ev;
	nsec_t start;
	int fd;

	ipc_env_init();
	start = unit_now;
	fd = timer(1, 1, 0);
	ipc_sleep_until(start + 1000 * MS);
	CHECK_EQ(ticks(fd), 1000 * MS);
	ep = (int)CALL(epoll_create1, 0);
	CHECK_EQ(ctl(ADD, fd, EPOLLIN | EPOLLET), 0);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(CALL(epoll_wait, (uint64_t)ep, P(&ev), 1, (uint64_t)-1), 1);
		CHECK(unit_now - start - 1000 * MS <= 10 * MS);
	}
	ipc_env_exit();
}
