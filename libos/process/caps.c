/* caps.c: capabilities (capabilities(7)): the sets of a process, what changes of user and execve do to them, capget and
 * capset, and the prctl operations. capset is for the caller alone, as on Linux; all threads share the sets. */
#include "fs/inode.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/prctl.h"
#include "process/internal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

bool capable(int cap)
{
	struct thread *t = current;

	if (!t || !t->process) /* boot, LibOS threads */
		return true;
	return t->process->cred.cap_effective >> cap & 1;
}

void caps_after_setuid(struct cred *c, const struct cred *old)
{
	bool was_root = !old->uid || !old->euid || !old->suid;
	bool is_root = !c->uid || !c->euid || !c->suid;

	if (c->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (was_root && !is_root) {
		if (!(c->securebits & SECBIT_KEEP_CAPS))
			c->cap_permitted = c->cap_effective = 0;
		c->cap_ambient = 0;
	}
	if (!old->euid && c->euid)
		c->cap_effective = 0;
	if (old->euid && !c->euid)
		c->cap_effective = c->cap_permitted;
}

void caps_after_setfsuid(struct cred *c, uint32_t old)
{
	if (c->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (!old && c->fsuid)
		c->cap_effective &= ~CAP_FS_SET;
	if (old && !c->fsuid)
		c->cap_effective |= c->cap_permitted & CAP_FS_SET;
}

/* ---- execve ---- */

struct file_caps {
	bool present, effective;
	uint64_t permitted, inheritable;
};

static struct file_caps file_caps_read(struct inode *inode)
{
	struct file_caps fc = { 0 };
	struct vfs_cap_data d;
	ssize_t n;

	if (!inode->ops || !inode->ops->getxattr)
		return fc;
	n = inode->ops->getxattr(inode, "security.capability", &d, sizeof(d));
	if (n < VFS_CAP_SIZE_2 || (d.magic & VFS_CAP_REVISION_MASK) != VFS_CAP_REVISION_2)
		return fc;
	fc.present = true;
	fc.effective = d.magic & VFS_CAP_FLAGS_EFFECTIVE;
	fc.permitted = (d.set[0].permitted | (uint64_t)d.set[1].permitted << 32) & CAP_ALL;
	fc.inheritable = (d.set[0].inheritable | (uint64_t)d.set[1].inheritable << 32) & CAP_ALL;
	return fc;
}

static void take_set_ids(struct cred *c, const struct inode *inode)
{
	if (inode->mode & S_ISUID)
		c->euid = inode->uid;
	if ((inode->mode & S_ISGID) && (inode->mode & 0010))
		c->egid = inode->gid;
}

/* User 0 counts as a file with all capabilities, effective if the effective user is 0. */
static void root_caps(const struct cred *c, struct file_caps *fc)
{
	if (c->securebits & SECBIT_NOROOT)
		return;
	if (fc->present && c->uid && !c->euid) /* set-user-id-root with capabilities of its own: only those */
		return;
	if (c->uid && c->euid)
		return;
	fc->permitted = fc->inheritable = CAP_ALL;
	fc->effective = !c->euid;
}

bool cred_exec(struct process *p, struct inode *inode, bool nosuid)
{
	struct cred *c = &p->cred, old = *c;
	struct file_caps fc = { 0 };
	bool set_id, own_caps;

	if (!nosuid && !p->no_new_privs) {
		take_set_ids(c, inode);
		fc = file_caps_read(inode);
	}
	own_caps = fc.present;
	root_caps(c, &fc);
	set_id = c->euid != old.uid || c->egid != old.gid;
	if (own_caps || c->euid != old.euid || c->egid != old.egid)
		c->cap_ambient = 0;
	c->cap_permitted = (c->cap_inheritable & fc.inheritable) | (c->cap_bounding & fc.permitted) | c->cap_ambient;
	c->cap_effective = fc.effective ? c->cap_permitted : c->cap_ambient;
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
	c->securebits &= ~SECBIT_KEEP_CAPS;
	return set_id || (c->uid && own_caps && (fc.effective || (c->cap_permitted & ~c->cap_ambient)));
}

/* ---- capget, capset ---- */

/* How many cap_data entries the version has; 0: unknown, and the header is told ours. */
static int cap_entries(uaddr_t header, struct cap_header *h)
{
	if (get_user(h->version, header))
		return -EFAULT;
	if (h->version != CAPABILITY_VERSION_1 && h->version != CAPABILITY_VERSION_2 &&
	    h->version != CAPABILITY_VERSION_3)
		return put_user((uint32_t)CAPABILITY_VERSION_3, header) ? -EFAULT : 0;
	if (get_user(*h, header))
		return -EFAULT;
	return h->version == CAPABILITY_VERSION_1 ? 1 : 2;
}

SYSCALL_DEFINE(capget, uaddr_t, header, uaddr_t, data)
{
	struct cap_header h;
	struct cap_data d[2];
	int n = cap_entries(header, &h);
	const struct thread *t;
	const struct process *p;
	const struct cred *c;

	if (n <= 0)
		return n < 0 ? n : data ? -EINVAL : 0;
	if (h.pid < 0)
		return -EINVAL;
	t = h.pid ? thread_find(h.pid) : current;
	p = t ? t->process : process_find(h.pid);
	if (!p)
		return -ESRCH;
	if (!data)
		return 0;
	c = &p->cred;
	for (int i = 0; i < 2; i++)
		d[i] = (struct cap_data){ (uint32_t)(c->cap_effective >> 32 * i),
					  (uint32_t)(c->cap_permitted >> 32 * i),
					  (uint32_t)(c->cap_inheritable >> 32 * i) };
	return copy_to_user(data, d, (size_t)n * sizeof(d[0]));
}

static int cap_check(const struct cred *c, uint64_t e, uint64_t p, uint64_t i)
{
	if ((i & ~(c->cap_inheritable | c->cap_permitted)) && !capable(CAP_SETPCAP))
		return -EPERM;
	if (i & ~(c->cap_inheritable | c->cap_bounding))
		return -EPERM;
	return e & ~p || p & ~c->cap_permitted ? -EPERM : 0;
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

/* ---- prctl ---- */

static long ambient(struct cred *c, uint64_t op, uint64_t cap, uint64_t a4, uint64_t a5)
{
	uint64_t bit;

	if (op == PR_CAP_AMBIENT_CLEAR_ALL) {
		if (cap || a4 || a5)
			return -EINVAL;
		c->cap_ambient = 0;
		return 0;
	}
	if (cap > CAP_LAST_CAP || a4 || a5)
		return -EINVAL;
	bit = 1UL << cap;
	switch (op) {
	case PR_CAP_AMBIENT_IS_SET:
		return !!(c->cap_ambient & bit);
	case PR_CAP_AMBIENT_RAISE:
		if (!(c->cap_permitted & c->cap_inheritable & bit) || c->securebits & SECBIT_NO_CAP_AMBIENT_RAISE)
			return -EPERM;
		c->cap_ambient |= bit;
		return 0;
	case PR_CAP_AMBIENT_LOWER:
		c->cap_ambient &= ~bit;
		return 0;
	}
	return -EINVAL;
}

static long drop_bounding(struct cred *c, uint64_t cap)
{
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	c->cap_bounding &= ~(1UL << cap);
	return 0;
}

/* Each bit has a lock, the bit above it; locks never open again. */
static long set_securebits(struct cred *c, uint64_t bits)
{
	uint32_t locks = c->securebits & SECBIT_LOCKS;
	bool touches_locked = (locks >> 1) & (c->securebits ^ bits);

	if (bits & ~SECBIT_ALL || touches_locked || locks & ~bits || !capable(CAP_SETPCAP))
		return -EPERM;
	c->securebits = (uint32_t)bits;
	return 0;
}

static long set_keep_caps(struct cred *c, uint64_t on)
{
	if (on > 1)
		return -EINVAL;
	if (c->securebits & SECBIT_KEEP_CAPS << 1)
		return -EPERM;
	c->securebits &= ~SECBIT_KEEP_CAPS;
	c->securebits |= on ? SECBIT_KEEP_CAPS : 0;
	return 0;
}

long prctl_caps(struct cred *c, int op, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	switch (op) {
	case PR_GET_KEEPCAPS:
		return !!(c->securebits & SECBIT_KEEP_CAPS);
	case PR_SET_KEEPCAPS:
		return set_keep_caps(c, a2);
	case PR_CAPBSET_READ:
		return a2 > CAP_LAST_CAP ? -EINVAL : (long)(c->cap_bounding >> a2 & 1);
	case PR_CAPBSET_DROP:
		return drop_bounding(c, a2);
	case PR_GET_SECUREBITS:
		return c->securebits;
	case PR_SET_SECUREBITS:
		return set_securebits(c, a2);
	case PR_CAP_AMBIENT:
		return ambient(c, a2, a3, a4, a5);
	}
	return -EINVAL;
}
