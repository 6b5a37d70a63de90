/* session.c: process groups, sessions, and job control's orphaned groups. A group or session exists
 * while a process carries its number; there is no object for it. The controlling terminal is the
 * terminal layer's (process.tty). */
#include "eip/eip.h"
#include "fs/devfs/tty.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "process/internal.h"
#include "process/pid.h"
#include "signal/signal.h"
#include "syscall/define.h"

void process_set_pgrp(struct process *p, kpid_t pgid)
{
	pid_hold(pgid);
	pid_release(p->pgid);
	p->pgid = pgid;
}

/* A member whose parent is in another group of the same session keeps a group from being orphaned. */
static bool holds_group(const struct process *p)
{
	return p->parent && p->parent != init_process && p->parent->pgid != p->pgid &&
	       p->parent->sid == p->sid;
}

static bool pgrp_orphaned(kpid_t pgid, const struct process *ignored)
{
	struct process *p;

	list_for_each(p, &process_all, all_node)
		if (p->pgid == pgid && p != ignored && !p->zombie && holds_group(p))
			return false;
	return true;
}

static bool pgrp_has_stopped(kpid_t pgid)
{
	struct process *p;

	list_for_each(p, &process_all, all_node)
		if (p->pgid == pgid && p->stopped)
			return true;
	return false;
}

void pgrp_check_orphans(struct process *p, struct process *parent)
{
	const struct process *ignored = parent ? NULL : p;

	if (!parent)
		parent = p->parent;
	if (!parent || parent->pgid == p->pgid || parent->sid != p->sid)
		return;
	if (!pgrp_has_stopped(p->pgid) || !pgrp_orphaned(p->pgid, ignored))
		return;
	signal_send_pgrp(p->pgid, SIGHUP, NULL);
	signal_send_pgrp(p->pgid, SIGCONT, NULL);
}

void session_leader_exit(struct process *p)
{
	if (p->tty && p->sid == p->pid)
		tty_session_end(p);
}

static bool pgrp_in_session(kpid_t pgid, kpid_t sid)
{
	struct process *p;

	list_for_each(p, &process_all, all_node)
		if (p->pgid == pgid && p->sid == sid)
			return true;
	return eip_enabled() && eip_group_in_session(pgid, sid);
}

SYSCALL_DEFINE(setpgid, int, pid, int, pgid)
{
	struct process *cur = current->process;
	struct process *p = pid ? process_find(pid) : cur;

	if (pgid < 0)
		return -EINVAL;
	if (!p || (p != cur && p->parent != cur))
		return -ESRCH;
	if (p != cur && p->sid != cur->sid)
		return -EPERM;
	if (p != cur && p->exec_done)
		return -EACCES;
	if (p->sid == p->pid)
		return -EPERM;
	if (pgid == 0)
		pgid = p->pid;
	if (pgid != p->pid && !pgrp_in_session(pgid, cur->sid))
		return -EPERM;
	if (pgid == p->pgid)
		return 0;
	process_set_pgrp(p, pgid);
	if (eip_enabled())
		eip_identity_changed(p);
	return 0;
}

static struct process *process_or_self(int pid)
{
	return pid ? process_find(pid) : current->process;
}

SYSCALL_DEFINE(getpgid, int, pid)
{
	struct process *p = process_or_self(pid);

	if (!p && eip_enabled())
		return eip_getpgid(pid);
	return p ? p->pgid : -ESRCH;
}

SYSCALL_DEFINE(getpgrp)
{
	return current->process->pgid;
}

SYSCALL_DEFINE(getsid, int, pid)
{
	struct process *p = process_or_self(pid);

	if (!p && eip_enabled())
		return eip_getsid(pid);
	return p ? p->sid : -ESRCH;
}

static bool pgrp_exists(kpid_t pgid)
{
	struct process *p;

	list_for_each(p, &process_all, all_node)
		if (p->pgid == pgid)
			return true;
	return false;
}

SYSCALL_DEFINE(setsid)
{
	struct process *p = current->process;

	if (pgrp_exists(p->pid))
		return -EPERM;
	pid_hold(p->pid);
	pid_release(p->sid);
	p->sid = p->pid;
	process_set_pgrp(p, p->pid);
	p->tty = NULL;
	if (eip_enabled())
		eip_identity_changed(p);
	return p->pid;
}

SYSCALL_DEFINE(getpid)
{
	return current->process->pid;
}

SYSCALL_DEFINE(getppid)
{
	return process_ppid(current->process);
}
