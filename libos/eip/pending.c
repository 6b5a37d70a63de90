/* pending.c: signals that wait for a process on its way to another enclave.
 *
 * What waits when the process' state is packed goes with it, so the program finds it in its first moment. What comes while
 * the new enclave starts waits here, as until then the process lives here; it is sent as soon as it does not. If the new
 * enclave does not come to be, all waits here again. So each signal arrives, once. */
#include "eip/pending.h"
#include "base/log.h"
#include "base/string.h"
#include "eip/eip.h"
#include "eip/peer.h"
#include "process/process.h"
#include "signal/internal.h"

struct waiting {
	uint32_t thread; /* for the thread, not the whole process */
	struct siginfo info;
};

static bool something_waits(const struct process *p, const struct thread *t)
{
	return t->sig_pending || p->sig_pending;
}

static void take_one(struct process *p, struct thread *t, struct waiting *w)
{
	w->thread = t->sig_pending != 0;
	(void)pending_take(w->thread ? pending_of_thread(t) : pending_of_process(p), ~(sigset64)0, &w->info);
}

void eip_pending_take(struct pack *out, struct process *p, struct thread *t)
{
	while (something_waits(p, t)) {
		void *to = pack_room(out, sizeof(struct waiting)); /* first: without memory it goes on waiting */
		struct waiting w;

		if (!to)
			return;
		take_one(p, t, &w);
		memcpy(to, &w, sizeof(w));
	}
}

static void add(const struct waiting *w, struct process *p, struct thread *t)
{
	int sig = w->info.signo;

	if (pending_add(w->thread ? pending_of_thread(t) : pending_of_process(p), sig, &w->info, p))
		log_error("eip: no memory for signal %d of process %d: it is lost", sig, p->pid);
}

static void add_all(const struct pack *from, struct process *p, struct thread *t)
{
	for (size_t at = 0; at < from->len; at += sizeof(struct waiting)) {
		struct waiting w;

		memcpy(&w, from->data + at, sizeof(w));
		add(&w, p, t);
	}
}

void eip_pending_put_back(struct pack *taken, struct process *p, struct thread *t)
{
	struct pack newer = { 0 };

	if (!taken->len)
		return;
	eip_pending_take(&newer, p, t);
	add_all(taken, p, t);
	add_all(&newer, p, t);
	pack_free(&newer);
	signal_recheck(t);
}

/* POSIX timers end with execve, and with them their signals; a copy that fork made never had any. */
static bool stays_behind(const struct waiting *w)
{
	return w->info.code == SI_TIMER;
}

void eip_pending_arrive(struct unpack *u, struct process *p, struct thread *t)
{
	while (u->at < u->end) {
		struct waiting w;

		unpack_bytes(u, &w, sizeof(w));
		if (u->failed || w.info.signo < 1 || w.info.signo > NSIG)
			return;
		if (!stays_behind(&w))
			add(&w, p, t);
	}
	signal_recheck(t);
}

void eip_pending_send(struct process *p, struct thread *t, struct eip_peer *to)
{
	while (something_waits(p, t)) {
		struct waiting w;

		take_one(p, t, &w);
		if (!stays_behind(&w))
			eip_signal_at(to, p->pid, w.thread, &w.info);
	}
}
