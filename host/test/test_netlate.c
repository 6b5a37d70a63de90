/* test_netlate.c: bytes that a socket did not take at once: sent all the same, in order, before whatever comes after them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ocall/net.h"
#include "ocall/netlate.h"
#include "sgxsim/plain.h"

#define LOT (256 * 1024)
#define SECOND 1000000000UL

bool sgx_plain; /* no model here: not under valgrind's */

static unsigned char lot[LOT], got[2 * LOT];
static int reader;

static int64_t op(enum net_op op, uint32_t id, int32_t a)
{
	struct ocall_net_op o = { .op = op, .id = id, .a = a };

	ocall_net_op(&o);
	return o.ret;
}

/* Socket `id`, whose other end is `reader`, is given more than it takes; how much it took. */
static size_t overfill(uint32_t id)
{
	struct net_write w = { .id = id, .buf = (uint64_t)lot, .len = LOT };
	struct ocall_net_later a = { .buf = (uint64_t)&w, .count = 1 };
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	reader = pair[1];
	cr_assert_eq(op(NET_ADOPT, id, pair[0]), 0);
	cr_assert_geq(op(NET_WATCH, id, 0), 0);
	for (size_t i = 0; i < LOT; i++)
		lot[i] = (unsigned char)(i * 31 + i / 256);
	ocall_net_later(&a);
	cr_assert_geq(w.ret, 0);
	cr_assert_lt(w.ret, LOT, "the socket takes it all: there is nothing to be seen");
	return (size_t)w.ret;
}

static int64_t write_one(uint32_t id)
{
	struct ocall_net_data d = { .id = id, .buf = (uint64_t)"x", .len = 1 };

	ocall_net_write(&d);
	return d.ret;
}

/* Reads n bytes, or all to the end if that comes before. */
static size_t read_all(size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t k = read(reader, got + at, n - at);

		if (!k)
			break;
		cr_assert(k > 0 || errno == EAGAIN);
		at += k > 0 ? (size_t)k : 0;
	}
	return at;
}

static void begin(void)
{
	cr_assert_eq(net_start(), 0);
}

TestSuite(netlate, .init = begin, .timeout = 60);

Test(netlate, all_is_sent_and_then_there_is_room)
{
	struct net_event ev[NET_EVENTS_MAX] = { 0 };
	size_t taken = overfill(7);

	cr_assert_eq(late_bytes(7), LOT - taken);
	cr_assert_geq(op(NET_QUEUED, 7, 1), (int64_t)(LOT - taken));
	cr_assert_eq(write_one(7), -EAGAIN);
	cr_assert_eq(op(NET_POLL, 7, 0) & EPOLLOUT, 0);
	while (net_events(ev, NET_EVENTS_MAX, 0, 0)) /* what was told of before */
		cr_assert_eq(ev[0].events & EPOLLOUT, 0);
	cr_assert_eq(read_all(LOT), LOT);
	cr_assert_eq(memcmp(got, lot, LOT), 0);
	cr_assert_eq(late_finish(10), 0);
	do /* the socket's own events may come before that of the end, without room */
		cr_assert_eq(net_events(ev, NET_EVENTS_MAX, 10 * SECOND, 0), 1);
	while (!(ev[0].events & EPOLLOUT));
	cr_assert_eq(ev[0].id, 7);
	cr_assert_eq(op(NET_POLL, 7, 0) & EPOLLOUT, EPOLLOUT);
	cr_assert_eq(write_one(7), 1);
}

Test(netlate, shutting_down_waits)
{
	overfill(7);
	cr_assert_eq(op(NET_SHUTDOWN, 7, SHUT_WR), 0);
	cr_assert_eq(read_all(sizeof(got)), LOT); /* and the end */
	cr_assert_eq(memcmp(got, lot, LOT), 0);
	cr_assert_eq(write_one(7), -EPIPE);
	cr_assert_eq(op(NET_CLOSE, 7, 0), 0);
}

Test(netlate, closing_waits_and_the_id_is_free)
{
	int first, second;

	overfill(7);
	first = reader;
	cr_assert_eq(op(NET_CLOSE, 7, 0), 0);
	cr_assert_eq(late_bytes(7), 0);
	cr_assert_eq(op(NET_POLL, 7, 0), -EBADF);
	overfill(7 + NET_SOCKETS_MAX); /* the same place */
	second = reader;
	reader = first;
	cr_assert_eq(read_all(sizeof(got)), LOT);
	cr_assert_eq(memcmp(got, lot, LOT), 0);
	cr_assert_gt(late_bytes(7 + NET_SOCKETS_MAX), 0);
	close(second);
}

Test(netlate, a_reader_who_goes_away)
{
	overfill(7);
	close(reader);
	cr_assert_eq(late_finish(10), 0);
	cr_assert_eq(write_one(7), -EPIPE);
	cr_assert_eq(op(NET_CLOSE, 7, 0), 0);
}

Test(netlate, a_reader_who_does_not_read)
{
	size_t taken = overfill(7);

	cr_assert_eq(late_finish(0), LOT - taken);
	close(reader);
}

Test(netlate, many_at_once)
{
	int readers[NET_LATER_MAX];

	for (uint32_t i = 0; i < NET_LATER_MAX; i++) {
		overfill(i);
		readers[i] = reader;
	}
	for (uint32_t i = 0; i < NET_LATER_MAX; i++) {
		reader = readers[i];
		cr_assert_eq(read_all(LOT), LOT);
		cr_assert_eq(memcmp(got, lot, LOT), 0);
	}
	cr_assert_eq(late_finish(10), 0);
}

Test(netlate, looking_for_events_ends_with_them)
{
	struct net_event ev[NET_EVENTS_MAX];
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	cr_assert_eq(op(NET_ADOPT, 9, pair[0]), 0);
	cr_assert_eq(op(NET_WATCH, 9, 0) & EPOLLIN, 0);
	while (net_events(ev, NET_EVENTS_MAX, 0, 0))
		;
	cr_assert_eq(net_events(ev, NET_EVENTS_MAX, 2000000, 1000000), 0);
	cr_assert_eq(write(pair[1], "x", 1), 1);
	cr_assert_eq(net_events(ev, NET_EVENTS_MAX, UINT64_MAX, SECOND), 1);
	cr_assert_eq(ev[0].events & EPOLLIN, EPOLLIN);
	net_wake();
	cr_assert_eq(net_events(ev, NET_EVENTS_MAX, UINT64_MAX, SECOND), 0);
}
