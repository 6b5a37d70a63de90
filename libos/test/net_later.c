/* net_later.c: sends that wait for each other: whose, until when, and what becomes of errors. */
#include "abi/hostctl.h"
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/socket.h"
#include "net/events.h"
#include "test/net_env.h"
#include "tunables.h"

static unsigned direct, batches, batch_count;
static struct net_write batch[NET_LATER_MAX];
static char batch_bytes[NET_LATER_MAX];
static int64_t batch_ret[NET_LATER_MAX]; /* 0: all of it */

static void answer(uint64_t nr, void *args)
{
	net_env_answer_state(nr, args);
	if (nr == OCALL_NET_WRITE) {
		struct ocall_net_data *a = args;

		direct++;
		a->ret = (int64_t)a->len;
	} else if (nr == OCALL_NET_LATER) {
		struct ocall_net_later *a = args;
		struct net_write *w = (struct net_write *)a->buf;

		batches++;
		batch_count = a->count;
		memcpy(batch, w, a->count * sizeof(*w));
		for (unsigned i = 0; i < a->count; i++) {
			batch_bytes[i] = *(char *)w[i].buf;
			w[i].ret = batch_ret[i] ? batch_ret[i] : (int64_t)w[i].len;
		}
		a->ret = 0;
	}
}

static ssize_t send_byte(struct inet_sock *s, char c, size_t len)
{
	char bytes[LATER_MAX + 1];
	struct iov_iter it;
	struct msg_io io = { .iter = &it, .nonblock = true };

	memset(bytes, c, len);
	iov_iter_kernel(&it, bytes, len);
	return inet_sendmsg(&s->sock, &io);
}

/* A thread that was prompt, and requests at hand of so many streams as make it worth while. */
static void begin(struct inet_sock *s[], unsigned n)
{
	net_env_setup(answer);
	net_env_alone = true;
	memset(batch_ret, 0, sizeof(batch_ret));
	thread.prompt = PROMPT_SURE;
	thread.sent_at = 0;
	for (unsigned i = 0; i < n; i++) {
		s[i] = net_env_sock();
		s[i]->sock.type = SOCK_STREAM;
		s[i]->flows = true;
		inet_kept_set(s[i], memcpy(kmalloc(1), "q", 1), 1);
	}
	direct = batches = 0;
}

static void end(struct inet_sock *s[], unsigned n)
{
	net_send_now();
	for (unsigned i = 0; i < n; i++) {
		inet_kept_drop(s[i]);
		inet_id_give(s[i]);
	}
	CHECK_EQ(inet_at_hand, 0);
	for (unsigned i = 0; i < NET_BUFFERS; i++) /* all buffers were given back: as many can be had again */
		CHECK_EQ(net_buffer_get(), (int)i);
	for (unsigned i = 0; i < NET_BUFFERS; i++)
		net_buffer_put((int)i);
}

UNIT_TEST(net_later, one_call_for_all_in_order)
{
	struct inet_sock *s[4];

	begin(s, 4);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(send_byte(s[i], (char)('a' + i), 10 + i), 10 + i);
	CHECK_EQ(direct + batches, 0);
	net_send_now();
	CHECK_EQ(batches, 1);
	CHECK_EQ(batch_count, 4);
	for (unsigned i = 0; i < 4; i++) {
		CHECK_EQ(batch[i].id, s[i]->id);
		CHECK_EQ(batch[i].len, 10 + i);
		CHECK_EQ(batch_bytes[i], 'a' + i);
		CHECK(s[i]->flows && !s[i]->later);
	}
	net_send_now();
	CHECK_EQ(batches, 1);
	end(s, 4);
}

UNIT_TEST(net_later, looking_at_the_network_sends)
{
	struct inet_sock *s[3];

	begin(s, 3);
	CHECK_EQ(send_byte(s[0], 'a', 1), 1);
	event_count = 0;
	(void)net_look();
	CHECK_EQ(batches, 1);
	end(s, 3);
}

UNIT_TEST(net_later, the_last_requests_at_hand_wait_for_nothing)
{
	struct inet_sock *s[3];

	begin(s, 3);
	CHECK_EQ(send_byte(s[0], 'a', 1), 1);
	inet_kept_drop(s[1]); /* was read: two are left */
	CHECK_EQ(send_byte(s[1], 'b', 1), 1);
	CHECK_EQ(batches, 1);
	CHECK_EQ(batch_count, 2);
	CHECK_EQ(send_byte(s[1], 'c', 1), 1);
	CHECK_EQ(direct, 1);
	end(s, 3);
}

UNIT_TEST(net_later, other_operations_on_the_socket_come_after)
{
	struct inet_sock *s[3];
	unsigned size = 4;
	int value = 0;

	begin(s, 3);
	CHECK_EQ(send_byte(s[0], 'a', 1), 1);
	CHECK_EQ(send_byte(s[0], 'b', 1), 1); /* each is in it once */
	CHECK_EQ(batches, 1);
	CHECK_EQ(s[0]->later, true);
	(void)inet_getsockopt(&s[0]->sock, SOL_SOCKET, SO_KEEPALIVE, &value, &size);
	CHECK_EQ(batches, 2);
	CHECK_EQ(send_byte(s[0], 'c', 1), 1);
	(void)inet_poll(&s[0]->sock, NULL);
	CHECK_EQ(batches, 3);
	CHECK_EQ(send_byte(s[0], 'd', 1), 1);
	CHECK_EQ(send_byte(s[1], 'e', LATER_MAX + 1), LATER_MAX + 1); /* too large: the program's order is kept */
	CHECK_EQ(batches, 4);
	CHECK_EQ(direct, 1);
	end(s, 3);
}

UNIT_TEST(net_later, who_does_not_wait)
{
	struct inet_sock *s[3];

	begin(s, 3);
	net_env_alone = false; /* others run on another vCPU, beside which sends go on */
	CHECK_EQ(send_byte(s[0], 'a', 1), 1);
	net_env_alone = true;
	thread.prompt = 0; /* it has not shown that it turns to something else at once */
	CHECK_EQ(send_byte(s[0], 'a', 1), 1);
	thread.prompt = PROMPT_SURE;
	s[0]->flows = false; /* nothing has gone over it yet: errors are told at once */
	CHECK_EQ(send_byte(s[0], 'a', 1), 1);
	CHECK(s[0]->flows);
	s[1]->shut = true;
	CHECK_EQ(send_byte(s[1], 'a', 1), 1);
	s[2]->ready |= EPOLLRDHUP;
	CHECK_EQ(send_byte(s[2], 'a', 1), 1);
	CHECK_EQ(direct, 5);
	CHECK_EQ(batches, 0);
	end(s, 3);
}

UNIT_TEST(net_later, promptness_is_earned_and_lost)
{
	struct inet_sock *s[3];

	begin(s, 3);
	thread.prompt = 0;
	for (unsigned i = 0; i < PROMPT_SURE; i++) {
		CHECK_EQ(send_byte(s[0], 'a', 1), 1);
		CHECK_EQ(thread.prompt, i);
		net_send_now();
	}
	CHECK_EQ(direct, PROMPT_SURE);
	CHECK_EQ(send_byte(s[0], 'a', 1), 1);
	CHECK_EQ(direct, PROMPT_SURE);
	thread.sent_at -= 2 * PROMPT_CYCLES; /* it computed */
	net_send_now();
	CHECK_EQ(thread.prompt, 0);
	CHECK_EQ(batches, 1);
	end(s, 3);
}

UNIT_TEST(net_later, errors)
{
	struct inet_sock *s[5];

	begin(s, 5);
	for (unsigned i = 0; i < 5; i++)
		CHECK_EQ(send_byte(s[i], 'a', 8), 8);
	memcpy(batch_ret, (int64_t[]){ 3, -ECONNRESET, -EPIPE, 9, INT64_MIN }, 5 * sizeof(int64_t));
	net_send_now();
	for (unsigned i = 0; i < 5; i++)
		CHECK(!s[i]->flows); /* the next send is told what becomes of it */
	CHECK_EQ(socket_take_error(&s[0]->sock), 0); /* full: the host has the rest */
	CHECK_EQ(socket_take_error(&s[1]->sock), -ECONNRESET);
	CHECK_EQ(socket_take_error(&s[2]->sock), 0); /* the host says so again */
	CHECK_EQ(socket_take_error(&s[3]->sock), -EIO); /* lies */
	CHECK_EQ(socket_take_error(&s[4]->sock), -EIO);
	end(s, 5);
}

UNIT_TEST(net_later, no_more_than_the_call_takes)
{
	struct inet_sock *s[8], *all[NET_LATER_MAX + 1];

	begin(s, 3);
	for (unsigned i = 0; i <= NET_LATER_MAX; i++) {
		static struct inet_sock many[NET_LATER_MAX + 1];

		all[i] = &many[i];
		*all[i] = (struct inet_sock){ .id = i, .flows = true, .sock.type = SOCK_STREAM };
		CHECK_EQ(send_byte(all[i], (char)i, 1), 1);
	}
	CHECK_EQ(batches, 1);
	CHECK_EQ(batch_count, NET_LATER_MAX);
	net_send_now();
	CHECK_EQ(batch_count, 1);
	end(s, 3);
}
