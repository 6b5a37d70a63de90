/* namespace.c: namespace objects, their files, setns. A namespace's file holds a reference; opening the link in
 * /proc/PID/ns gives one. Numbers of the initial ones are Linux's. */
#include "process/namespace.h"
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/sched.h"
#include "process/pidfd.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/timens.h"


#define NS_GET_USERNS 0xb701
#define NS_GET_PARENT 0xb702
#define NS_GET_NSTYPE 0xb703
#define NS_GET_OWNER_UID 0xb704
#define NSFS_MAGIC 0x6e736673
#define UTS_INITIAL 0xeffffffeUL

struct uts_ns uts_initial = {
	.ref = 1,
	.ino = UTS_INITIAL,
	.name = {
		.sysname = "Linux",
		.nodename = "occlum",
		.release = "6.18.0-occlum",
		.version = "#1 SMP Occlum LibOS",
		.machine = "x86_64",
		.domainname = "(none)",
	},
};

static const struct {
	const char *name;
	uint64_t flag, ino;
} kinds[NS_KINDS] = {
	[NS_CGROUP] = { "cgroup", CLONE_NEWCGROUP, 0xeffffffb }, [NS_IPC] = { "ipc", CLONE_NEWIPC, 0xefffffff },
	[NS_MNT] = { "mnt", CLONE_NEWNS, 0xeffffff8 },		 [NS_NET] = { "net", CLONE_NEWNET, 0xeffffff9 },
	[NS_PID] = { "pid", CLONE_NEWPID, 0xeffffffc },		 [NS_TIME] = { "time", CLONE_NEWTIME, 0xeffffffa },
	[NS_TIME_CHILDREN] = { "time", 0, 0xeffffffa },
	[NS_USER] = { "user", CLONE_NEWUSER, 0xeffffffd },	 [NS_UTS] = { "uts", CLONE_NEWUTS, UTS_INITIAL },
};

/* What an open namespace file stands for: inode.priv. */
struct ns_file {
	enum ns_kind kind;
	struct uts_ns *uts; /* referenced; of kind NS_UTS */
	struct time_ns *time; /* referenced; of kind NS_TIME */
};

static const struct file_ops ns_fops;

struct uts_ns *uts_ns_get(struct uts_ns *ns)
{
	ns->ref++;
	return ns;
}

void uts_ns_put(struct uts_ns *ns)
{
	if (ns && --ns->ref == 0)
		kfree(ns);
}

struct utsname *uts_current(void)
{
	struct process *p = current_process();

	return p && p->uts ? &p->uts->name : &uts_initial.name;
}

int ns_may_create(uint64_t flags)
{
	if (!capable(CAP_SYS_ADMIN) && !(flags & CLONE_NEWUSER))
		return -EPERM;
	for (int k = 0; k < NS_KINDS; k++)
		if (k != NS_UTS && k != NS_MNT && k != NS_TIME && flags & kinds[k].flag)
			return -ENOSPC;
	return 0;
}

int ns_create(struct process *p, uint64_t flags)
{
	static uint64_t numbers = 0xf0000000UL;
	struct uts_ns *ns;

	if (flags & CLONE_NEWNS) {
		int err = mount_ns_unshare(p->fs);

		if (err)
			return err;
	}
	if (flags & CLONE_NEWTIME) {
		int err = time_ns_unshare(p);

		if (err)
			return err;
	}
	if (!(flags & CLONE_NEWUTS))
		return 0;
	ns = kmalloc(sizeof(*ns));
	if (!ns)
		return -ENOMEM;
	*ns = (struct uts_ns){ .ref = 1, .ino = numbers++, .name = p->uts ? p->uts->name : uts_initial.name };
	uts_ns_put(p->uts);
	p->uts = ns;
	return 0;
}

/* ---- files ---- */

const char *ns_name(enum ns_kind kind)
{
	return kinds[kind].name;
}

uint64_t ns_number(const struct process *p, enum ns_kind kind)
{
	if (kind == NS_TIME)
		return time_ns_number(p->time_ns);
	if (kind == NS_TIME_CHILDREN)
		return time_ns_number(p->time_ns_children);
	if (kind == NS_MNT)
		return mount_ns_number(p->fs ? p->fs->ns : NULL);
	return kind == NS_UTS && p->uts ? p->uts->ino : kinds[kind].ino;
}

static void ns_evict(struct inode *inode)
{
	struct ns_file *n = inode->priv;

	if (n) {
		uts_ns_put(n->uts);
		time_ns_put(n->time);
	}
	kfree(n);
}

static int nsfs_statfs(struct super_block *sb, struct kstatfs *out)
{
	(void)sb;
	*out = (struct kstatfs){ .type = NSFS_MAGIC, .bsize = PAGE_SIZE, .namelen = NAME_MAX };
	return 0;
}

static const struct inode_ops ns_inode_ops = { .evict = ns_evict };

static struct inode *ns_inode(struct process *p, enum ns_kind kind)
{
	static const struct super_ops ops = { .statfs = nsfs_statfs };
	static struct super_block *sb;
	struct ns_file *n = kzalloc(sizeof(*n));
	struct inode *i;

	if (!sb)
		sb = super_alloc("nsfs", &ops, NULL);
	i = n && sb ? inode_alloc(sb, S_IFREG | 0444) : NULL;
	if (!i) {
		kfree(n);
		return NULL;
	}
	n->kind = kind == NS_TIME_CHILDREN ? NS_TIME : kind;
	if (n->kind == NS_TIME)
		n->time = time_ns_get(kind == NS_TIME ? p->time_ns : p->time_ns_children);
	if (kind == NS_UTS)
		n->uts = uts_ns_get(p->uts ? p->uts : &uts_initial);
	i->ino = ns_number(p, kind);
	i->ops = &ns_inode_ops;
	i->fops = &ns_fops;
	i->priv = n;
	return i;
}

int ns_path(struct process *p, enum ns_kind kind, struct path *out)
{
	struct inode *i = ns_inode(p, kind);
	char name[48];

	if (!i)
		return -ENOMEM;
	snprintf(name, sizeof(name), "%s:[%lu]", kinds[kind].name, i->ino);
	return file_detached_path(name, i, out);
}

static int ns_open(struct inode *inode, struct file *f)
{
	(void)inode;
	f->ops = &ns_fops;
	return 0;
}

static long open_user_ns(struct process *p)
{
	struct path path;
	struct file *f;
	long fd = ns_path(p, NS_USER, &path);

	if (fd)
		return fd;
	fd = file_open_path(&path, O_RDONLY, &f);
	path_put(&path);
	if (fd)
		return fd;
	fd = fd_install(f, 0, true);
	if (fd < 0)
		file_put(f);
	return fd;
}

/* The initial user namespace owns all; it and the initial pid namespace have no parent one could see. */
static long ns_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	const struct ns_file *n = f->inode->priv;

	switch (cmd) {
	case NS_GET_USERNS:
		return n->kind == NS_USER ? -EPERM : open_user_ns(current_process());
	case NS_GET_PARENT:
		return n->kind == NS_USER || n->kind == NS_PID ? -EPERM : -EINVAL;
	case NS_GET_NSTYPE:
		return (long)kinds[n->kind].flag;
	case NS_GET_OWNER_UID:
		return n->kind == NS_USER ? put_user((uint32_t)0, arg) : -EINVAL;
	}
	return -ENOIOCTLCMD;
}

static const struct file_ops ns_fops = { .name = "ns", .open = ns_open, .ioctl = ns_ioctl };

/* ---- setns ---- */

static int enter(enum ns_kind kind, struct uts_ns *uts, struct time_ns *time, uint64_t ino)
{
	struct process *p = current_process();

	if (kind == NS_USER)
		return -EINVAL; /* one is in it already */
	if (!capable(CAP_SYS_ADMIN) || (kind == NS_MNT && !capable(CAP_SYS_CHROOT)))
		return -EPERM;
	if (kind == NS_MNT && ino != ns_number(p, kind))
		return -EINVAL; /* going back to a tree of mounts is not possible here */
	if (kind == NS_TIME && p->nthreads > 1)
		return -EUSERS;
	if (kind == NS_TIME)
		time_ns_enter(p, time);
	if (kind != NS_UTS)
		return 0;
	uts_ns_get(uts);
	uts_ns_put(p->uts);
	p->uts = uts;
	return 0;
}

static int enter_file(struct file *f, uint64_t type)
{
	const struct ns_file *n;

	if (f->ops != &ns_fops)
		return -EINVAL;
	n = f->inode->priv;
	return type && type != kinds[n->kind].flag ? -EINVAL : enter(n->kind, n->uts, n->time, f->inode->ino);
}

/* Those of the process that a pidfd names. */
static int enter_process(struct process *p, uint64_t types)
{
	uint64_t left = types;

	if (!types)
		return -EINVAL;
	for (int k = 0; k < NS_KINDS; k++)
		left &= ~kinds[k].flag;
	if (left)
		return -EINVAL;
	if (p->zombie)
		return -ESRCH;
	for (int k = 0; k < NS_KINDS; k++) {
		enum ns_kind kind = (enum ns_kind)k;
		int err = types & kinds[k].flag ? enter(kind, p->uts ? p->uts : &uts_initial, p->time_ns,
							      ns_number(p, kind)) : 0;

		if (err)
			return err;
	}
	return 0;
}

SYSCALL_DEFINE(setns, int, fd, int, type)
{
	struct file *f = fd_get(fd, false);
	struct process *p;
	int err;

	if (!f)
		return -EBADF;
	if (pidfd_process(fd, &p, NULL) == 0)
		err = enter_process(p, (uint64_t)(uint32_t)type);
	else
		err = enter_file(f, (uint64_t)(uint32_t)type);
	file_put(f);
	return err;
}
