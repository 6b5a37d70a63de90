/* namei.c: changing the tree: create, link, unlink, rename, attributes. Permissions here, work in
 * the fs.
 *
 * The callers (sys_path.c, open.c) have walked to the parent directory and hold it and the
 * dentries; the fs may sleep, so it checks again whether the names still are what they were. The
 * name cache is brought in line after the fs has succeeded. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/notify.h"
#include "landlock/landlock.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/resource.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"
#include "vm/vm.h"

static bool boot(void)
{
	return !current_process();
}

static int may_change_dir(const struct path *dir)
{
	struct inode *i = dir->dentry->inode;
	int err = mount_writable(dir->mnt);

	if (err)
		return err;
	return inode_permission(i, W_OK | X_OK);
}

static int may_create(const struct path *dir, const struct dentry *d)
{
	if (d->inode)
		return -EEXIST;
	if (!dir->dentry->inode->nlink)
		return -ENOENT;
	return may_change_dir(dir);
}

/* In a sticky directory only the owner of the directory or of the file may remove a name. */
static bool sticky_forbids(const struct inode *dir, const struct inode *victim)
{
	uint32_t me;

	if (!(dir->mode & S_ISVTX) || boot())
		return false;
	me = current_process()->cred.fsuid;
	return victim->uid != me && dir->uid != me && !capable(CAP_FOWNER);
}

static uint64_t access_to_remove(const struct inode *i)
{
	return S_ISDIR(i->mode) ? LANDLOCK_ACCESS_FS_REMOVE_DIR : LANDLOCK_ACCESS_FS_REMOVE_FILE;
}

static int may_delete(const struct path *dir, const struct dentry *d, bool want_dir)
{
	int err;

	if (!d->inode)
		return -ENOENT;
	err = may_change_dir(dir);
	if (err)
		return err;
	if (sticky_forbids(dir->dentry->inode, d->inode))
		return -EPERM;
	if ((dir->dentry->inode->fsflags & FS_APPEND_FL) || inode_is_fixed(d->inode))
		return -EPERM;
	if (want_dir && !S_ISDIR(d->inode->mode))
		return -ENOTDIR;
	if (!want_dir && S_ISDIR(d->inode->mode))
		return -EISDIR;
	if (d->mounts || d->parent == d)
		return -EBUSY;
	return landlock_path(dir, access_to_remove(d->inode));
}

/* The fs made inode for d; d may have got it already from somebody else's lookup meanwhile. */
static void made(struct dentry *d, struct inode *inode)
{
	if (d->inode)
		inode_put(inode);
	else
		dentry_instantiate(d, inode);
}

/* The landlock right to make a name of this type. */
static uint64_t access_to_make(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return LANDLOCK_ACCESS_FS_MAKE_DIR;
	case S_IFCHR:
		return LANDLOCK_ACCESS_FS_MAKE_CHAR;
	case S_IFBLK:
		return LANDLOCK_ACCESS_FS_MAKE_BLOCK;
	case S_IFIFO:
		return LANDLOCK_ACCESS_FS_MAKE_FIFO;
	case S_IFSOCK:
		return LANDLOCK_ACCESS_FS_MAKE_SOCK;
	case S_IFLNK:
		return LANDLOCK_ACCESS_FS_MAKE_SYM;
	default:
		return LANDLOCK_ACCESS_FS_MAKE_REG;
	}
}

int vfs_create(struct path *dir, struct dentry *d, uint32_t mode, uint64_t rdev)
{
	struct inode *i = dir->dentry->inode, *inode;
	int err = may_create(dir, d);

	if (err)
		return err;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && !boot() && !capable(CAP_MKNOD))
		return -EPERM;
	if (!i->ops->create)
		return -EPERM;
	err = landlock_path(dir, access_to_make(mode));
	if (err)
		return err;
	err = i->ops->create(i, d->name, mode, rdev, &inode);
	if (!err) {
		made(d, inode);
		notify_inode(i, IN_CREATE | (S_ISDIR(mode) ? IN_ISDIR : 0), d->name);
	}
	return err;
}

int vfs_symlink(struct path *dir, struct dentry *d, const char *target)
{
	struct inode *i = dir->dentry->inode, *inode;
	int err = may_create(dir, d);

	if (err)
		return err;
	if (!i->ops->symlink)
		return -EPERM;
	err = landlock_path(dir, LANDLOCK_ACCESS_FS_MAKE_SYM);
	if (err)
		return err;
	err = i->ops->symlink(i, d->name, target, &inode);
	if (!err) {
		made(d, inode);
		notify_inode(i, IN_CREATE, d->name);
	}
	return err;
}

int vfs_link(struct path *dir, struct dentry *d, struct dentry *old)
{
	struct inode *i = dir->dentry->inode, *inode = old->inode;
	int err = may_create(dir, d);

	if (err)
		return err;
	if (S_ISDIR(inode->mode) || !i->ops->link || inode_is_fixed(inode))
		return -EPERM;
	if (inode->sb != i->sb)
		return -EXDEV;
	if (!inode->nlink && !inode->linkable)
		return -ENOENT;
	err = landlock_path(dir, access_to_make(inode->mode));
	if (!err)
		err = landlock_refer(&(struct path){dir->mnt, old->parent}, dir, false);
	if (err)
		return err;
	err = i->ops->link(i, d->name, inode);
	if (!err) {
		made(d, inode_get(inode));
		notify_inode(inode, IN_ATTRIB, NULL);
		notify_inode(i, IN_CREATE, d->name);
	}
	return err;
}

int vfs_unlink(struct path *dir, struct dentry *d)
{
	struct inode *i = dir->dentry->inode, *victim = d->inode;
	int err = may_delete(dir, d, false);

	if (err)
		return err;
	if (!i->ops->unlink)
		return -EPERM;
	inode_get(victim);
	err = i->ops->unlink(i, d->name, victim);
	if (!err) {
		notify_inode(victim, IN_ATTRIB, NULL);
		if (d->inode == victim)
			dentry_delete(d);
		notify_inode(i, IN_DELETE, d->name);
	}
	inode_put(victim);
	return err;
}

int vfs_rmdir(struct path *dir, struct dentry *d)
{
	struct inode *i = dir->dentry->inode, *victim = d->inode;
	int err = may_delete(dir, d, true);

	if (err)
		return err;
	if (!i->ops->rmdir)
		return -EPERM;
	inode_get(victim);
	err = i->ops->rmdir(i, d->name, victim);
	if (!err) {
		if (d->inode == victim)
			dentry_delete(d);
		notify_inode(i, IN_DELETE | IN_ISDIR, d->name);
	}
	inode_put(victim);
	return err;
}

static int may_rename(struct path *olddir, struct dentry *old, struct path *newdir,
		      struct dentry *target, unsigned flags)
{
	bool is_dir = old->inode && S_ISDIR(old->inode->mode);
	bool new_is_dir = target->inode && S_ISDIR(target->inode->mode);
	int err = may_delete(olddir, old, is_dir);

	if (err)
		return err;
	if (!target->inode)
		err = may_create(newdir, target);
	else
		err = may_delete(newdir, target, flags & RENAME_EXCHANGE ? new_is_dir : is_dir);
	if (!err)
		err = landlock_path(newdir, access_to_make(old->inode->mode));
	if (!err && target->inode && (flags & RENAME_EXCHANGE))
		err = landlock_path(olddir, access_to_make(target->inode->mode));
	if (err || olddir->dentry == newdir->dentry)
		return err;
	err = landlock_refer(olddir, newdir, is_dir);
	if (!err && target->inode && (flags & RENAME_EXCHANGE))
		err = landlock_refer(newdir, olddir, new_is_dir);
	if (err)
		return err;
	/* A directory that moves gets another "..". */
	if (is_dir)
		err = inode_permission(old->inode, W_OK);
	if (!err && (flags & RENAME_EXCHANGE) && new_is_dir)
		err = inode_permission(target->inode, W_OK);
	return err;
}

/* The fs has renamed: the cached names follow, and who watches is told. */
static void move_names(struct path *olddir, struct dentry *old, struct path *newdir, struct dentry *target,
		       unsigned flags)
{
	struct inode *od = olddir->dentry->inode, *nd = newdir->dentry->inode, *replaced = target->inode;
	char *before = notify_watches ? kstrdup(old->name) : NULL;

	if (flags & RENAME_EXCHANGE)
		dentry_exchange(old, target);
	else
		dentry_move(old, target);
	if (!before)
		return;
	notify_move(od, before, nd, old->name, old->inode, flags & RENAME_EXCHANGE ? NULL : replaced);
	if (flags & RENAME_EXCHANGE)
		notify_move(nd, old->name, od, before, target->inode, NULL);
	kfree(before);
}

int vfs_rename(struct path *olddir, struct dentry *old, struct path *newdir, struct dentry *target,
	       unsigned flags)
{
	struct inode *od = olddir->dentry->inode, *nd = newdir->dentry->inode;
	struct inode *victim = old->inode, *replaced = target->inode;
	int err;

	if (victim && victim == replaced)
		return 0;
	err = may_rename(olddir, old, newdir, target, flags);
	if (err)
		return err;
	if (!od->ops->rename)
		return -EPERM;
	inode_get(victim);
	if (replaced)
		inode_get(replaced);
	err = od->ops->rename(od, old->name, victim, nd, target->name, replaced, flags);
	if (!err && old->inode == victim && target->inode == replaced) {
		if (replaced && S_ISDIR(replaced->mode) && !(flags & RENAME_EXCHANGE))
			dentry_invalidate(target);
		move_names(olddir, old, newdir, target, flags);
	}
	inode_put(victim);
	if (replaced)
		inode_put(replaced);
	return err;
}

void vfs_clear_suid(struct inode *i)
{
	struct iattr a = {.valid = ATTR_MODE, .mode = i->mode & 07777 & ~(uint32_t)S_ISUID};

	if (boot() || capable(CAP_FSETID))
		return;
	if (i->mode & 0010)
		a.mode &= ~(uint32_t)S_ISGID;
	if (a.mode != (i->mode & 07777))
		(void)i->ops->setattr(i, &a); /* the write itself decides whether it may be */
}

/* How inotify calls a change of attributes. */
static uint32_t attr_events(unsigned valid)
{
	const unsigned times = ATTR_ATIME | ATTR_MTIME;
	uint32_t mask = valid & (ATTR_UID | ATTR_GID | ATTR_MODE) ? IN_ATTRIB : 0;

	if (valid & ATTR_SIZE)
		return mask | IN_MODIFY;
	if ((valid & times) == times)
		return mask | IN_ATTRIB;
	return mask | (valid & ATTR_ATIME ? IN_ACCESS : valid & ATTR_MTIME ? IN_MODIFY : 0);
}

int vfs_setattr(struct path *p, struct iattr *attr)
{
	struct inode *i = p->dentry->inode;
	uint64_t old_size = inode_size(i);
	int err = mount_writable(p->mnt);

	if (err)
		return err;
	if (!i->ops->setattr || inode_is_fixed(i))
		return -EPERM;
	err = i->ops->setattr(i, attr);
	if (!err && (attr->valid & ATTR_SIZE) && attr->size < old_size)
		vm_truncate_mappings(i, attr->size);
	if (!err)
		notify_dentry(p->dentry, attr_events(attr->valid));
	return err;
}

static int check_size_limit(uint64_t size)
{
	if (boot() || size <= current_process()->rlim[RLIMIT_FSIZE].cur)
		return 0;
	return file_too_big();
}

int vfs_truncate(struct path *p, uint64_t size)
{
	struct inode *i = p->dentry->inode;
	struct iattr a = {.valid = ATTR_SIZE | ATTR_MTIME, .size = size, .mtime = inode_now()};
	uint64_t old = inode_size(i);
	int err;

	if ((size < old && (i->seals & F_SEAL_SHRINK)) || (size > old && (i->seals & F_SEAL_GROW)))
		return -EPERM;
	err = size > old ? check_size_limit(size) : 0;
	if (!err)
		err = landlock_path(p, LANDLOCK_ACCESS_FS_TRUNCATE);
	if (err)
		return err;
	vfs_clear_suid(i);
	return vfs_setattr(p, &a);
}

int walk_new_name(struct walk *w, bool is_dir, struct path *child)
{
	int err;

	if (w->last_type != LAST_NAME)
		return -EEXIST;
	err = walk_last(w, false, child);
	if (err)
		return err;
	if (child->dentry->inode)
		err = -EEXIST;
	else if (w->slash && !is_dir)
		err = -ENOENT;
	if (err)
		path_put(child);
	return err;
}
