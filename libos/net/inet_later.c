/* inet_later.c: sending later, but soon: plain sends of a thread that will turn to something else at once wait for that,
 * and one call to the host does them all. A server with many clients answers one after the other: leaving the enclave
 * for each costs as much as the LibOS's own work, and each wakes the client's processor anew.
 *
 * The bytes lie in net buffers, as on any send. They go (net_send_now) when a thread leaves its vCPU, when the network is
 * looked at (a busy vCPU does so every 40 us, a tick interrupts who computes), before any other operation on the same
 * socket but reading, and when NET_LATER_MAX wait. The order among sends is the program's.
 *
 * A thread has to earn it: its last PROMPT_SURE sends were each followed by such a moment within PROMPT_CYCLES. A socket
 * too: bytes went over it, and nobody ended it or shut it down as far as we know, so that errors are told by the
 * send that finds them. What the peer did unseen is told by the next one, as after a longer way through the network. What
 * the host's socket does not take at once the host keeps (abi/net.h); to us it is a socket that is full.
 *
 * Only while this vCPU is the only busy one: otherwise sends go on beside others' work, without the lock.
 * Lock: giant, held all the time. */
#include "hostcall/net.h"
#include "linux/errno.h"
#include "net/events.h"
#include "net/inet.h"
#include "thread/sched.h"
#include "tunables.h"

#define ENDED (EPOLLERR | EPOLLHUP | EPOLLRDHUP)

static struct inet_sock *waiting[NET_LATER_MAX]; /* each once */
static struct net_later writes[NET_LATER_MAX];
static unsigned count;

/* t turns to something else. */
static void turn_note(struct thread *t)
{
	uint64_t took = __builtin_ia32_rdtsc() - t->sent_at;

	t->sent_at = 0;
	if (took >= PROMPT_CYCLES)
		t->prompt = 0;
	else if (t->prompt < PROMPT_SURE)
		t->prompt++;
}

/* ECONNRESET and its like are told once by the host; that there is nobody to send to, each time. */
static void sent(struct inet_sock *s, const struct net_later *w)
{
	bool full = w->ret < (long)w->len;

	s->later = false;
	s->flows = !full;
	inet_used(s, EPOLLOUT, s->events, full);
	if (w->ret >= 0)
		return;
	if (w->ret != -EPIPE)
		s->sock.err = (int)-w->ret;
	inet_doubt(s);
}

static void send_all(void)
{
	if (!count)
		return;
	host_net_later(writes, count);
	for (unsigned i = 0; i < count; i++) {
		net_buffer_put(writes[i].buffer);
		sent(waiting[i], &writes[i]);
	}
	count = 0;
}

/* A stream whose errors are told by the send that finds them could not be told of them later. */
static bool errors_unlikely(const struct inet_sock *s)
{
	return s->flows && !s->shut && !(s->ready & ENDED);
}

bool inet_later_fits(struct inet_sock *s, size_t len)
{
	struct thread *t = current;

	if (t->sent_at)
		turn_note(t);
	inet_later_finish(s);
	t->sent_at = __builtin_ia32_rdtsc();
	if ((count || inet_at_hand >= LATER_WORTH) && len <= LATER_MAX && t->prompt == PROMPT_SURE && errors_unlikely(s) &&
	    sched_alone())
		return true;
	send_all();
	return false;
}

void inet_later_add(struct inet_sock *s, int b, size_t len)
{
	if (count == NET_LATER_MAX)
		send_all();
	waiting[count] = s;
	writes[count++] = (struct net_later){ .id = s->id, .buffer = b, .len = len };
	s->later = true;
	inet_used(s, EPOLLOUT, s->events, false);
	if (inet_at_hand < LATER_WORTH)
		send_all();
}

void inet_later_finish(const struct inet_sock *s)
{
	if (s->later)
		net_send_now();
}

void net_send_now(void)
{
	if (current && current->sent_at)
		turn_note(current);
	send_all();
}
