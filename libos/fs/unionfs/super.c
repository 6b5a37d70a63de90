/* super.c: making a union, and mount -t unionfs -o lowerdir=D[,upperdir=D] (mount points of other
 * file systems; without upperdir the upper layer is new memory). */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/mount.h"
#include "fs/unionfs/union.h"
#include "linux/errno.h"
#include "linux/fs.h"

static int union_statfs(struct super_block *sb, struct kstatfs *out)
{
	struct super_block *up = union_super(sb)->upper;
	int err = up->ops && up->ops->statfs ? up->ops->statfs(up, out) : 0;

	out->type = OVERLAYFS_SUPER_MAGIC;
	out->fsid = sb->dev;
	return err;
}

static int union_sync_super(struct super_block *sb)
{
	struct super_block *up = union_super(sb)->upper;

	return up->ops && up->ops->sync ? up->ops->sync(up) : 0;
}

static struct inode *first_pinned(struct union_super *us)
{
	struct union_node *n;

	for (unsigned b = 0; b < UNION_BUCKETS; b++) {
		list_for_each(n, &us->buckets[b], hash)
		{
			if (n->pinned)
				return n->inode;
		}
	}
	return NULL;
}

static void union_put(struct super_block *sb)
{
	struct union_super *us = union_super(sb);
	struct inode *i;

	while ((i = first_pinned(us)))
		union_unpin(i);
	if (us->upper)
		super_put(us->upper);
	if (us->lower)
		super_put(us->lower);
	kfree(us);
}

static const struct super_ops union_super_ops = {
	.statfs = union_statfs,
	.sync = union_sync_super,
	.put = union_put,
};

int unionfs_create(struct super_block *upper, struct super_block *lower, struct super_block **out)
{
	struct union_super *us = kzalloc(sizeof(*us));
	struct super_block *sb = us ? super_alloc("unionfs", &union_super_ops, us) : NULL;
	struct inode *root;
	int err;

	if (!sb) {
		kfree(us);
		return -ENOMEM;
	}
	for (unsigned b = 0; b < UNION_BUCKETS; b++)
		list_init(&us->buckets[b]);
	err = union_copy_attrs(lower->root->inode, upper->root->inode);
	if (!err)
		err = union_inode(sb, inode_get(upper->root->inode), inode_get(lower->root->inode),
				  NULL, "/", &root);
	if (!err)
		err = super_set_root(sb, root);
	if (err) {
		super_put(sb);
		return err;
	}
	us->upper = upper; /* references pass with success only */
	us->lower = lower;
	*out = sb;
	return 0;
}

/* The value of key in "a=b,c=d" as a new string; NULL if absent or out of memory. */
static char *option_value(const char *options, const char *key)
{
	const char *s = strstr(options, key);
	const char *end;
	char *v;

	if (!s || (s != options && s[-1] != ','))
		return NULL;
	s += strlen(key);
	end = strchr(s, ',');
	v = kstrdup(s);
	if (v && end)
		v[end - s] = 0;
	return v;
}

static int layer_at(const char *name, struct super_block **out)
{
	struct path p;
	int err = path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	if (err)
		return err;
	if (p.dentry != p.mnt->sb->root)
		err = -EINVAL;
	else
		*out = super_get(p.mnt->sb);
	path_put(&p);
	return err;
}

static int unionfs_mount(const char *source, const char *options, struct super_block **out)
{
	char *lowerdir = option_value(options, "lowerdir="),
	     *upperdir = option_value(options, "upperdir=");
	struct super_block *upper = NULL, *lower = NULL;
	int err = lowerdir ? layer_at(lowerdir, &lower) : -EINVAL;

	(void)source;
	if (!err)
		err = upperdir ? layer_at(upperdir, &upper) : ramfs_create(&upper);
	if (!err)
		err = unionfs_create(upper, lower, out);
	if (err && upper)
		super_put(upper);
	if (err && lower)
		super_put(lower);
	kfree(lowerdir);
	kfree(upperdir);
	return err;
}

const struct fs_type unionfs_type = {"unionfs", unionfs_mount};
