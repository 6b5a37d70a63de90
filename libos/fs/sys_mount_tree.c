/* sys_mount_tree.c: taking mounts out of the tree and putting them elsewhere: open_tree, move_mount, pivot_root.
 *
 * A copy made by open_tree is in no tree until move_mount attaches it; until then only its open file keeps it, and what
 * was copied below it goes with that file. Giant lock. */
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "landlock/landlock.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/mount.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

static bool may_mount(void)
{
	return capable(CAP_SYS_ADMIN) && !landlock_no_mounts();
}

static bool is_attached(const struct mount *m)
{
	return !list_empty(&m->all_node);
}

static void tree_release(struct file *f)
{
	struct mount *m = f->path.mnt;

	while (!is_attached(m) && mount_child(m))
		mount_detach_tree(mount_child(m));
}

static const struct file_ops tree_ops = { .name = "path", .release = tree_release };

static long install_tree(const struct path *p, unsigned flags)
{
	struct file *f = file_alloc(&tree_ops, O_PATH, p, NULL);
	int fd;

	if (!f)
		return -ENOMEM;
	fd = fd_install(f, 0, flags & OPEN_TREE_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

static long clone_tree(const struct path *from, unsigned flags)
{
	struct path p = { 0 };
	long fd;
	int err = from->mnt->unbindable ? -EINVAL : mount_copy(from, flags & AT_RECURSIVE, &p.mnt);

	if (err)
		return err;
	p.dentry = p.mnt->root;
	fd = install_tree(&p, flags);
	if (fd < 0)
		mount_drop(p.mnt);
	else
		mount_put(p.mnt); /* the file has its own */
	return fd;
}

SYSCALL_DEFINE(open_tree, int, dirfd, uaddr_t, uname, unsigned, flags)
{
	unsigned look = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct path p;
	long ret;

	if (flags & ~(unsigned)(OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE |
				AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	if ((flags & AT_RECURSIVE) && !(flags & OPEN_TREE_CLONE))
		return -EINVAL;
	if ((flags & OPEN_TREE_CLONE) && !may_mount())
		return -EPERM;
	ret = user_path_at(dirfd, uname, look, &p);
	if (ret)
		return ret;
	ret = flags & OPEN_TREE_CLONE ? clone_tree(&p, flags) : install_tree(&p, flags);
	path_put(&p);
	return ret;
}

/* m goes between the mount at `to` and what that is mounted on. */
static int attach_beneath(struct mount *m, const struct path *to)
{
	struct mount *top = to->mnt;
	struct path at = { top->parent, top->mountpoint }, inside = { m, m->root };
	int err;

	if (to->dentry != top->root || !top->parent)
		return -EINVAL;
	err = mount_attach(m, &at);
	if (err)
		return err;
	mount_reparent(top, &inside);
	return 0;
}

static int check_move(const struct path *from, const struct path *to)
{
	const struct mount *up;

	if (from->dentry != from->mnt->root)
		return -EINVAL;
	if (is_attached(from->mnt) && !from->mnt->parent)
		return -EINVAL;
	if (S_ISDIR(from->dentry->inode->mode) != S_ISDIR(to->dentry->inode->mode))
		return -EINVAL;
	for (up = to->mnt; up; up = up->parent) {
		if (up == from->mnt)
			return -ELOOP;
	}
	return 0;
}

static int do_move(const struct path *from, const struct path *to, bool beneath)
{
	int err = check_move(from, to);

	if (err)
		return err;
	if (is_attached(from->mnt) && beneath)
		return -EINVAL; /* moving an attached mount beneath another: not offered */
	if (is_attached(from->mnt)) {
		mount_reparent(from->mnt, to);
		return 0;
	}
	mount_get(from->mnt); /* for the tree */
	mount_adopt(from->mnt, to->mnt->ns);
	err = beneath ? attach_beneath(from->mnt, to) : mount_attach(from->mnt, to);
	if (err)
		mount_put(from->mnt);
	return err;
}

SYSCALL_DEFINE(move_mount, int, from_fd, uaddr_t, from_name, int, to_fd, uaddr_t, to_name, unsigned, flags)
{
	unsigned from_look = (flags & MOVE_MOUNT_F_SYMLINKS ? LOOKUP_FOLLOW : 0) |
			     (flags & MOVE_MOUNT_F_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	unsigned to_look = (flags & MOVE_MOUNT_T_SYMLINKS ? LOOKUP_FOLLOW : 0) |
			   (flags & MOVE_MOUNT_T_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct path from, to;
	int err;

	if (!may_mount())
		return -EPERM;
	if (flags & ~MOVE_MOUNT_KNOWN)
		return -EINVAL;
	err = user_path_at(from_fd, from_name, from_look, &from);
	if (err)
		return err;
	err = user_path_at(to_fd, to_name, to_look, &to);
	if (!err) {
		err = do_move(&from, &to, flags & MOVE_MOUNT_BENEATH);
		path_put(&to);
	}
	path_put(&from);
	return err;
}

/* Whoever stood at the old root stands at the new one. */
static void move_roots(const struct path *old, const struct path *new)
{
	struct process *p;

	list_for_each(p, &process_all, all_node) {
		struct path *at[2] = { p->fs ? &p->fs->root : NULL, p->fs ? &p->fs->cwd : NULL };

		for (int i = 0; i < 2; i++) {
			if (!at[i] || !path_equal(at[i], old))
				continue;
			path_get(new);
			path_put(at[i]);
			*at[i] = *new;
		}
	}
}

static bool is_beneath(struct path p, const struct path *top)
{
	while (p.mnt != top->mnt) {
		if (!p.mnt->parent)
			return false;
		p = (struct path){ p.mnt->parent, p.mnt->mountpoint };
	}
	return dentry_is_below(p.dentry, top->dentry);
}

static int check_pivot(const struct path *root, const struct path *new, const struct path *old)
{
	if (new->mnt->ns != current_process()->fs->ns || old->mnt->ns != new->mnt->ns)
		return -EINVAL;
	if (new->mnt == root->mnt || old->mnt == root->mnt)
		return -EBUSY;
	if (root->dentry != root->mnt->root || new->dentry != new->mnt->root || !root->mnt->parent || !new->mnt->parent)
		return -EINVAL;
	if (root->mnt->parent->group || new->mnt->parent->group || old->mnt->group)
		return -EINVAL;
	return is_beneath(*old, new) && is_beneath(*new, root) ? 0 : -EINVAL;
}

static int do_pivot(const struct path *new, const struct path *old)
{
	struct path root = current_process()->fs->root, at;
	int err = check_pivot(&root, new, old);

	if (err)
		return err;
	path_get(&root);
	at = (struct path){ root.mnt->parent, root.mnt->mountpoint };
	path_get(&at);
	mount_reparent(root.mnt, old);
	mount_reparent(new->mnt, &at);
	move_roots(&root, new);
	path_put(&at);
	path_put(&root);
	return 0;
}

SYSCALL_DEFINE(pivot_root, uaddr_t, new_name, uaddr_t, old_name)
{
	struct path new, old;
	int err;

	if (!may_mount())
		return -EPERM;
	err = user_path_at(AT_FDCWD, new_name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &new);
	if (err)
		return err;
	err = user_path_at(AT_FDCWD, old_name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &old);
	if (!err) {
		err = do_pivot(&new, &old);
		path_put(&old);
	}
	path_put(&new);
	return err;
}
