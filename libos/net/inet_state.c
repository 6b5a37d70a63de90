/* inet_state.c: ids of host sockets, and what is known of their readiness.
 *
 * A watched socket's changes come as events, once each, with the whole state the host then found. Between events the
 * LibOS draws its own conclusions: an operation that got -EAGAIN, or less than it asked for, used everything up; one that
 * got all it asked for leaves doubt, and the next poll asks the host. So polling what is known costs no call.
 *
 * Two orders of things must not deceive us. An event fetched by a sleeping vCPU may be older than an operation that
 * ended since: such events only raise doubt (changed_at against the fetch's start). And an operation may end after an
 * event that is newer than its result: then it does not conclude anything (seen against events). */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "net/events.h"
#include "net/inet.h"
#include "net/loop.h"
#include "tunables.h"

#define IN_BITS (EPOLLIN | EPOLLRDNORM)
#define OUT_BITS (EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)
#define ENDED (EPOLLERR | EPOLLHUP | EPOLLRDHUP)
#define ALL_BITS (IN_BITS | OUT_BITS | ENDED | EPOLLPRI | EPOLLRDBAND)
#define INDEX_MASK (NET_SOCKETS_MAX - 1)
#define INDEX_NONE UINT32_MAX

struct slot {
	struct inet_sock *sock;  /* NULL: free, or */
	struct net_watch *watch;
	uint16_t count;          /* upper half of the id */
	uint32_t next_free;
};

static struct slot *slots;
static uint32_t slot_count, first_free = INDEX_NONE;
volatile unsigned net_watching;
static uint64_t net_clock;
static uint64_t polled_at; /* TSC */
static uint64_t polled_news; /* host_news at the last look */

/* The last index is never used: its ids include one that the host keeps for itself. */
static int slots_grow(void)
{
	uint32_t count = slot_count ? slot_count * 2 : 64;
	struct slot *grown;

	if (slot_count == NET_SOCKETS_MAX)
		return -ENOBUFS;
	grown = krealloc(slots, count * sizeof(*slots));
	if (!grown)
		return -ENOMEM;
	slots = grown;
	for (uint32_t i = slot_count; i < count; i++)
		slots[i] = (struct slot){ .next_free = i + 1 < MIN(count, INDEX_MASK) ? i + 1 : INDEX_NONE };
	first_free = slot_count;
	slot_count = count;
	return 0;
}

static int id_take(uint32_t *id, struct slot **slot)
{
	int err = first_free == INDEX_NONE ? slots_grow() : 0;
	uint32_t i = first_free;

	if (err)
		return err;
	first_free = slots[i].next_free;
	slots[i].count++;
	*id = (uint32_t)slots[i].count << NET_INDEX_BITS | i;
	*slot = &slots[i];
	return 0;
}

static void id_give(uint32_t id)
{
	uint32_t i = id & INDEX_MASK;

	slots[i].sock = NULL;
	slots[i].watch = NULL;
	slots[i].next_free = first_free;
	first_free = i;
}

int inet_id_take(struct inet_sock *s)
{
	struct slot *slot;
	int err = id_take(&s->id, &slot);

	if (!err)
		slot->sock = s;
	return err;
}

void inet_id_give(struct inet_sock *s)
{
	id_give(s->id);
	if (s->watched)
		net_watching--;
}

int net_watch_fd(struct net_watch *w, int fd)
{
	struct slot *slot;
	int err = id_take(&w->id, &slot);
	struct ocall_net_op a = { .op = NET_WATCH_FD, .id = w->id, .a = fd };

	if (err)
		return err;
	err = (int)host_net_op(&a);
	if (err) {
		id_give(w->id);
		return err;
	}
	slot->watch = w;
	net_watching++;
	return 0;
}

int net_watch_mask(struct net_watch *w, int fd, unsigned events)
{
	struct ocall_net_op a = { .op = NET_WATCH_MASK, .id = w->id, .a = fd, .b = (int32_t)events };

	return (int)host_net_op(&a);
}

void net_unwatch_fd(struct net_watch *w, int fd)
{
	struct ocall_net_op a = { .op = NET_UNWATCH_FD, .id = w->id, .a = fd };

	(void)host_net_op(&a);
	id_give(w->id);
	net_watching--;
}

static struct net_watch *watch_of(uint32_t id)
{
	uint32_t i = id & INDEX_MASK;

	return i < slot_count && slots[i].watch && slots[i].watch->id == id ? slots[i].watch : NULL;
}

/* NULL: an event that is older than the socket, or a lie. */
static struct inet_sock *sock_of(uint32_t id)
{
	uint32_t i = id & INDEX_MASK;

	return i < slot_count && slots[i].sock && slots[i].sock->id == id ? slots[i].sock : NULL;
}

void inet_doubt(struct inet_sock *s)
{
	s->doubt = ALL_BITS;
	s->changed_at = ++net_clock;
}

static unsigned bits_of(unsigned bits)
{
	return (bits & EPOLLIN ? IN_BITS : 0) | (bits & EPOLLOUT ? OUT_BITS : 0);
}

void inet_used(struct inet_sock *s, unsigned bits, uint32_t seen, bool exhausted)
{
	bits = bits_of(bits);
	s->changed_at = ++net_clock;
	if (!exhausted || s->events != seen || s->ready & ENDED) {
		s->doubt |= bits;
		return;
	}
	s->ready &= ~bits;
	s->doubt &= ~bits;
}

static unsigned host_state(struct inet_sock *s, enum net_op op)
{
	struct ocall_net_op a = { .op = op, .id = s->id };
	long state;

	inet_later_finish(s);
	state = host_net_op(&a);
	return state < 0 ? EPOLLERR | EPOLLHUP : (unsigned)state & ALL_BITS;
}

/* Whoever does not want doubtful bits is spared the call. */
static void refresh(struct inet_sock *s, unsigned want)
{
	if (!s->watched) {
		s->watched = true;
		net_watching++;
		s->ready = host_state(s, NET_WATCH);
	} else if (s->doubt & want) {
		s->ready = host_state(s, NET_POLL);
	} else {
		return;
	}
	s->doubt = 0;
}

static bool waits_inside(const struct inet_sock *s)
{
	return s->port && (!list_empty(&s->port->backlog) || !list_empty(&s->port->queue.chunks));
}

/* An error that the LibOS keeps. */
static unsigned failed(const struct inet_sock *s)
{
	return s->sock.type == SOCK_STREAM ? EPOLLERR | EPOLLHUP | IN_BITS | OUT_BITS : EPOLLERR | IN_BITS;
}

unsigned inet_poll(struct socket *sock, struct poll_table *pt)
{
	struct inet_sock *s = inet_of(sock);

	poll_wait(pt, &sock->readable);
	poll_wait(pt, &sock->writable);
	if (s->loop)
		return loop_poll(s);
	refresh(s, pt && pt->want ? pt->want | ENDED : ALL_BITS);
	return s->ready | (s->kept || waits_inside(s) ? IN_BITS : 0) | (sock->err ? failed(s) : 0);
}

bool inet_idle(const struct inet_sock *s, unsigned bits)
{
	return s->watched && !((s->ready | s->doubt) & (bits_of(bits) | ENDED));
}

bool inet_surely_idle(const struct inet_sock *s, unsigned bits)
{
	return host_news == polled_news && inet_idle(s, bits) && !net_poll_due();
}

/* Whoever begins to watch looks again: what came before was not announced. */
int inet_wait(struct inet_sock *s, unsigned bits, uint32_t seen, bool nonblock, nsec_t deadline)
{
	if (nonblock)
		return -EAGAIN;
	if (!s->watched) {
		refresh(s, ALL_BITS);
		if (s->ready & (bits_of(bits) | ENDED))
			return 0;
	}
	if (s->events != seen)
		return 0;
	return socket_wait(bits & EPOLLIN ? &s->sock.readable : &s->sock.writable, false, deadline);
}

/* ---- events ---- */

static void event_take(uint32_t id, unsigned state, uint64_t started, struct inet_ahead *ahead)
{
	struct inet_sock *s = sock_of(id);
	struct net_watch *w = watch_of(id);
	unsigned old;

	if (w)
		w->event(w, state);
	if (!s || !s->watched)
		return;
	state = bits_of(state) | (state & (ENDED | EPOLLPRI));
	old = s->ready & ~s->doubt;
	s->events++;
	if (s->changed_at > started) {
		s->ready |= state;
		s->doubt |= ALL_BITS;
	} else {
		s->ready = state;
		s->doubt = 0;
	}
	if (state & (EPOLLIN | EPOLLPRI | ENDED))
		socket_wake(&s->sock, &s->sock.readable, state & ~OUT_BITS);
	if (state & ~old & OUT_BITS || state & ENDED)
		socket_wake(&s->sock, &s->sock.writable, state & ~IN_BITS);
	inet_ahead_add(ahead, s, state);
}

static uint64_t now_tsc(void)
{
	return __builtin_ia32_rdtsc();
}

void net_fetch_start(struct net_fetch *f)
{
	f->count = 0;
	f->started = net_clock;
}

void net_fetch_sleep(struct net_fetch *f, nsec_t timeout, nsec_t spin)
{
	f->count = host_net_events(f->events, timeout, spin);
}

void net_fetch_take(struct net_fetch *f)
{
	struct inet_ahead ahead = { .count = 0 };

	polled_at = now_tsc();
	for (unsigned i = 0; i < f->count; i++)
		event_take(f->events[i].id, f->events[i].events, f->started, &ahead);
	f->count = 0;
	inet_ahead_read(&ahead);
	polled_news = host_news;
}

bool net_poll_due(void)
{
	return net_watching && now_tsc() - polled_at >= NET_POLL_CYCLES;
}

bool net_look(void)
{
	struct net_fetch f;
	bool any;

	net_send_now();
	if (!net_watching)
		return false;
	net_fetch_start(&f);
	net_fetch_sleep(&f, 0, 0);
	any = f.count;
	net_fetch_take(&f);
	return any;
}

void net_poll(void)
{
	(void)net_look();
}
