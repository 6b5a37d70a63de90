/* unix_gc.c: finds sockets that only each other's queues hold, and frees them.
 *
 * A socket in flight may be used by somebody if it has more references than there are packs in queues with it. What such
 * sockets and those with a descriptor hold in their queues may be used as well, and so on; a connection in a backlog is
 * as reachable as its listener. The packs of all others are garbage.
 *
 * Work is one pass over queues with packs. It is done when a socket goes, but not more often than the number of packs
 * justifies, so that closing many costs constant time each. */
#include "net/unix.h"

static unsigned releases; /* since the last pass */
static bool running;

static struct unix_sock *holder_of(const struct fd_pack *pack)
{
	return pack->holder->listener ? pack->holder->listener : pack->holder;
}

static void prepare(void)
{
	struct unix_sock *s;

	list_for_each(s, &unix_all, all_node) {
		s->gc_flights = 0;
		s->gc_live = false;
	}
}

/* How often each socket is in a queue; the number of packs. */
static unsigned count_flights(void)
{
	struct fd_pack *pack;
	unsigned packs = 0;

	list_for_each(pack, &fd_packs_queued, node) {
		packs++;
		for (unsigned i = 0; i < pack->count; i++) {
			struct unix_sock *s = file_unix_sock(pack->files[i]);

			if (s)
				s->gc_flights++;
		}
	}
	return packs;
}

static void mark(struct unix_sock *s, struct list *work)
{
	if (s->gc_live)
		return;
	s->gc_live = true;
	list_push_back(work, &s->gc_node);
}

static void mark_queue(struct unix_sock *s, struct list *work)
{
	struct message *m;

	list_for_each(m, &s->queue, node) {
		for (unsigned i = 0; m->fds && i < m->fds->count; i++) {
			struct unix_sock *in = file_unix_sock(m->fds->files[i]);

			if (in)
				mark(in, work);
		}
	}
}

static void mark_roots(struct list *work)
{
	struct fd_pack *pack;

	list_for_each(pack, &fd_packs_queued, node) {
		struct unix_sock *s = holder_of(pack);

		if (!s->sk.file || s->sk.file->ref > s->gc_flights)
			mark(s, work);
	}
}

static void mark_all(struct list *work)
{
	while (!list_empty(work)) {
		struct unix_sock *s = list_first(work, struct unix_sock, gc_node), *end;

		list_remove(&s->gc_node);
		list_init(&s->gc_node);
		mark_queue(s, work);
		list_for_each(end, &s->backlog, backlog_node)
			mark_queue(end, work);
	}
}

/* Detached from their queues, so that new passes and readers find them no more. */
static void sweep(struct list *garbage)
{
	struct unix_sock *s;

	list_for_each(s, &unix_all, all_node) {
		struct unix_sock *owner = s->listener ? s->listener : s;
		struct message *m;

		if (owner->gc_live)
			continue;
		list_for_each(m, &s->queue, node) {
			if (!m->fds)
				continue;
			fd_pack_dequeue(m->fds);
			list_push_back(garbage, &m->fds->node);
			m->fds = NULL;
		}
	}
}

static void free_all(struct list *garbage)
{
	while (!list_empty(garbage)) {
		struct fd_pack *pack = list_first(garbage, struct fd_pack, node);

		list_remove(&pack->node);
		fd_pack_free(pack);
	}
}

static bool is_due(void)
{
	static unsigned wait; /* releases until the next pass */

	if (list_empty(&fd_packs_queued) || running || fd_pack_freeing() || releases++ < wait)
		return false;
	prepare();
	wait = count_flights() / 4;
	releases = 0;
	return true;
}

void unix_gc(void)
{
	struct list work, garbage;

	if (!is_due())
		return;
	running = true;
	list_init(&work);
	list_init(&garbage);
	mark_roots(&work);
	mark_all(&work);
	sweep(&garbage);
	free_all(&garbage);
	running = false;
}
