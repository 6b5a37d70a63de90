/* proxy.c: what happens to processes that live elsewhere: they end, stop, change groups. What happens to one that was passed on
 * (orphan.c) is told to the parent's enclave too. */
#include "base/heap.h"
#include "base/log.h"
#include "eip/eip.h"
#include "eip/files.h"
#include "eip/peer.h"
#include "eip/pending.h"
#include "entry/enclu.h"
#include "linux/wait.h"
#include "process/internal.h"
#include "process/pid.h"

struct process *eip_main;
bool eip_started;

struct exit_head {
	int32_t status, pad;
	nsec_t utime, stime, child_utime, child_stime;
	uint64_t min_flt, maj_flt, child_min_flt, child_maj_flt, max_rss, child_max_rss;
};

struct identity {
	kpid_t pgid, sid;
	uint32_t uid, euid, suid;
	uint32_t set_group; /* the receiver's own process: only its group changes */
};

void eip_proxy_prepare(struct process *p, struct thread *t, struct eip_peer *to)
{
	p->elsewhere = to;
	to->proxy = p;
	eip_pending_send(p, t, to);
}

void eip_proxy_begin(struct process *p, struct eip_peer *to)
{
	assert(p->elsewhere == to);
	eip_peer_start(to);
}

/* ---- ending ---- */

void eip_exit_pack(struct pack *out, const struct process *p)
{
	struct exit_head h = {
		.status = p->exit_status, .utime = p->dead_utime, .stime = p->dead_stime,
		.child_utime = p->child_utime, .child_stime = p->child_stime,
		.min_flt = p->min_flt, .maj_flt = p->maj_flt,
		.child_min_flt = p->child_min_flt, .child_maj_flt = p->child_maj_flt,
		.max_rss = p->max_rss, .child_max_rss = p->child_max_rss,
	};

	pack_bytes(out, &h, sizeof(h));
}

void eip_exit_unpack(struct process *p, struct unpack *u)
{
	struct exit_head h;

	unpack_bytes(u, &h, sizeof(h));
	p->exit_status = h.status;
	p->dead_utime = h.utime;
	p->dead_stime = h.stime;
	p->child_utime = h.child_utime;
	p->child_stime = h.child_stime;
	p->min_flt = h.min_flt;
	p->maj_flt = h.maj_flt;
	p->child_min_flt = h.child_min_flt;
	p->child_maj_flt = h.child_maj_flt;
	p->max_rss = h.max_rss;
	p->child_max_rss = h.child_max_rss;
}

/* Told to the enclave that has p's parent now; body: NULL, or what was told here. */
static void pass_up(const struct process *p, enum eip_type type, const void *body, size_t len)
{
	struct pack out = { 0 };

	if (!p->passed_on)
		return;
	pack_u32(&out, (uint32_t)p->pid);
	pack_u32(&out, type);
	pack_bytes(&out, body, len);
	eip_post_pack(eip_parent, EIP_PASSED, &out);
}

static void pass_exit_up(const struct process *p)
{
	struct pack out = { 0 };

	eip_exit_pack(&out, p);
	if (!out.failed)
		pass_up(p, EIP_EXIT, out.data, out.len);
	pack_free(&out);
}

static void report_exit(struct process *p)
{
	struct pack out = { 0 };

	eip_exit_pack(&out, p);
	eip_files_returned(&out);
	eip_main = NULL;
	eip_post_pack(eip_parent, EIP_EXIT, &out);
}

void eip_proxy_end(struct process *p)
{
	pass_exit_up(p);
	p->elsewhere = NULL;
	process_become_zombie(p);
}

static void forget_proxy(struct eip_peer *peer)
{
	if (peer->proxy)
		peer->father = peer->proxy->parent->pid;
	peer->proxy = NULL;
}

void eip_exit_received(struct eip_peer *peer, struct unpack *u)
{
	struct process *p = peer->proxy;

	if (peer->up || !p)
		return;
	eip_exit_unpack(p, u);
	if (u->failed)
		return;
	eip_files_take_back(peer, u);
	forget_proxy(peer);
	eip_proxy_end(p);
}

/* One process less behind a neighbour that is gone. */
static struct process *somebody_behind(const struct eip_peer *peer)
{
	struct process *p;

	list_for_each(p, &process_all, all_node)
		if (p->elsewhere == peer)
			return p;
	return NULL;
}

void eip_peer_gone(struct eip_peer *peer)
{
	struct process *p;

	if (peer->up) /* nobody is left who could tell us anything */
		enclave_stop(0);
	forget_proxy(peer);
	while ((p = somebody_behind(peer))) {
		log_info("eip: the enclave of process %d is gone", p->pid);
		p->exit_status = WAIT_SIGNALED(SIGKILL, false);
		eip_proxy_end(p);
	}
	eip_pids_gone(peer);
}

static bool programs_left(void)
{
	struct process *p;

	list_for_each(p, &process_all, all_node)
		if (p != init_process && !p->zombie && !p->elsewhere)
			return true;
	return false;
}

void eip_stop_if_done(void)
{
	struct eip_peer *peer;

	if (!eip_parent || !list_empty(&eip_parent->out) || !eip_started || programs_left())
		return;
	list_for_each(peer, &eip_peers, node)
		if (!peer->up)
			return;
	enclave_stop(0);
}

/* ---- changes ---- */

void eip_report(struct process *p, int code, int status)
{
	int32_t state[2] = { code, status };

	if (p->zombie)
		report_exit(p);
	else
		eip_post(eip_parent, EIP_STATE, state, sizeof(state));
}

static void state_of(struct process *p, struct unpack *u)
{
	int32_t state[2];

	unpack_bytes(u, state, sizeof(state));
	if (u->failed)
		return;
	p->stopped = state[0] == CLD_STOPPED;
	if (p->stopped) {
		p->stop_signal = state[1];
		p->stop_reported = false;
	} else {
		p->cont_reported = false;
	}
	pass_up(p, EIP_STATE, state, sizeof(state));
	process_notify_parent(p, state[0], state[1]);
}

void eip_state_received(struct eip_peer *peer, struct unpack *u)
{
	if (!peer->up && peer->proxy)
		state_of(peer->proxy, u);
}

static struct eip_peer *told_about(struct process *p)
{
	if (p->elsewhere) /* those that live farther behind it do not hear of it */
		return p->elsewhere->proxy == p ? p->elsewhere : NULL;
	return p == eip_main ? eip_parent : NULL;
}

void eip_identity_changed(struct process *p)
{
	struct identity id = { p->pgid, p->sid, p->cred.uid, p->cred.euid, p->cred.suid, p->elsewhere != NULL };
	struct eip_peer *peer = told_about(p);
	struct process *child;

	if (peer)
		eip_post(peer, EIP_IDENTITY, &id, sizeof(id));
	if (p->elsewhere)
		return;
	id.set_group = 0;
	list_for_each(child, &p->children, sibling)
		if (child->elsewhere && child->elsewhere->proxy == child) /* it knows its parent's group: is its own orphaned? */
			eip_post(child->elsewhere, EIP_IDENTITY, &id, sizeof(id));
}

void eip_session_take(struct process *p, kpid_t sid)
{
	if (p->sid == sid)
		return;
	pid_hold(sid);
	pid_release(p->sid);
	p->sid = sid;
}

static void identity_of(struct process *p, const struct identity *id)
{
	eip_session_take(p, id->sid);
	process_set_pgrp(p, id->pgid);
	p->cred.uid = id->uid;
	p->cred.euid = id->euid;
	p->cred.suid = id->suid;
	pass_up(p, EIP_IDENTITY, id, sizeof(*id));
}

void eip_identity_received(struct eip_peer *peer, struct unpack *u)
{
	struct identity id;

	unpack_bytes(u, &id, sizeof(id));
	if (u->failed)
		return;
	if (!id.set_group) {
		if (peer->proxy)
			identity_of(peer->proxy, &id);
	} else if (peer->up && eip_main) { /* setpgid by the parent */
		process_set_pgrp(eip_main, id.pgid);
	}
}

/* ---- farther ones ---- */

void eip_passed_received(struct eip_peer *peer, struct unpack *u)
{
	struct process *p = process_find((kpid_t)unpack_u32(u));
	enum eip_type type = unpack_u32(u);
	struct identity id;

	if (!p || p->elsewhere != peer || peer->up)
		return;
	if (type == EIP_EXIT) {
		eip_exit_unpack(p, u);
		if (!u->failed)
			eip_proxy_end(p);
	} else if (type == EIP_STATE) {
		state_of(p, u);
	} else {
		unpack_bytes(u, &id, sizeof(id));
		if (!u->failed)
			identity_of(p, &id);
	}
}
