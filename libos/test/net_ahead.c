/* net_ahead.c: reading ahead, and a host that lies about it. */
#include "base/string.h"
#include "linux/errno.h"
#include "linux/socket.h"
#include "net/events.h"
#include "test/net_env.h"

static int64_t ahead_answers[NET_AHEAD_MAX];
static unsigned ahead_calls, ahead_count, hard_closes;

static void answer_ahead(uint64_t nr, void *args)
{
	net_env_answer_state(nr, args);
	if (nr == OCALL_NET_AHEAD) {
		struct ocall_net_ahead *a = args;
		struct net_read *r = (struct net_read *)a->buf;

		ahead_calls++;
		ahead_count = a->count;
		memset((char *)a->buf + NET_AHEAD_DATA, 'a', NET_AHEAD_MAX * NET_AHEAD_SIZE);
		for (unsigned i = 0; i < a->count; i++)
			r[i].ret = ahead_answers[i];
		a->ret = 0;
	} else if (nr == OCALL_NET_OPTION) {
		hard_closes++;
		((struct ocall_net_option *)args)->ret = 0;
	}
}

/* Watched streams that were last read in a short piece. */
static void streams_make(struct inet_sock *s[], unsigned n)
{
	net_env_setup(answer_ahead);
	state_now = EPOLLOUT;
	for (unsigned i = 0; i < n; i++) {
		s[i] = net_env_sock();
		s[i]->sock.type = SOCK_STREAM;
		s[i]->sock.rcvlowat = 1;
		(void)inet_poll(&s[i]->sock, NULL);
		inet_was_read(s[i], 10, 100);
	}
	ahead_calls = hard_closes = 0;
}

static void deliver_all(struct inet_sock *s[], unsigned n, unsigned state)
{
	for (unsigned i = 0; i < n; i++)
		events[i] = (struct net_event){ s[i]->id, state };
	event_count = n;
	CHECK(net_look());
}

static void streams_free(struct inet_sock *s[], unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		inet_kept_drop(s[i]);
		inet_id_give(s[i]);
	}
}

UNIT_TEST(net_ahead, readiness)
{
	struct inet_sock *s[5];

	streams_make(s, 5);
	memcpy(ahead_answers, (int64_t[]){ 5, NET_AHEAD_SIZE, 0, -EAGAIN, -ECONNRESET }, 5 * sizeof(int64_t));
	deliver_all(s, 5, EPOLLIN | EPOLLOUT);
	CHECK_EQ(ahead_calls, 1);
	CHECK_EQ(ahead_count, 5);
	polls = 0;
	CHECK_EQ(s[0]->kept_len, 5);
	CHECK(!memcmp(s[0]->kept, "aaaaa", 5));
	CHECK_EQ(inet_poll(&s[0]->sock, NULL) & EPOLLIN, EPOLLIN);
	CHECK_EQ(polls, 0);
	inet_kept_drop(s[0]);
	CHECK_EQ(inet_poll(&s[0]->sock, NULL) & EPOLLIN, 0); /* it was all */
	CHECK_EQ(polls, 0);
	CHECK_EQ(s[1]->kept_len, NET_AHEAD_SIZE);
	CHECK(!s[1]->ahead);
	inet_kept_drop(s[1]);
	state_now = EPOLLIN | EPOLLRDNORM;
	CHECK_EQ(inet_poll(&s[1]->sock, NULL) & EPOLLIN, EPOLLIN); /* there may be more: the host is asked */
	CHECK_EQ(polls, 1);
	CHECK(!s[2]->kept);
	CHECK_EQ(inet_poll(&s[2]->sock, NULL) & EPOLLIN, EPOLLIN); /* the end */
	state_now = EPOLLOUT;
	CHECK_EQ(inet_poll(&s[3]->sock, NULL) & EPOLLIN, 0);
	CHECK_EQ(inet_poll(&s[4]->sock, NULL) & EPOLLERR, EPOLLERR);
	CHECK_EQ(socket_take_error(&s[4]->sock), -ECONNRESET);
	streams_free(s, 5);
}

UNIT_TEST(net_ahead, reading_until_there_is_no_more)
{
	struct ocall_net_op a = { .op = NET_POLL };
	struct inet_sock *s[2];

	streams_make(s, 2);
	ahead_answers[0] = ahead_answers[1] = 1;
	deliver_all(s, 2, EPOLLIN);
	inet_kept_drop(s[0]);
	inet_was_read(s[0], -EAGAIN, 100); /* that it was all says nothing against short pieces */
	CHECK(s[0]->ahead);
	CHECK(inet_idle(s[0], EPOLLIN));
	(void)host_net_op(&a); /* now the program may have heard of something */
	CHECK(!inet_surely_idle(s[0], EPOLLIN));
	deliver_all(s, 1, EPOLLIN);
	CHECK(!inet_surely_idle(s[0], EPOLLIN));
	streams_free(s, 2);
}

UNIT_TEST(net_ahead, who_is_not)
{
	struct inet_sock *s[4];

	streams_make(s, 4);
	ahead_answers[0] = ahead_answers[1] = 1;
	deliver_all(s, 1, EPOLLIN); /* one alone */
	CHECK_EQ(ahead_calls, 0);
	inet_was_read(s[0], 100, 100);             /* may have more */
	inet_was_read(s[1], NET_AHEAD_SIZE, 9000); /* bulk */
	s[2]->readers++;                           /* somebody reads just now */
	deliver_all(s, 4, EPOLLIN);
	CHECK_EQ(ahead_calls, 0);
	s[2]->readers--;
	deliver_all(s, 4, EPOLLIN | EPOLLRDHUP);
	deliver_all(s, 4, EPOLLIN | EPOLLPRI);
	deliver_all(s, 4, EPOLLOUT);
	CHECK_EQ(ahead_calls, 0);
	s[1] = s[2]; /* a host that says the same twice */
	deliver_all(s, 4, EPOLLIN);
	CHECK_EQ(ahead_count, 2);
	CHECK_EQ(s[2]->readers, 0);
	deliver_all(s + 2, 2, EPOLLIN); /* their bytes have not been read yet */
	CHECK_EQ(ahead_calls, 1);
	inet_kept_abandon(s[0]);
	CHECK_EQ(hard_closes, 0);
	inet_kept_abandon(s[2]);
	CHECK_EQ(hard_closes, 1);
	inet_kept_drop(s[2]);
	inet_kept_drop(s[3]);
}

UNIT_TEST(net_ahead, lies)
{
	static const int64_t lies[] = { NET_AHEAD_SIZE + 1, INT64_MAX, INT64_MIN, -4096, -512 };
	struct inet_sock *s[2];

	streams_make(s, 2);
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		ahead_answers[0] = ahead_answers[1] = lies[i];
		deliver_all(s, 2, EPOLLIN);
		CHECK(!s[0]->kept && !s[1]->kept);
		CHECK_EQ(socket_take_error(&s[0]->sock), -EIO);
		CHECK_EQ(socket_take_error(&s[1]->sock), -EIO);
	}
	CHECK_EQ(ahead_calls, ARRAY_SIZE(lies));
	streams_free(s, 2);
}
