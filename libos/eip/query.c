/* query.c: questions to whom they concern: signals that a program sends, groups, sessions.
 *
 * No enclave knows all processes. What one cannot settle itself it asks its neighbours, which ask theirs but the one they
 * were asked by; the answers come back the same way and are combined: somebody was reached or knows, else somebody
 * refused, else there is nobody (-ESRCH). A neighbour that goes away has answered. A question without number (id 0) wants no
 * answer. The enclave's tree has no cycles, so each enclave sees a question once. */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "eip/eip.h"
#include "eip/peer.h"
#include "fs/procfs/procfs.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/internal.h"

enum ask_kind { ASK_PID = EIP_PID, ASK_TID, ASK_GROUP, ASK_ALL, ASK_GETPGID, ASK_GETSID, ASK_STATE, ASK_GROUP_IN_SESSION };

struct question {
	uint64_t id;
	uint32_t kind;
	kpid_t target, tgid, sid; /* sid: of who asks, or for ASK_GROUP_IN_SESSION the session */
	int32_t sig;
	kpid_t from;              /* ASK_ALL spares it; 0: the LibOS itself, which may all */
	uint32_t uid, euid;
	uint32_t cap_kill;
	struct siginfo info;
};

struct answer {
	uint64_t id;
	int64_t result;
};

/* A question that waits for neighbours. */
struct ask {
	struct list node;
	uint64_t id;
	struct eip_peer *from; /* NULL: somebody waits here */
	uint64_t from_id;
	int64_t result;
	unsigned missing;      /* answers */
	unsigned count;
	struct waitq done;
	struct eip_peer *asked[]; /* NULL: has answered */
};

static struct list asks = LIST_INIT(asks);
static uint64_t last_id;

/* ---- here ---- */

static bool may_signal(const struct question *q, const struct process *p)
{
	const struct cred *c = &p->cred;

	if (!q->from || q->cap_kill || q->euid == c->suid || q->euid == c->uid || q->uid == c->suid || q->uid == c->uid)
		return true;
	return q->sig == SIGCONT && q->sid == p->sid;
}

static int send_here(const struct question *q, struct process *p)
{
	if (!may_signal(q, p))
		return -EPERM;
	return q->sig ? signal_send_process(p, q->sig, &q->info) : 0;
}

static bool lives_here(const struct process *p)
{
	return p != init_process && !p->elsewhere;
}

static bool in_target(const struct question *q, const struct process *p)
{
	if (!lives_here(p))
		return false;
	return q->kind == ASK_ALL ? p->pid != q->from : p->pgid == q->target;
}

static int64_t signal_many(const struct question *q)
{
	struct process *p;
	int64_t ret = -ESRCH;

	list_for_each(p, &process_all, all_node) {
		int err;

		if (!in_target(q, p))
			continue;
		err = send_here(q, p);
		if (!err || ret)
			ret = err;
	}
	return ret;
}

static int64_t signal_thread(const struct question *q)
{
	struct thread *t = thread_find(q->target);

	if (!t || !t->process || (q->tgid > 0 && t->process->pid != q->tgid))
		return -ESRCH;
	if (!may_signal(q, t->process))
		return -EPERM;
	return q->sig ? signal_send_thread(t, q->sig, &q->info) : 0;
}

static bool group_in_session(const struct question *q)
{
	struct process *p;

	list_for_each(p, &process_all, all_node)
		if (p->pgid == q->target && p->sid == q->sid)
			return true;
	return false;
}

static int64_t answer_here(const struct question *q)
{
	struct process *p = process_find(q->target);

	/* Of its own end an enclave has told the parent, which knows whether there is a zombie still. */
	if (p && (!lives_here(p) || (p == eip_main && p->zombie)))
		p = NULL;
	switch (q->kind) {
	case ASK_PID:
		return p ? send_here(q, p) : -ESRCH;
	case ASK_TID:
		return signal_thread(q);
	case ASK_GROUP:
	case ASK_ALL:
		return signal_many(q);
	case ASK_GETPGID:
		return p ? p->pgid : -ESRCH;
	case ASK_GETSID:
		return p ? p->sid : -ESRCH;
	case ASK_STATE:
		return p ? proc_state(p, p->leader) : -ESRCH;
	case ASK_GROUP_IN_SESSION:
		return group_in_session(q) ? 0 : -ESRCH;
	}
	return -ESRCH;
}

/* Nobody else can have more to say? */
static bool settled(const struct question *q, int64_t result)
{
	return q->kind != ASK_GROUP && q->kind != ASK_ALL && result != -ESRCH;
}

/* ---- through the tree ---- */

static void combine(struct ask *a, int64_t result)
{
	if (result >= 0 ? a->result < 0 : a->result == -ESRCH)
		a->result = result;
}

static void answer(struct eip_peer *to, uint64_t id, int64_t result)
{
	struct answer r = { id, result };

	if (id)
		eip_post(to, EIP_ANSWER, &r, sizeof(r));
}

/* What shall live there lives here still, and has been asked. */
static bool not_inhabited(const struct eip_peer *peer)
{
	return !peer->up && !peer->proxy && !peer->threads;
}

/* The question goes to the only neighbour behind which the process can be, or to all but `from`. A first thread has the number
 * of its process; others are only known where they live. */
static void pass_on(struct question *q, struct eip_peer *from, struct ask *a)
{
	struct process *p = q->kind <= ASK_TID || q->kind >= ASK_GETPGID ? process_find(q->target) : NULL;
	struct eip_peer *only = p && q->kind != ASK_GROUP_IN_SESSION ? p->elsewhere : NULL, *peer;

	list_for_each(peer, &eip_peers, node) { /* NOLINT: from can be NULL, none of the list is */
		if (peer == from || (only && peer != only) || not_inhabited(peer))
			continue;
		if (a && a->missing < a->count)
			a->asked[a->missing++] = peer;
		eip_post(peer, EIP_ASK, q, sizeof(*q));
	}
}

static struct ask *ask_create(struct eip_peer *from, uint64_t from_id, int64_t result)
{
	struct eip_peer *peer;
	unsigned n = 0;
	struct ask *a;

	list_for_each(peer, &eip_peers, node)
		n++;
	a = kzalloc(sizeof(*a) + n * sizeof(a->asked[0]));
	if (!a)
		return NULL;
	a->id = ++last_id;
	a->from = from;
	a->from_id = from_id;
	a->result = result;
	a->count = n;
	waitq_init(&a->done);
	list_push_back(&asks, &a->node);
	return a;
}

static void ask_free(struct ask *a)
{
	list_remove(&a->node);
	kfree(a);
}

static void ask_complete(struct ask *a)
{
	if (a->missing)
		return;
	if (!a->from) {
		waitq_wake_all(&a->done, 0);
		return;
	}
	answer(a->from, a->from_id, a->result);
	ask_free(a);
}

void eip_ask_received(struct eip_peer *peer, struct unpack *u)
{
	struct question q;
	uint64_t id;
	int64_t result;
	struct ask *a;

	unpack_bytes(u, &q, sizeof(q));
	if (u->failed)
		return;
	id = q.id;
	result = answer_here(&q);
	if (settled(&q, result)) {
		answer(peer, id, result);
		return;
	}
	a = id ? ask_create(peer, id, result) : NULL;
	q.id = a ? a->id : 0;
	pass_on(&q, peer, a);
	if (a)
		ask_complete(a);
	else
		answer(peer, id, result);
}

static bool has_answered(struct ask *a, struct eip_peer *peer, int64_t result)
{
	for (unsigned i = 0; i < a->count; i++) {
		if (a->asked[i] != peer)
			continue;
		a->asked[i] = NULL;
		a->missing--;
		combine(a, result);
		return true;
	}
	return false;
}

void eip_answer_received(struct eip_peer *peer, struct unpack *u)
{
	struct answer r;
	struct ask *a;

	unpack_bytes(u, &r, sizeof(r));
	list_for_each(a, &asks, node) {
		if (u->failed || a->id != r.id)
			continue;
		if (has_answered(a, peer, r.result))
			ask_complete(a);
		return;
	}
}

void eip_queries_gone(struct eip_peer *peer)
{
	struct ask *a, *tmp;

	list_for_each_safe(a, tmp, &asks, node) {
		bool answered = has_answered(a, peer, -ESRCH);

		if (a->from == peer)
			a->from_id = 0;
		if (answered)
			ask_complete(a);
	}
}

/* Asks the others only. Waits for their answers whatever happens: they come soon, or the neighbour goes. */
static int64_t ask(struct question *q)
{
	struct ask *a = ask_create(NULL, 0, -ESRCH);
	int64_t result;

	if (!a)
		return -ENOMEM;
	q->id = a->id;
	pass_on(q, NULL, a);
	while (a->missing)
		if (waitq_wait(&a->done, WAIT_UNINTERRUPTIBLE, NSEC_NEVER))
			continue;
	result = a->result;
	ask_free(a);
	return result;
}

/* ---- what the LibOS calls ---- */

int eip_kill(const struct eip_kill *k)
{
	struct process *p = current->process;
	struct question q = {
		.kind = k->target, .target = k->id, .tgid = k->tgid, .sid = p->sid, .sig = k->sig, .from = p->pid,
		.uid = p->cred.uid, .euid = p->cred.euid, .cap_kill = capable(CAP_KILL), .info = *k->info,
	};

	if (list_empty(&eip_peers))
		return -ESRCH;
	return (int)ask(&q);
}

static int ask_simple(enum ask_kind kind, kpid_t target, kpid_t sid)
{
	struct question q = { .kind = kind, .target = target, .sid = sid };

	return list_empty(&eip_peers) ? -ESRCH : (int)ask(&q);
}

int eip_getpgid(kpid_t pid)
{
	return ask_simple(ASK_GETPGID, pid, 0);
}

int eip_getsid(kpid_t pid)
{
	return ask_simple(ASK_GETSID, pid, 0);
}

char eip_process_state(kpid_t pid)
{
	int state = ask_simple(ASK_STATE, pid, 0);

	return state < 0 ? 'X' : (char)state;
}

bool eip_group_in_session(kpid_t pgid, kpid_t sid)
{
	return ask_simple(ASK_GROUP_IN_SESSION, pgid, sid) >= 0;
}

static void tell(enum ask_kind kind, kpid_t target, int sig, const struct siginfo *info)
{
	struct siginfo kernel = { .signo = sig, .code = SI_KERNEL };
	struct question q = { .kind = kind, .target = target, .sig = sig, .info = info ? *info : kernel };

	pass_on(&q, NULL, NULL);
}

void eip_signal_process(struct process *p, int sig, const struct siginfo *info)
{
	tell(ASK_PID, p->pid, sig, info);
}

void eip_signal_thread(struct thread *t, int sig, const struct siginfo *info)
{
	tell(ASK_TID, t->tid, sig, info);
}

void eip_signal_at(struct eip_peer *to, kpid_t id, bool thread, const struct siginfo *info)
{
	struct question q = {
		.kind = thread ? ASK_TID : ASK_PID, .target = id, .sig = info->signo, .info = *info,
	};

	eip_post(to, EIP_ASK, &q, sizeof(q));
}

void eip_signal_group(kpid_t pgid, int sig, const struct siginfo *info)
{
	tell(ASK_GROUP, pgid, sig, info);
}
