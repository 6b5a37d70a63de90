/* orphan.c: parents that end: who gets their children, here and in other enclaves.
 *
 * A process' ancestors live in the enclaves above its own. If there is no subreaper (PR_SET_CHILD_SUBREAPER) in the enclave
 * where a process has ended, its children are offered to the enclave above (EIP_ADOPT), which finds one among its processes or
 * passes the offer on; in the first enclave they are init's in the end. Who took a child has a proxy of it from then on, though
 * it lives farther away; the enclaves between keep theirs, too (`passed_on`), send on what it tells (EIP_PASSED) and find the way
 * to it. The child learns of its new parent by EIP_ORPHAN, whose way is back. All of that goes before the end of the
 * process is told, so nobody who waits finds himself without children in between. */
#include "eip/eip.h"
#include "eip/peer.h"
#include "process/internal.h"
#include "process/pid.h"

struct orphan { /* EIP_ORPHAN */
	kpid_t child, parent; /* parent 1: init */
	kpid_t parent_pgid, parent_sid;
	uint32_t parent_uid;
};

struct offer { /* EIP_ADOPT; of a zombie its end follows */
	kpid_t pid, pgid, sid;
	uint32_t uid, euid, suid;
	uint32_t zombie, stopped, stop_signal;
};

/* ---- here ---- */

static void tell_child(struct eip_peer *to, kpid_t child, const struct process *parent)
{
	struct orphan o = { child, parent->pid, parent->pgid, parent->sid, parent->cred.uid };

	eip_post(to, EIP_ORPHAN, &o, sizeof(o));
}

static void offer_up(struct process *p)
{
	struct offer o = {
		.pid = p->pid, .pgid = p->pgid, .sid = p->sid, .uid = p->cred.uid, .euid = p->cred.euid, .suid = p->cred.suid,
		.zombie = p->zombie, .stopped = p->stopped, .stop_signal = (uint32_t)p->stop_signal,
	};
	struct pack out = { 0 };

	pack_bytes(&out, &o, sizeof(o));
	if (p->zombie)
		eip_exit_pack(&out, p);
	p->passed_on = !p->zombie;
	eip_post_pack(eip_parent, EIP_ADOPT, &out);
}

void eip_orphaned(struct process *p, struct process *reaper)
{
	/* Of what lives here but this enclave's own process (it borrowed its memory) nobody else knows. */
	if (reaper == init_process && eip_parent && (p->elsewhere || p->zombie))
		offer_up(p);
	else if (p->elsewhere)
		tell_child(p->elsewhere, p->pid, reaper);
}

/* ---- in an enclave above ---- */

static struct process *reaper_behind(const struct eip_peer *peer)
{
	struct process *a = peer->proxy ? peer->proxy->parent : process_find(peer->father);

	for (a = a ? a : eip_main; a && a != init_process; a = a->parent)
		if (a->child_subreaper && !a->zombie && !a->group_exit && !a->elsewhere)
			return a;
	return NULL;
}

/* A proxy of a process that lives farther behind peer. */
static struct process *proxy_create(struct eip_peer *peer, const struct offer *o, struct process *parent)
{
	struct process *p;

	if (process_find(o->pid) || process_create_elsewhere(parent, o->pid, &p))
		return NULL;
	p->elsewhere = peer;
	p->cred.uid = o->uid;
	p->cred.euid = o->euid;
	p->cred.suid = o->suid;
	p->exit_signal = SIGCHLD;
	p->stopped = o->stopped;
	p->stop_signal = (int)o->stop_signal;
	eip_session_take(p, o->sid);
	process_set_pgrp(p, o->pgid);
	return p;
}

void eip_adopt_received(struct eip_peer *peer, struct unpack *u)
{
	struct process *reaper = reaper_behind(peer), *p;
	struct offer o;

	unpack_bytes(u, &o, sizeof(o));
	if (u->failed || peer->up)
		return;
	p = proxy_create(peer, &o, reaper ? reaper : init_process);
	if (p && o.zombie)
		eip_exit_unpack(p, u);
	p = p && u->failed ? NULL : p;
	if (!p) {
		if (!o.zombie)
			tell_child(peer, o.pid, init_process);
		return;
	}
	p->zombie = o.zombie;
	if (!reaper && eip_parent)
		offer_up(p);
	else if (!o.zombie)
		tell_child(peer, o.pid, p->parent);
	p->zombie = false;
	if (o.zombie)
		eip_proxy_end(p);
}

/* ---- the child ---- */

static struct process *new_parent(const struct orphan *o)
{
	struct process *p = o->parent == init_process->pid ? init_process : process_find(o->parent);

	if (p || process_create_elsewhere(init_process, o->parent, &p))
		return p ? p : init_process;
	p->elsewhere = eip_parent;
	p->cred.uid = p->cred.euid = p->cred.suid = o->parent_uid;
	eip_session_take(p, o->parent_sid);
	process_set_pgrp(p, o->parent_pgid);
	return p;
}

/* The proxy of the old parent is replaced. */
static void take_parent(const struct orphan *o)
{
	struct process *old = eip_parent->proxy, *to;

	if (!old || old->pid == o->parent)
		return;
	to = new_parent(o);
	eip_parent->proxy = to == init_process ? NULL : to;
	if (eip_main && eip_main->parent == old) {
		process_give_child(eip_main, to);
		pgrp_check_orphans(eip_main, old);
	}
	old->elsewhere = NULL;
	old->zombie = true;
	process_give_children_away(old);
	process_reap(old);
}

void eip_orphan_received(struct eip_peer *peer, struct unpack *u)
{
	struct process *p;
	struct orphan o;

	unpack_bytes(u, &o, sizeof(o));
	p = u->failed ? NULL : process_find(o.child);
	if (!p || !peer->up)
		return;
	if (p->elsewhere && p->elsewhere != eip_parent)
		eip_post(p->elsewhere, EIP_ORPHAN, &o, sizeof(o));
	else if (p == eip_main)
		take_parent(&o);
}
