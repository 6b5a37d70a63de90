/* proxy.c: what happens to processes that live elsewhere: they end, stop, change groups, lose their parent. */
#include "base/heap.h"
#include "base/log.h"
#include "eip/eip.h"
#include "eip/files.h"
#include "eip/peer.h"
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

void eip_proxy_begin(struct process *p, struct eip_peer *to)
{
	p->elsewhere = to;
	to->proxy = p;
	eip_peer_start(to);
}

/* ---- ending ---- */

static void report_exit(struct process *p)
{
	struct exit_head h = {
		.status = p->exit_status, .utime = p->dead_utime, .stime = p->dead_stime,
		.child_utime = p->child_utime, .child_stime = p->child_stime,
		.min_flt = p->min_flt, .maj_flt = p->maj_flt,
		.child_min_flt = p->child_min_flt, .child_maj_flt = p->child_maj_flt,
		.max_rss = p->max_rss, .child_max_rss = p->child_max_rss,
	};
	struct pack out = { 0 };

	pack_bytes(&out, &h, sizeof(h));
	eip_files_returned(&out);
	eip_main = NULL;
	eip_post_pack(eip_parent, EIP_EXIT, &out);
}

/* A proxy becomes a zombie, as if it had ended here. */
static void proxy_end(struct process *p, int status)
{
	p->exit_status = status;
	p->elsewhere = NULL;
	process_become_zombie(p);
}

void eip_exit_received(struct eip_peer *peer, struct unpack *u)
{
	struct process *p = peer->proxy;
	struct exit_head h;

	unpack_bytes(u, &h, sizeof(h));
	if (u->failed || peer->up || !p)
		return;
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
	eip_files_take_back(peer, u);
	peer->proxy = NULL;
	proxy_end(p, h.status);
}

void eip_peer_gone(struct eip_peer *peer)
{
	struct process *p = peer->proxy;

	if (peer->up) /* nobody is left who could tell us anything */
		enclave_stop(0);
	peer->proxy = NULL;
	if (p) {
		log_info("eip: the enclave of process %d is gone", p->pid);
		proxy_end(p, WAIT_SIGNALED(SIGKILL, false));
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

void eip_state_received(struct eip_peer *peer, struct unpack *u)
{
	int code = (int)unpack_u32(u), status = (int)unpack_u32(u);
	struct process *p = peer->proxy;

	if (u->failed || peer->up || !p)
		return;
	p->stopped = code == CLD_STOPPED;
	if (p->stopped) {
		p->stop_signal = status;
		p->stop_reported = false;
	} else {
		p->cont_reported = false;
	}
	process_notify_parent(p, code, status);
}

static struct eip_peer *told_about(struct process *p)
{
	if (p->elsewhere)
		return p->elsewhere;
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
		if (child->elsewhere) /* it knows its parent's group: is its own orphaned? */
			eip_post(child->elsewhere, EIP_IDENTITY, &id, sizeof(id));
}

static void take_session(struct process *p, kpid_t sid)
{
	if (p->sid == sid)
		return;
	pid_hold(sid);
	pid_release(p->sid);
	p->sid = sid;
}

void eip_identity_received(struct eip_peer *peer, struct unpack *u)
{
	struct process *p = peer->proxy;
	struct identity id;

	unpack_bytes(u, &id, sizeof(id));
	if (u->failed)
		return;
	if (id.set_group) { /* setpgid by the parent */
		if (peer->up && eip_main)
			process_set_pgrp(eip_main, id.pgid);
		return;
	}
	if (!p)
		return;
	take_session(p, id.sid);
	process_set_pgrp(p, id.pgid);
	p->cred.uid = id.uid;
	p->cred.euid = id.euid;
	p->cred.suid = id.suid;
}

/* ---- parents that end ---- */

void eip_orphaned(struct process *p)
{
	eip_post(p->elsewhere, EIP_ORPHAN, NULL, 0);
}

void eip_orphan_received(struct eip_peer *peer)
{
	struct process *p = peer->proxy;

	if (!peer->up || !p)
		return;
	peer->proxy = NULL;
	p->elsewhere = NULL;
	p->zombie = true;
	process_give_children_away(p);
	process_reap(p);
}
