/* mount.c: the mount trees: mount(2) and umount2(2). One tree per namespace (mount_ns.c).
 *
 * mount_all is in order of mounting, so the topmost mount on a place is the last that matches. A
 * mount in the tree holds one reference on itself and references on its parent and mount point;
 * every path into it holds one more, which is how umount knows that it is busy. Giant lock. */
#include "fs/mount.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "ipc/poll.h"
#include "fs/namei.h"
#include "landlock/landlock.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fs.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define MOUNT_FLAGS                                                                                \
	(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME |               \
	 MS_NOSYMFOLLOW | MS_STRICTATIME)
#define MOUNT_EXPIRING (1u << 30) /* internal: MNT_EXPIRE was asked once */

struct list mount_all = LIST_INIT(mount_all);
uint64_t mount_changes;
struct waitq mounts_changed = WAITQ_INIT(mounts_changed);
static struct path root_path;
static int next_id = 1;

const struct path *mount_root_path(void)
{
	assert(root_path.dentry);
	return &root_path;
}

static void mount_changed(void)
{
	mount_changes++;
	waitq_wake_all(&mounts_changed, EPOLLERR | EPOLLPRI);
}

struct mount *mount_get(struct mount *m)
{
	m->ref++; /* NOLINT: no caller has NULL */
	return m;
}

void mount_put(struct mount *m)
{
	assert(m->ref > 0);
	if (--m->ref)
		return;
	dentry_put(m->root);
	super_put(m->sb);
	kfree((void *)m->source);
	kfree(m);
}

/* Takes over the reference on sb, on success only. */
static struct mount *mount_alloc(struct super_block *sb, struct dentry *root, const char *source,
				 unsigned flags)
{
	struct mount *m = kzalloc(sizeof(*m));

	if (!m)
		return NULL;
	m->source = kstrdup(source ? source : sb->fstype);
	if (!m->source) {
		kfree(m);
		return NULL;
	}
	m->ref = 1;
	m->sb = sb;
	m->root = dentry_get(root);
	m->flags = flags & MOUNT_FLAGS;
	m->id = next_id++;
	list_init(&m->all_node);
	return m;
}

struct mount *mount_internal(struct super_block *sb)
{
	return mount_alloc(sb, sb->root, NULL, 0);
}

struct mount *mount_covering(const struct path *p)
{
	struct mount *m, *found = NULL;

	list_for_each(m, &mount_all, all_node)
	{
		if (m->parent == p->mnt && m->mountpoint == p->dentry)
			found = m;
	}
	return found;
}

int mount_clone(const struct mount *m, struct mount **out)
{
	struct mount *c = mount_alloc(super_get(m->sb), m->root, m->source, m->flags);

	if (!c) {
		super_put(m->sb);
		return -ENOMEM;
	}
	c->group = m->group;
	c->master = m->master;
	*out = c;
	return 0;
}

void mount_link(struct mount *m, const struct path *where)
{
	m->parent = mount_get(where->mnt);
	m->mountpoint = dentry_get(where->dentry);
	m->mountpoint->mounts++;
	m->ns = where->mnt->ns;
	list_push_back(&mount_all, &m->all_node);
	mount_changed();
}

int mount_attach(struct mount *m, const struct path *where)
{
	int err;

	/* Nor on the links of /proc/PID, which come and go. */
	if (where->dentry->unhashed || (where->dentry->sb->dcache_off && S_ISLNK(where->dentry->inode->mode)))
		return -ENOENT;
	if (S_ISDIR(m->root->inode->mode) != S_ISDIR(where->dentry->inode->mode))
		return -ENOTDIR;
	mount_link(m, where);
	err = mount_propagate(m);
	if (err) {
		mount_get(m); /* the caller's */
		mount_detach(m);
	}
	return err;
}

/* Takes over the reference on sb, on success only. */
static int attach_super(struct super_block *sb, struct dentry *root, const struct path *where,
			const char *source, unsigned flags)
{
	struct mount *m = mount_alloc(sb, root, source, flags);
	int err;

	if (!m)
		return -ENOMEM;
	err = mount_attach(m, where);
	if (err) {
		super_get(sb); /* stays the caller's */
		mount_put(m);
	}
	return err;
}

int mount_at(struct super_block *sb, const struct path *where, const char *source, unsigned flags)
{
	struct path top = *where;
	int err;

	path_get(&top);
	mount_cross(&top);
	err = attach_super(sb, sb->root, &top, source, flags);
	path_put(&top);
	return err;
}

int mount_root(struct super_block *sb, const char *source)
{
	struct mount *m = mount_alloc(sb, sb->root, source, 0);

	if (!m)
		return -ENOMEM;
	list_push_back(&mount_all, &m->all_node);
	root_path = (struct path){m, sb->root};
	path_get(&root_path);
	return 0;
}

int mount_writable(const struct mount *m)
{
	return (m->flags & MS_RDONLY) || m->sb->readonly ? -EROFS : 0;
}

size_t mount_show_options(const struct mount *m, char *buf, size_t size)
{
	static const struct {
		unsigned flag;
		const char *text;
	} shown[] = {
		{MS_NOSUID, ",nosuid"},		{MS_NODEV, ",nodev"},
		{MS_NOEXEC, ",noexec"},		{MS_NOATIME, ",noatime"},
		{MS_NODIRATIME, ",nodiratime"}, {MS_NOSYMFOLLOW, ",nosymfollow"},
	};

	strlcpy(buf, mount_writable(m) ? "ro" : "rw", size);
	for (unsigned i = 0; i < ARRAY_SIZE(shown); i++) {
		if (m->flags & shown[i].flag)
			strlcat(buf, shown[i].text, size);
	}
	if (!(m->flags & (MS_NOATIME | MS_STRICTATIME)))
		strlcat(buf, ",relatime", size);
	return strlen(buf);
}

void mount_detach(struct mount *m)
{
	struct mount *parent = m->parent;
	struct dentry *point = m->mountpoint;

	list_remove(&m->all_node);
	mount_changed();
	m->parent = NULL;
	m->mountpoint = NULL;
	point->mounts--;
	dentry_put(point);
	mount_put(parent);
	mount_put(m);
}

struct mount *mount_child(struct mount *m)
{
	struct mount *c;

	list_for_each(c, &mount_all, all_node)
	{
		if (c->parent == m)
			return c;
	}
	return NULL;
}

/* Leaves first, without recursion. */
void mount_detach_tree(struct mount *m)
{
	struct mount *leaf, *child;

	do {
		for (leaf = m; (child = mount_child(leaf)); leaf = child)
			;
		child = leaf;
		mount_detach(leaf);
	} while (child != m);
}

static int mount_unmount(struct path *p, int flags)
{
	struct mount *m = p->mnt;

	if (p->dentry != m->root || list_empty(&m->all_node))
		return -EINVAL;
	if (!m->parent)
		return -EBUSY;
	if (flags & MNT_DETACH) {
		mount_propagate_gone(m);
		mount_detach_tree(m);
		return 0;
	}
	if (m->ref > 2 || mount_child(m)) /* the tree's reference and the one in p */
		return -EBUSY;
	if ((flags & MNT_EXPIRE) && !(m->flags & MOUNT_EXPIRING)) {
		m->flags |= MOUNT_EXPIRING;
		return -EAGAIN;
	}
	if (m->sb->ops && m->sb->ops->sync)
		(void)m->sb->ops->sync(m->sb);
	mount_propagate_gone(m);
	mount_detach(m);
	return 0;
}

SYSCALL_DEFINE(umount2, uaddr_t, uname, int, flags)
{
	unsigned look = flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path p;
	char *name;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	if ((flags & MNT_EXPIRE) && (flags & (MNT_FORCE | MNT_DETACH)))
		return -EINVAL;
	err = path_from_user(uname, false, &name);
	if (err)
		return err;
	err = path_lookup(AT_FDCWD, name, look, &p);
	kfree(name);
	if (err)
		return err;
	err = capable(CAP_SYS_ADMIN) && !landlock_no_mounts() ? mount_unmount(&p, flags) : -EPERM;
	path_put(&p);
	return err;
}

static int mount_new(const struct path *where, const char *type, const char *source,
		     const char *options, unsigned flags)
{
	struct super_block *sb;
	int err;

	for (unsigned i = 0; fs_types[i]; i++) {
		if (strcmp(fs_types[i]->name, type))
			continue;
		err = fs_types[i]->mount(source, options, &sb);
		if (err)
			return err;
		err = mount_at(sb, where, source[0] ? source : "none", flags);
		if (err)
			super_put(sb);
		return err;
	}
	return -ENODEV;
}

/* With MS_REC also what is mounted below the source. The copy is in no tree yet. */
static int bind_submounts(struct mount *copy, const struct path *from)
{
	struct mount *m, *c;
	struct path at;
	int err;

	list_for_each(m, &mount_all, all_node)
	{
		if (m->parent != from->mnt || m->unbindable ||
		    !dentry_is_below(m->mountpoint, from->dentry))
			continue;
		err = mount_clone(m, &c);
		if (err)
			return err;
		at = (struct path){copy, m->mountpoint};
		mount_link(c, &at);
		err = bind_submounts(c, &(struct path){m, m->root});
		if (err)
			return err;
	}
	return 0;
}

/* A copy that failed, or is not wanted any more: it is in no tree, but mounts may be on it. */
void mount_drop(struct mount *m)
{
	while (mount_child(m))
		mount_detach_tree(mount_child(m));
	mount_put(m);
}

int mount_copy(const struct path *from, bool recursive, struct mount **out)
{
	struct mount *m;
	int err = mount_clone(from->mnt, &m);

	if (err)
		return err;
	dentry_put(m->root);
	m->root = dentry_get(from->dentry);
	err = recursive ? bind_submounts(m, from) : 0;
	if (err)
		mount_drop(m);
	else
		*out = m;
	return err;
}

/* All of a copied tree belongs to the namespace it is put into. */
void mount_adopt(struct mount *m, struct mount_ns *ns)
{
	struct mount *c;

	m->ns = ns;
	list_for_each(c, &mount_all, all_node)
	{
		if (c->parent == m)
			mount_adopt(c, ns);
	}
}

static int mount_bind(const struct path *where, const char *source, bool recursive)
{
	struct mount *m;
	struct path from;
	int err = path_lookup(AT_FDCWD, source, LOOKUP_FOLLOW, &from);

	if (err)
		return err;
	err = from.mnt->unbindable ? -EINVAL : mount_copy(&from, recursive, &m);
	if (!err) {
		mount_adopt(m, where->mnt->ns);
		err = mount_attach(m, where);
		if (err)
			mount_drop(m);
	}
	path_put(&from);
	return err;
}

void mount_reparent(struct mount *m, const struct path *where)
{
	struct mount *parent = m->parent;
	struct dentry *point = m->mountpoint;

	m->parent = mount_get(where->mnt);
	m->mountpoint = dentry_get(where->dentry);
	m->mountpoint->mounts++;
	point->mounts--;
	dentry_put(point);
	mount_put(parent);
	list_remove(&m->all_node); /* last in the list: on top of what is there */
	list_push_back(&mount_all, &m->all_node);
	mount_changed();
}

static int mount_move(const struct path *where, const char *source)
{
	struct path from, up;
	struct mount *m;
	int err = path_lookup(AT_FDCWD, source, LOOKUP_FOLLOW, &from);

	if (err)
		return err;
	m = from.mnt;
	if (from.dentry != m->root || !m->parent)
		err = -EINVAL;
	for (up = *where; !err && up.mnt; up.mnt = up.mnt->parent) {
		if (up.mnt == m)
			err = -ELOOP;
	}
	if (!err)
		mount_reparent(m, where);
	path_put(&from);
	return err;
}

static int do_mount(const char *source, const char *target, const char *type, const char *options,
		    unsigned flags)
{
	struct path where;
	int err = path_lookup(AT_FDCWD, target, LOOKUP_FOLLOW, &where);

	if (err)
		return err;
	if (!capable(CAP_SYS_ADMIN) || landlock_no_mounts())
		err = -EPERM;
	else if (flags & MS_REMOUNT)
		err = where.dentry == where.mnt->root ? 0 : -EINVAL;
	else if (flags & MS_BIND)
		err = source[0] ? mount_bind(&where, source, flags & MS_REC) : -EINVAL;
	else if (flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE))
		err = where.dentry == where.mnt->root
			      ? mount_set_propagation(where.mnt, flags, flags & MS_REC)
			      : -EINVAL;
	else if (flags & MS_MOVE)
		err = source[0] ? mount_move(&where, source) : -EINVAL;
	else
		err = type ? mount_new(&where, type, source, options, flags) : -EINVAL;
	if (!err && (flags & MS_REMOUNT))
		where.mnt->flags = flags & MOUNT_FLAGS;
	path_put(&where);
	return err;
}

/* NULL stays NULL; longer than a page is -EINVAL, as the kernel copies at most one page. */
static int optional_string(uaddr_t s, char **out)
{
	ssize_t n;

	*out = NULL;
	if (!s)
		return 0;
	*out = kmalloc(PATH_MAX);
	if (!*out)
		return -ENOMEM;
	n = strncpy_from_user(*out, s, PATH_MAX);
	return n == -ENAMETOOLONG ? -EINVAL : n < 0 ? (int)n : 0;
}

SYSCALL_DEFINE(mount, uaddr_t, usource, uaddr_t, utarget, uaddr_t, utype, unsigned long, flags,
	       uaddr_t, udata)
{
	char *source = NULL, *target = NULL, *type = NULL, *data = NULL;
	int err;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(unsigned long)MS_MGC_MSK;
	err = optional_string(utype, &type);
	if (!err)
		err = optional_string(usource, &source);
	if (!err)
		err = optional_string(udata, &data);
	if (!err)
		err = path_from_user(utarget, false, &target);
	if (!err)
		err = do_mount(source ? source : "", target, type, data ? data : "",
			       (unsigned)flags);
	kfree(source);
	kfree(target);
	kfree(type);
	kfree(data);
	return err;
}
