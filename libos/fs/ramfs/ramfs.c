/* ramfs.c: the file system in memory: also tmpfs, and the upper layer of unions.
 *
 * Directory entries hold references on their inodes, so an inode lives as long as it has a name or
 * is open. Content of regular files is the page cache itself (no readpage): what is not there is a
 * hole. Pages are charged to the super block's limit. Nothing here sleeps. */
#include "fs/ramfs/ramfs.h"
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "linux/fs.h"

#define DEFAULT_MAX_PAGES  (8UL << 30 >> PAGE_SHIFT)
#define DEFAULT_MAX_INODES (4UL << 20)

static const struct inode_ops ram_dir_ops, ram_file_ops, ram_symlink_ops, ram_special_ops;
static const struct file_ops ram_dir_fops = {.name = "dir", .iterate = ram_dir_iterate};

static struct ram_super *ram_super(const struct super_block *sb)
{
	return sb->priv;
}

static void set_ops(struct inode *i)
{
	switch (i->mode & S_IFMT) {
	case S_IFDIR:
		i->ops = &ram_dir_ops;
		i->fops = &ram_dir_fops;
		i->nlink = 2;
		i->size = PAGE_SIZE;
		break;
	case S_IFREG:
		i->ops = &ram_file_ops;
		i->fops = &filemap_file_ops;
		break;
	case S_IFLNK:
		i->ops = &ram_symlink_ops;
		break;
	default:
		i->ops =
			&ram_special_ops; /* the VFS knows how to open FIFOs, sockets and devices */
	}
}

static int ram_inode(struct super_block *sb, const struct inode *dir, uint32_t mode,
		     struct inode **out)
{
	struct ram_super *rs = ram_super(sb);
	struct ram_node *n;
	struct inode *i;

	if (rs->used_inodes >= rs->max_inodes)
		return -ENOSPC;
	n = kzalloc(sizeof(*n));
	i = n ? inode_alloc(sb, mode) : NULL;
	if (!i) {
		kfree(n);
		return -ENOMEM;
	}
	if (dir)
		inode_init_owner(i, dir, mode);
	ram_dir_init(&n->dir);
	list_init(&n->xattrs);
	i->priv = n;
	set_ops(i);
	rs->used_inodes++;
	*out = i;
	return 0;
}

static void ram_evict(struct inode *i)
{
	struct ram_node *n = ram_node(i);

	ram_dir_destroy(&n->dir);
	ram_xattr_destroy(n);
	kfree(n->target);
	kfree(n);
	ram_super(i->sb)->used_inodes--;
}

static int ram_charge(struct inode *i, long delta)
{
	struct ram_super *rs = ram_super(i->sb);

	if (delta > 0 && rs->used_pages >= rs->max_pages)
		return -ENOSPC;
	rs->used_pages += (size_t)delta;
	return 0;
}

static int ram_getattr(struct inode *i, struct kstat *st)
{
	inode_getattr_default(i, st);
	st->blocks = filemap_resident(i) * (PAGE_SIZE / 512);
	return 0;
}

static int ram_lookup(struct inode *dir, const char *name, struct inode **out)
{
	struct ram_entry *e = ram_dir_find(&ram_node(dir)->dir, name);

	if (!e)
		return -ENOENT;
	*out = inode_get(e->inode);
	return 0;
}

/* A new name for inode, whose reference the entry takes on success. */
static int ram_add(struct inode *dir, const char *name, struct inode *inode)
{
	struct ram_dir *d = &ram_node(dir)->dir;
	struct ram_entry *e;

	if (!dir->nlink)
		return -ENOENT;
	if (ram_dir_find(d, name))
		return -EEXIST;
	e = ram_dir_room(d) ? ram_entry_alloc(name) : NULL;
	if (!e)
		return -ENOMEM;
	ram_dir_insert(d, e, inode);
	if (S_ISDIR(inode->mode))
		dir->nlink++;
	inode_touch(dir, ATTR_MTIME);
	return 0;
}

static int ram_create(struct inode *dir, const char *name, uint32_t mode, uint64_t rdev,
		      struct inode **out)
{
	struct inode *i;
	int err = ram_inode(dir->sb, dir, mode, &i);

	if (err)
		return err;
	i->rdev = rdev;
	err = ram_add(dir, name, i);
	if (err)
		inode_put(i);
	else
		*out = inode_get(i);
	return err;
}

static int ram_symlink(struct inode *dir, const char *name, const char *target, struct inode **out)
{
	char *copy = kstrdup(target);
	struct inode *i;
	int err;

	if (!copy)
		return -ENOMEM;
	err = ram_inode(dir->sb, dir, S_IFLNK | 0777, &i);
	if (err) {
		kfree(copy);
		return err;
	}
	ram_node(i)->target = copy;
	i->size = strlen(copy);
	err = ram_add(dir, name, i);
	if (err)
		inode_put(i);
	else
		*out = inode_get(i);
	return err;
}

static ssize_t ram_readlink(struct inode *i, char *buf, size_t size)
{
	size_t n = MIN(i->size, size);

	memcpy(buf, ram_node(i)->target, n);
	return (ssize_t)n;
}

static int ram_link(struct inode *dir, const char *name, struct inode *target)
{
	int err = ram_add(dir, name, target);

	if (err)
		return err;
	inode_get(target);
	target->nlink++;
	target->ctime = inode_now();
	return 0;
}

/* Takes the entry away and the link count with it. */
static void ram_remove(struct inode *dir, struct ram_entry *e)
{
	struct inode *victim = e->inode;

	ram_dir_remove(&ram_node(dir)->dir, e);
	if (S_ISDIR(victim->mode)) {
		dir->nlink--;
		victim->nlink = 0;
	} else {
		victim->nlink--;
	}
	inode_touch(dir, ATTR_MTIME);
	victim->ctime = dir->ctime;
	inode_put(victim);
}

static int ram_unlink(struct inode *dir, const char *name, struct inode *victim)
{
	struct ram_entry *e = ram_dir_find(&ram_node(dir)->dir, name);

	if (!e || e->inode != victim)
		return -ENOENT;
	ram_remove(dir, e);
	return 0;
}

static int ram_rmdir(struct inode *dir, const char *name, struct inode *victim)
{
	if (ram_node(victim)->dir.count)
		return -ENOTEMPTY;
	return ram_unlink(dir, name, victim);
}

static void ram_exchange(struct inode *olddir, struct ram_entry *old, struct inode *newdir,
			 struct ram_entry *new)
{
	struct inode *a = old->inode, *b = new->inode;
	bool a_dir = S_ISDIR(a->mode), b_dir = S_ISDIR(b->mode);

	old->inode = b;
	new->inode = a;
	olddir->nlink += (uint32_t)b_dir - (uint32_t)a_dir;
	newdir->nlink += (uint32_t)a_dir - (uint32_t)b_dir;
	a->ctime = b->ctime = inode_now();
	inode_touch(olddir, ATTR_MTIME);
	inode_touch(newdir, ATTR_MTIME);
}

/* The entry names inode from now on (its reference passes); what it named loses a link. */
static void ram_replace(struct inode *dir, struct ram_entry *e, struct inode *inode)
{
	struct inode *gone = e->inode;

	e->inode = inode;
	if (S_ISDIR(gone->mode))
		gone->nlink = 0; /* and inode is a directory too: dir's count stays */
	else
		gone->nlink--;
	inode_touch(dir, ATTR_MTIME);
	gone->ctime = dir->ctime;
	inode_put(gone);
}

static int ram_rename(struct inode *olddir, const char *oldname, struct inode *victim,
		      struct inode *newdir, const char *newname, struct inode *target,
		      unsigned flags)
{
	struct ram_entry *old = ram_dir_find(&ram_node(olddir)->dir, oldname);
	struct ram_entry *new = ram_dir_find(&ram_node(newdir)->dir, newname);
	int err;

	if (!old || old->inode != victim || (target && (!new || new->inode != target)))
		return -ENOENT;
	if (new && (flags & RENAME_NOREPLACE))
		return -EEXIST;
	if (flags & RENAME_EXCHANGE) {
		if (!new)
			return -ENOENT;
		ram_exchange(olddir, old, newdir, new);
		return 0;
	}
	if (new &&S_ISDIR(new->inode->mode) && ram_node(new->inode)->dir.count)
		return -ENOTEMPTY;
	err = new ? 0 : ram_add(newdir, newname, victim);
	if (err)
		return err;
	inode_get(victim); /* the new entry's; the old entry's goes now */
	if (new)
		ram_replace(newdir, new, victim);
	ram_dir_remove(&ram_node(olddir)->dir, old);
	if (S_ISDIR(victim->mode))
		olddir->nlink--;
	inode_touch(olddir, ATTR_MTIME);
	victim->ctime = olddir->ctime;
	inode_put(victim);
	return 0;
}

static int ram_tmpfile(struct inode *dir, uint32_t mode, struct inode **out)
{
	int err = ram_inode(dir->sb, dir, mode, out);

	if (!err)
		(*out)->nlink = 0;
	return err;
}

#define RAM_COMMON                                                                                 \
	.getattr = ram_getattr, .setattr = inode_setattr_default, .getxattr = ram_getxattr,        \
	.setxattr = ram_setxattr, .listxattr = ram_listxattr, .removexattr = ram_removexattr,      \
	.evict = ram_evict

static const struct inode_ops ram_dir_ops = {
	.lookup = ram_lookup,
	.create = ram_create,
	.symlink = ram_symlink,
	.link = ram_link,
	.unlink = ram_unlink,
	.rmdir = ram_rmdir,
	.rename = ram_rename,
	.tmpfile = ram_tmpfile,
	RAM_COMMON,
};
static const struct inode_ops ram_file_ops = {.charge = ram_charge, RAM_COMMON};
static const struct inode_ops ram_symlink_ops = {.readlink = ram_readlink, RAM_COMMON};
static const struct inode_ops ram_special_ops = {RAM_COMMON};

static int ram_statfs(struct super_block *sb, struct kstatfs *out)
{
	struct ram_super *rs = ram_super(sb);

	*out = (struct kstatfs){
		.type = rs->magic,
		.bsize = PAGE_SIZE,
		.frsize = PAGE_SIZE,
		.namelen = NAME_MAX,
		.fsid = sb->dev,
		.blocks = rs->max_pages,
		.bfree = rs->max_pages - rs->used_pages,
		.files = rs->max_inodes,
		.ffree = rs->max_inodes - rs->used_inodes,
	};
	out->bavail = out->bfree;
	return 0;
}

static void ram_put(struct super_block *sb)
{
	kfree(sb->priv);
}

static const struct super_ops ram_super_ops = {.statfs = ram_statfs, .put = ram_put};

static int super_create(const char *fstype, uint64_t magic, struct super_block **out)
{
	struct ram_super *rs = kzalloc(sizeof(*rs));
	struct super_block *sb;
	struct inode *root;
	int err;

	if (!rs)
		return -ENOMEM;
	*rs = (struct ram_super){
		.magic = magic, .max_pages = DEFAULT_MAX_PAGES, .max_inodes = DEFAULT_MAX_INODES};
	sb = super_alloc(fstype, &ram_super_ops, rs);
	if (!sb) {
		kfree(rs);
		return -ENOMEM;
	}
	err = ram_inode(sb, NULL, S_IFDIR | 0755, &root);
	if (!err)
		err = super_set_root(sb, root);
	if (err)
		super_put(sb);
	else
		*out = sb;
	return err;
}

int ramfs_create(struct super_block **out)
{
	return super_create("ramfs", RAMFS_MAGIC, out);
}

/* "4096", "10k", "64M", "1g"; *rest is what follows. */
static bool parse_size(const char *s, uint64_t *out, const char **rest)
{
	uint64_t v = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (v > (UINT64_MAX >> 40))
			return false;
		v = v * 10 + (uint64_t)(*s - '0');
	}
	if (*s == 'k' || *s == 'K')
		v <<= 10;
	else if (*s == 'm' || *s == 'M')
		v <<= 20;
	else if (*s == 'g' || *s == 'G')
		v <<= 30;
	else
		s--;
	*rest = s + 1;
	*out = v;
	return true;
}

static bool parse_octal(const char *s, uint32_t *out, const char **rest)
{
	uint32_t v = 0;

	if (*s < '0' || *s > '7')
		return false;
	for (; *s >= '0' && *s <= '7' && v < 010000; s++)
		v = v * 8 + (uint32_t)(*s - '0');
	*out = v;
	*rest = s;
	return v < 010000;
}

static bool has_key(const char **s, const char *key)
{
	size_t n = strlen(key);

	if (strncmp(*s, key, n))
		return false;
	*s += n;
	return true;
}

static bool parse_one(struct super_block *sb, const char **s)
{
	struct inode *root = sb->root->inode;
	uint64_t v;
	uint32_t mode;

	if (has_key(s, "size=")) {
		if (!parse_size(*s, &v, s))
			return false;
		if (v) /* 0: no limit, as tmpfs has it */
			ram_super(sb)->max_pages = (v + PAGE_SIZE - 1) / PAGE_SIZE;
	} else if (has_key(s, "nr_blocks=")) {
		if (!parse_size(*s, &v, s))
			return false;
		ram_super(sb)->max_pages = v;
	} else if (has_key(s, "nr_inodes=")) {
		if (!parse_size(*s, &v, s))
			return false;
		ram_super(sb)->max_inodes = v ? v : SIZE_MAX;
	} else if (has_key(s, "mode=")) {
		if (!parse_octal(*s, &mode, s))
			return false;
		root->mode = S_IFDIR | mode;
	} else if (has_key(s, "uid=")) {
		if (!parse_size(*s, &v, s))
			return false;
		root->uid = (uint32_t)v;
	} else if (has_key(s, "gid=")) {
		if (!parse_size(*s, &v, s))
			return false;
		root->gid = (uint32_t)v;
	}
	return **s == ',' || !**s;
}

static int apply_options(struct super_block *sb, const char *s)
{
	while (*s) {
		if (!parse_one(sb, &s))
			return -EINVAL;
		if (*s == ',')
			s++;
	}
	return 0;
}

static int mount_common(const char *fstype, uint64_t magic, uint32_t mode, const char *options,
			struct super_block **out)
{
	int err = super_create(fstype, magic, out);

	if (err)
		return err;
	(*out)->root->inode->mode = S_IFDIR | mode;
	err = options ? apply_options(*out, options) : 0;
	if (err)
		super_put(*out);
	return err;
}

static int ramfs_mount(const char *source, const char *options, struct super_block **out)
{
	(void)source;
	return mount_common("ramfs", RAMFS_MAGIC, 0755, options, out);
}

static int tmpfs_mount(const char *source, const char *options, struct super_block **out)
{
	(void)source;
	return mount_common("tmpfs", TMPFS_MAGIC, 01777, options, out);
}

const struct fs_type ramfs_type = {"ramfs", ramfs_mount};
const struct fs_type tmpfs_type = {"tmpfs", tmpfs_mount};
