/* inet_ahead.c: reading ahead: when events say that several streams have something to be read, one call to the host
 * reads them all, and the programs' own reads find the bytes here (inet_sock.kept). Leaving the enclave costs as much
 * as receiving a short message does.
 *
 * Only for streams that were last read in short pieces, by a plain read that took all there was: who reads bulk data
 * would get it in small pieces. What is known of readiness stays true, as after a read of the program's. A program
 * notices nothing but that a read may bring less than a later arrival would have made of it, as on any stream.
 * Programs that read until there is no more (-EAGAIN) are told so without a call, as long as nothing but that look at the
 * sockets was heard from outside.
 * Lock: giant, held all the time, so that no reader begins meanwhile; who is already at it (inet_sock.readers) got its
 * bytes before us, or after: it is not read ahead. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/socket.h"
#include "net/inet.h"

unsigned inet_at_hand;

#define WORTH_IT 2 /* streams: for one it is the program's own call, made earlier */

void inet_was_read(struct inet_sock *s, ssize_t n, size_t asked)
{
	if (n == -EAGAIN)
		return;
	s->ahead = n > 0 && n < NET_AHEAD_SIZE && (size_t)n < asked;
}

void inet_ahead_add(struct inet_ahead *a, struct inet_sock *s, unsigned events)
{
	if (!s->ahead || s->kept || s->readers || a->count == NET_AHEAD_MAX || s->sock.rcvlowat > 1)
		return;
	if (!(events & EPOLLIN) || events & (EPOLLPRI | EPOLLERR | EPOLLHUP | EPOLLRDHUP))
		return;
	s->readers++;
	a->socks[a->count++] = s;
}

/* An error is told once, by the host too: the next call of the program gets it. */
static void take(struct inet_sock *s, unsigned index, char *buf, long n)
{
	inet_used(s, EPOLLIN, s->events, n == -EAGAIN || (n > 0 && n < NET_AHEAD_SIZE));
	if (n > 0) {
		host_net_ahead_copy(index, buf, (size_t)n);
		inet_kept_set(s, buf, (size_t)n);
		s->ahead = n < NET_AHEAD_SIZE;
		s->flows = true;
		return;
	}
	kfree(buf);
	if (n != -EAGAIN)
		s->flows = false;
	if (n < 0 && n != -EAGAIN) {
		s->sock.err = (int)-n;
		inet_doubt(s);
	}
}

/* Memory first: what is read must have a place. */
static unsigned prepare(struct inet_ahead *a, char *bufs[], struct net_read reads[])
{
	unsigned n = 0;

	for (unsigned i = 0; i < a->count; i++) {
		struct inet_sock *s = a->socks[i];

		s->readers--;
		bufs[n] = a->count < WORTH_IT ? NULL : kmalloc(NET_AHEAD_SIZE);
		if (!bufs[n])
			continue;
		a->socks[n] = s;
		reads[n++] = (struct net_read){ .id = s->id };
	}
	return n;
}

void inet_ahead_read(struct inet_ahead *a)
{
	struct net_read reads[NET_AHEAD_MAX];
	char *bufs[NET_AHEAD_MAX];
	unsigned n = prepare(a, bufs, reads);

	if (!n)
		return;
	host_net_ahead(reads, n);
	for (unsigned i = 0; i < n; i++)
		take(a->socks[i], i, bufs[i], reads[i].ret);
}

void inet_kept_set(struct inet_sock *s, char *buf, size_t len)
{
	s->kept = buf;
	s->kept_len = len;
	inet_at_hand++;
}

void inet_kept_drop(struct inet_sock *s)
{
	if (!s->kept)
		return;
	inet_at_hand--;
	kfree(s->kept);
	s->kept = NULL;
	s->kept_len = 0;
}

void inet_kept_abandon(struct inet_sock *s)
{
	const struct linger hard = { .onoff = 1 };

	if (s->kept && s->sock.type == SOCK_STREAM)
		(void)host_net_setoption(s->id, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}
