/* cred.c: who a process is: user and group ids, supplementary groups, capabilities.
 *
 * One set per process: what one thread changes holds for all (thread libraries ask for that anyway,
 * by repeating the call in every thread, which is harmless). -1 means "leave as it is" where Linux
 * says so. */
#include "base/string.h"
#include "fs/inode.h"
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

bool capable(int cap)
{
	struct thread *t = current;

	if (!t || !t->process) /* boot, LibOS threads */
		return true;
	return t->process->cred.cap_effective >> cap & 1;
}

/* What leaving or entering user 0 does to capabilities (capabilities(7)). */
static void adjust_caps(struct cred *c, const struct cred *old)
{
	bool was_root = !old->uid || !old->euid || !old->suid;
	bool is_root = !c->uid || !c->euid || !c->suid;

	if (was_root && !is_root) {
		if (!c->keep_caps)
			c->cap_permitted = c->cap_effective = 0;
		c->cap_ambient = 0;
	}
	if (!old->euid && c->euid)
		c->cap_effective = 0;
	if (old->euid && !c->euid)
		c->cap_effective = c->cap_permitted;
}

static void set_uids(struct process *p, uint32_t uid, uint32_t euid, uint32_t suid)
{
	struct cred old = p->cred;

	p->cred.uid = uid;
	p->cred.euid = p->cred.fsuid = euid;
	p->cred.suid = suid;
	if (old.euid != euid)
		p->dumpable = false;
	adjust_caps(&p->cred, &old);
}

static void set_gids(struct process *p, uint32_t gid, uint32_t egid, uint32_t sgid)
{
	if (p->cred.egid != egid)
		p->dumpable = false;
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
	struct cred *c = &current->process->cred;
	uint32_t old = c->fsuid;

	if (uid != UNCHANGED && (uid == old || uid_is_mine(c, uid) || capable(CAP_SETUID)))
		c->fsuid = uid;
	return old;
}

SYSCALL_DEFINE(setfsgid, uint32_t, gid)
{
	struct cred *c = &current->process->cred;
	uint32_t old = c->fsgid;

	if (gid != UNCHANGED && (gid == old || gid_is_mine(c, gid) || capable(CAP_SETGID)))
		c->fsgid = gid;
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

SYSCALL_DEFINE(getgroups, int, size, uaddr_t, list)
{
	const struct cred *c = &current->process->cred;

	if (size < 0 || (size && (uint32_t)size < c->ngroups))
		return -EINVAL;
	if (size && copy_to_user(list, c->groups, c->ngroups * sizeof(c->groups[0])))
		return -EFAULT;
	return c->ngroups;
}

SYSCALL_DEFINE(setgroups, int, size, uaddr_t, list)
{
	struct cred *c = &current->process->cred;
	uint32_t groups[NGROUPS_MAX];

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (size < 0 || size > NGROUPS_MAX)
		return -EINVAL;
	if (copy_from_user(groups, list, (size_t)size * sizeof(groups[0])))
		return -EFAULT;
	memcpy(c->groups, groups, (size_t)size * sizeof(groups[0]));
	c->ngroups = (uint32_t)size;
	return 0;
}

/* How many cap_data entries the version has; 0: unknown, and the header is told ours. */
static int cap_entries(uaddr_t header, struct cap_header *h)
{
	if (get_user(*h, header))
		return -EFAULT;
	if (h->version == CAPABILITY_VERSION_1)
		return 1;
	if (h->version == CAPABILITY_VERSION_2 || h->version == CAPABILITY_VERSION_3)
		return 2;
	return put_user((uint32_t)CAPABILITY_VERSION_3, header) ? -EFAULT : 0;
}

SYSCALL_DEFINE(capget, uaddr_t, header, uaddr_t, data)
{
	struct cap_header h;
	struct cap_data d[2];
	int n = cap_entries(header, &h);
	const struct thread *t;
	const struct cred *c;

	if (n <= 0)
		return n < 0 ? n : data ? -EINVAL : 0;
	if (h.pid < 0)
		return -EINVAL;
	t = h.pid ? thread_find(h.pid) : current;
	if (!t || !t->process)
		return -ESRCH;
	if (!data)
		return 0;
	c = &t->process->cred;
	for (int i = 0; i < 2; i++)
		d[i] = (struct cap_data){ (uint32_t)(c->cap_effective >> 32 * i),
					  (uint32_t)(c->cap_permitted >> 32 * i),
					  (uint32_t)(c->cap_inheritable >> 32 * i) };
	return copy_to_user(data, d, (size_t)n * sizeof(d[0]));
}

static int cap_check(const struct cred *c, uint64_t e, uint64_t p, uint64_t i)
{
	if (e & ~p || p & ~c->cap_permitted)
		return -EPERM;
	if ((i & ~(c->cap_inheritable | c->cap_permitted)) && !capable(CAP_SETPCAP))
		return -EPERM;
	return i & ~(c->cap_inheritable | c->cap_bounding) ? -EPERM : 0;
}

SYSCALL_DEFINE(capset, uaddr_t, header, uaddr_t, data)
{
	struct cred *c = &current->process->cred;
	struct cap_header h;
	struct cap_data d[2] = { 0 };
	int n = cap_entries(header, &h), err;
	uint64_t e, p, i;

	if (n <= 0)
		return n < 0 ? n : -EINVAL;
	if (h.pid && h.pid != current->tid)
		return -EPERM;
	if (copy_from_user(d, data, (size_t)n * sizeof(d[0])))
		return -EFAULT;
	e = (d[0].effective | (uint64_t)d[1].effective << 32) & CAP_ALL;
	p = (d[0].permitted | (uint64_t)d[1].permitted << 32) & CAP_ALL;
	i = (d[0].inheritable | (uint64_t)d[1].inheritable << 32) & CAP_ALL;
	err = cap_check(c, e, p, i);
	if (err)
		return err;
	c->cap_effective = e;
	c->cap_permitted = p;
	c->cap_inheritable = i;
	c->cap_ambient &= p & i;
	return 0;
}

bool cred_exec(struct process *p, uint32_t mode, uint32_t uid, uint32_t gid, bool nosuid)
{
	struct cred *c = &p->cred;
	bool setid = false;

	if (!nosuid && !p->no_new_privs) {
		if (mode & S_ISUID) {
			setid |= c->euid != uid;
			c->euid = uid;
		}
		if ((mode & S_ISGID) && (mode & 0010)) {
			setid |= c->egid != gid;
			c->egid = gid;
		}
	}
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
	if (setid)
		c->cap_ambient = 0;
	if (c->euid == 0 || c->uid == 0) {
		c->cap_permitted = c->cap_inheritable | c->cap_bounding;
		c->cap_effective = c->euid == 0 ? c->cap_permitted : c->cap_ambient;
	} else {
		c->cap_permitted = c->cap_effective = c->cap_ambient;
	}
	c->keep_caps = false;
	return c->euid != c->uid || c->egid != c->gid;
}
