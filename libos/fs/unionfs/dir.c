/* dir.c: making, removing and moving names in a union: always in the upper layer.
 *
 * A name the lower layer shows is hidden by a whiteout when it goes. Where the upper layer has the
 * name, the whiteout makes no difference until that goes too, so whiteouts are set first and never
 * taken back. */
#include "base/heap.h"
#include "fs/unionfs/union.h"
#include "linux/errno.h"
#include "linux/fs.h"

static struct inode *upper_of(struct inode *i)
{
	return union_node(i)->upper;
}

static int hide_lower(struct inode *dir, const char *name)
{
	int has = union_lower_has(dir, name);

	return has > 0 ? union_whiteout_add(union_node(dir), name) : has;
}

static int union_create(struct inode *dir, const char *name, uint32_t mode, uint64_t rdev,
			struct inode **out)
{
	struct inode *up;
	int err = union_copy_up(dir);

	if (err)
		return err;
	err = upper_of(dir)->ops->create(upper_of(dir), name, mode, rdev, &up);
	return err ? err : union_inode(dir->sb, up, NULL, dir, name, out);
}

static int union_symlink(struct inode *dir, const char *name, const char *target,
			 struct inode **out)
{
	struct inode *up;
	int err = union_copy_up(dir);

	if (err)
		return err;
	err = upper_of(dir)->ops->symlink(upper_of(dir), name, target, &up);
	return err ? err : union_inode(dir->sb, up, NULL, dir, name, out);
}

static int union_tmpfile(struct inode *dir, uint32_t mode, struct inode **out)
{
	struct inode *up;
	int err = union_copy_up(dir);

	if (err)
		return err;
	if (!upper_of(dir)->ops->tmpfile)
		return -EOPNOTSUPP;
	err = upper_of(dir)->ops->tmpfile(upper_of(dir), mode, &up);
	return err ? err : union_inode(dir->sb, up, NULL, dir, "", out);
}

static int union_link(struct inode *dir, const char *name, struct inode *target)
{
	int err = union_copy_up(target);

	if (!err)
		err = union_copy_up(dir);
	if (err)
		return err;
	err = upper_of(dir)->ops->link(upper_of(dir), name, upper_of(target));
	if (!err) {
		union_pin(target);
		union_sync(target);
	}
	return err;
}

/* The upper name of victim is gone. */
static void lost_name(struct inode *victim)
{
	union_sync(victim);
	if (!victim->nlink)
		union_unpin(victim);
}

static int remove_name(struct inode *dir, const char *name, struct inode *victim, bool is_dir)
{
	struct inode *up;
	int err = union_copy_up(dir);

	if (!err)
		err = hide_lower(dir, name);
	if (err)
		return err;
	if (!upper_of(victim)) {
		union_node(victim)->gone = true;
		union_sync(victim);
		return 0;
	}
	up = upper_of(dir);
	err = is_dir ? up->ops->rmdir(up, name, upper_of(victim))
		     : up->ops->unlink(up, name, upper_of(victim));
	if (!err)
		lost_name(victim);
	return err;
}

static int union_unlink(struct inode *dir, const char *name, struct inode *victim)
{
	return remove_name(dir, name, victim, false);
}

static int union_rmdir(struct inode *dir, const char *name, struct inode *victim)
{
	int err = union_dir_empty(victim);

	return err ? err : remove_name(dir, name, victim, true);
}

static int prepare_rename(struct inode *olddir, struct inode *victim, struct inode *newdir,
			  struct inode *target, unsigned flags)
{
	int err = union_copy_up(olddir);

	if (!err)
		err = union_copy_up(newdir);
	if (!err)
		err = union_copy_up(victim);
	if (err || !target)
		return err;
	if (flags & RENAME_EXCHANGE)
		return union_copy_up(target);
	return S_ISDIR(target->mode) ? union_dir_empty(target) : 0;
}

static int union_rename(struct inode *olddir, const char *oldname, struct inode *victim,
			struct inode *newdir, const char *newname, struct inode *target,
			unsigned flags)
{
	struct inode *up, *from, *to;
	int err = prepare_rename(olddir, victim, newdir, target, flags);

	if (!err && !(flags & RENAME_EXCHANGE))
		err = hide_lower(olddir, oldname);
	if (err)
		return err;
	from = upper_of(olddir);
	to = upper_of(newdir);
	up = target ? upper_of(target) : NULL;
	err = from->ops->rename(from, oldname, upper_of(victim), to, newname, up, flags);
	if (err)
		return err;
	union_sync(victim);
	if (!target)
		return 0;
	if (flags & RENAME_EXCHANGE) {
		union_sync(target);
	} else if (up) {
		lost_name(target);
	} else {
		union_node(target)->gone = true;
		union_sync(target);
	}
	return 0;
}

#define UNION_COMMON                                                                               \
	.getattr = union_getattr, .setattr = union_setattr, .getxattr = union_getxattr,            \
	.setxattr = union_setxattr, .listxattr = union_listxattr,                                  \
	.removexattr = union_removexattr, .evict = union_evict, .revalidate = union_revalidate

const struct inode_ops union_dir_ops = {
	.lookup = union_lookup,
	.create = union_create,
	.symlink = union_symlink,
	.link = union_link,
	.unlink = union_unlink,
	.rmdir = union_rmdir,
	.rename = union_rename,
	.tmpfile = union_tmpfile,
	UNION_COMMON,
};

static struct site_table *union_sites(struct inode *i)
{
	struct inode *real = union_real(i);

	return real->ops->sites ? real->ops->sites(real) : NULL;
}

const struct inode_ops union_file_ops = {
	.readlink = union_readlink, .sites = union_sites, UNION_COMMON};
