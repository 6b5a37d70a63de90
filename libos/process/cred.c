/* cred.c: who a process is: user and group ids, supplementary groups. Capabilities: caps.c.
 *
 * One set per process: what one thread changes holds for all (thread libraries ask for that anyway,
 * by repeating the call in every thread, which is harmless). -1 means "leave as it is" where Linux
 * says so. */
#include "base/heap.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/internal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define UNCHANGED ((uint32_t)-1)

void cred_init_root(struct cred *c)
{
	*c = (struct cred){ .cap_effective = CAP_ALL,
			    .cap_permitted = CAP_ALL,
			    .cap_bounding = CAP_ALL };
}

/* Others of the new user may not look into it, and its parent has no more say. */
static void privileges_changed(struct process *p)
{
	p->dumpable = false;
	p->pdeath_signal = 0;
}

static void set_uids(struct process *p, uint32_t uid, uint32_t euid, uint32_t suid)
{
	struct cred old = p->cred;

	p->cred.uid = uid;
	p->cred.euid = p->cred.fsuid = euid;
	p->cred.suid = suid;
	if (old.euid != euid || old.fsuid != euid)
		privileges_changed(p);
	caps_after_setuid(&p->cred, &old);
	if (old.uid != uid)
		p->nproc_exceeded = rlimit_nproc_exceeded(p);
}

static void set_gids(struct process *p, uint32_t gid, uint32_t egid, uint32_t sgid)
{
	if (p->cred.egid != egid || p->cred.fsgid != egid)
		privileges_changed(p);
	p->cred.gid = gid;
	p->cred.egid = p->cred.fsgid = egid;
	p->cred.sgid = sgid;
}

static bool uid_is_mine(const struct cred *c, uint32_t id)
{
	return id == UNCHANGED || id == c->uid || id == c->euid || id == c->suid;
}

static bool gid_is_mine(const struct cred *c, uint32_t id)
{
	return id == UNCHANGED || id == c->gid || id == c->egid || id == c->sgid;
}

static uint32_t pick(uint32_t asked, uint32_t now)
{
	return asked == UNCHANGED ? now : asked;
}

SYSCALL_DEFINE(setuid, uint32_t, uid)
{
	struct process *p = current->process;

	if (uid == UNCHANGED)
		return -EINVAL;
	if (capable(CAP_SETUID))
		set_uids(p, uid, uid, uid);
	else if (uid == p->cred.uid || uid == p->cred.suid)
		set_uids(p, p->cred.uid, uid, p->cred.suid);
	else
		return -EPERM;
	return 0;
}

SYSCALL_DEFINE(setgid, uint32_t, gid)
{
	struct process *p = current->process;

	if (gid == UNCHANGED)
		return -EINVAL;
	if (capable(CAP_SETGID))
		set_gids(p, gid, gid, gid);
	else if (gid == p->cred.gid || gid == p->cred.sgid)
		set_gids(p, p->cred.gid, gid, p->cred.sgid);
	else
		return -EPERM;
	return 0;
}

SYSCALL_DEFINE(setreuid, uint32_t, ruid, uint32_t, euid)
{
	struct process *p = current->process;
	struct cred *c = &p->cred;
	uint32_t new_euid = pick(euid, c->euid), suid = c->suid;

	if (!capable(CAP_SETUID)) {
		if (ruid != UNCHANGED && ruid != c->uid && ruid != c->euid)
			return -EPERM;
		if (!uid_is_mine(c, euid))
			return -EPERM;
	}
	if (ruid != UNCHANGED || (euid != UNCHANGED && euid != c->uid))
		suid = new_euid;
	set_uids(p, pick(ruid, c->uid), new_euid, suid);
	return 0;
}

SYSCALL_DEFINE(setregid, uint32_t, rgid, uint32_t, egid)
{
	struct process *p = current->process;
	struct cred *c = &p->cred;
	uint32_t new_egid = pick(egid, c->egid), sgid = c->sgid;

	if (!capable(CAP_SETGID)) {
		if (rgid != UNCHANGED && rgid != c->gid && rgid != c->egid)
			return -EPERM;
		if (!gid_is_mine(c, egid))
			return -EPERM;
	}
	if (rgid != UNCHANGED || (egid != UNCHANGED && egid != c->gid))
		sgid = new_egid;
	set_gids(p, pick(rgid, c->gid), new_egid, sgid);
	return 0;
}

SYSCALL_DEFINE(setresuid, uint32_t, ruid, uint32_t, euid, uint32_t, suid)
{
	struct process *p = current->process;
	struct cred *c = &p->cred;

	if (!capable(CAP_SETUID) &&
	    !(uid_is_mine(c, ruid) && uid_is_mine(c, euid) && uid_is_mine(c, suid)))
		return -EPERM;
	set_uids(p, pick(ruid, c->uid), pick(euid, c->euid), pick(suid, c->suid));
	return 0;
}

SYSCALL_DEFINE(setresgid, uint32_t, rgid, uint32_t, egid, uint32_t, sgid)
{
	struct process *p = current->process;
	struct cred *c = &p->cred;

	if (!capable(CAP_SETGID) &&
	    !(gid_is_mine(c, rgid) && gid_is_mine(c, egid) && gid_is_mine(c, sgid)))
		return -EPERM;
	set_gids(p, pick(rgid, c->gid), pick(egid, c->egid), pick(sgid, c->sgid));
	return 0;
}

static long put_three(uint32_t a, uint32_t b, uint32_t c, uaddr_t pa, uaddr_t pb, uaddr_t pc)
{
	if (put_user(a, pa) || put_user(b, pb) || put_user(c, pc))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE(getresuid, uaddr_t, ruid, uaddr_t, euid, uaddr_t, suid)
{
	const struct cred *c = &current->process->cred;

	return put_three(c->uid, c->euid, c->suid, ruid, euid, suid);
}

SYSCALL_DEFINE(getresgid, uaddr_t, rgid, uaddr_t, egid, uaddr_t, sgid)
{
	const struct cred *c = &current->process->cred;

	return put_three(c->gid, c->egid, c->sgid, rgid, egid, sgid);
}

/* Both return the old value, and say by it whether they did anything. */
SYSCALL_DEFINE(setfsuid, uint32_t, uid)
{
	struct process *p = current->process;
	struct cred *c = &p->cred;
	uint32_t old = c->fsuid;

	if (uid == UNCHANGED || uid == old || (!uid_is_mine(c, uid) && !capable(CAP_SETUID)))
		return old;
	c->fsuid = uid;
	privileges_changed(p);
	caps_after_setfsuid(c, old);
	return old;
}

SYSCALL_DEFINE(setfsgid, uint32_t, gid)
{
	struct process *p = current->process;
	struct cred *c = &p->cred;
	uint32_t old = c->fsgid;

	if (gid == UNCHANGED || gid == old || (!gid_is_mine(c, gid) && !capable(CAP_SETGID)))
		return old;
	c->fsgid = gid;
	privileges_changed(p);
	return old;
}

SYSCALL_DEFINE(getuid)
{
	return current->process->cred.uid;
}

SYSCALL_DEFINE(geteuid)
{
	return current->process->cred.euid;
}

SYSCALL_DEFINE(getgid)
{
	return current->process->cred.gid;
}

SYSCALL_DEFINE(getegid)
{
	return current->process->cred.egid;
}

struct group_list *groups_get(struct group_list *g)
{
	if (g)
		g->ref++;
	return g;
}

void groups_put(struct group_list *g)
{
	if (g && --g->ref == 0)
		kfree(g);
}

static void sift_down(uint32_t *a, uint32_t at, uint32_t n)
{
	for (uint32_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
		uint32_t swap;

		if (child + 1 < n && a[child] < a[child + 1])
			child++;
		if (a[at] >= a[child])
			return;
		swap = a[at];
		a[at] = a[child];
		a[child] = swap;
		at = child;
	}
}

static void heap_sort(uint32_t *a, uint32_t n)
{
	for (uint32_t at = n / 2; at-- > 0;)
		sift_down(a, at, n);
	for (uint32_t left = n; left > 1; left--) {
		uint32_t last = a[left - 1];

		a[left - 1] = a[0];
		a[0] = last;
		sift_down(a, 0, left - 1);
	}
}

SYSCALL_DEFINE(getgroups, int, size, uaddr_t, list)
{
	const struct group_list *g = current->process->cred.groups;
	uint32_t n = g ? g->n : 0;

	if (size < 0 || (size && (uint32_t)size < n))
		return -EINVAL;
	if (size && n && copy_to_user(list, g->gid, n * sizeof(g->gid[0])))
		return -EFAULT;
	return n;
}

SYSCALL_DEFINE(setgroups, int, size, uaddr_t, list)
{
	struct cred *c = &current->process->cred;
	struct group_list *g, *old = c->groups;
	uint32_t n = (uint32_t)size;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (n > NGROUPS_MAX)
		return -EINVAL;
	g = kmalloc(sizeof(*g) + n * sizeof(g->gid[0]));
	if (!g)
		return -ENOMEM;
	if (copy_from_user(g->gid, list, n * sizeof(g->gid[0]))) {
		kfree(g);
		return -EFAULT;
	}
	heap_sort(g->gid, n);
	g->ref = 1;
	g->n = n;
	c->groups = g;
	groups_put(old);
	return 0;
}
