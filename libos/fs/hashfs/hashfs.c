/* hashfs.c: inodes of a hashed image, file content, and mounting.
 *
 * An inode is in hs->nodes while somebody refers to it, so hard links share one. It holds the
 * directory it was found in; a directory found in two places is malformed (it could contain
 * itself). */
#include "fs/hashfs/hashfs.h"

#include "abi/layout.h"
#include "abi/sites.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/file.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "linux/fs.h"

#define HASHFS_MAGIC 0x48534146u
#define SYMLINK_MAX  4095

const char *hash_path(const struct inode *inode, char *buf, size_t size)
{
	char *at = buf + size - 1;

	*at = 0;
	for (; hash_node(inode)->parent; inode = hash_node(inode)->parent) {
		const char *name = hash_node(inode)->name;
		size_t len = MIN(strlen(name), (size_t)(at - buf));

		at -= len;
		memcpy(at, name + strlen(name) - len, len);
		if (at == buf)
			return at;
		*--at = '/';
	}
	return *at ? at : "/";
}

static const char *inode_problem(const struct hash_super *hs, const struct image_inode *d)
{
	if (d->size && !image_range_ok(hs, d->data, d->size))
		return "its data lies outside the image";
	if (d->size > INT64_MAX || d->xattrs_size > IMAGE_XATTRS_MAX ||
	    (d->xattrs_size && !image_range_ok(hs, d->xattrs, d->xattrs_size)))
		return "its attributes lie outside the image";
	if (d->sites_size > IMAGE_SITES_MAX ||
	    (d->sites_size && !image_range_ok(hs, d->sites, d->sites_size)))
		return "its site table lies outside the image";
	switch (d->mode & S_IFMT) {
	case S_IFREG:
		return d->data % IMAGE_BLOCK ? "its content is not aligned" : NULL;
	case S_IFLNK:
		return d->size && d->size <= SYMLINK_MAX ? NULL
							 : "impossible length of a symbolic link";
	case S_IFDIR:
		return d->size >= sizeof(struct image_dir) && d->size <= UINT32_MAX
			       ? NULL
			       : "impossible directory size";
	case S_IFIFO:
		return NULL;
	}
	return "unknown type";
}

static int dir_head(struct hash_super *hs, struct hash_node *n, struct hash_purpose why)
{
	struct image_dir head;
	int err = image_read(hs, n->d.data, &head, sizeof(head), why);

	if (err)
		return err;
	if (head.count > (n->d.size - sizeof(head)) / sizeof(struct image_dirent))
		return image_malformed(hs, why, "more entries than bytes");
	n->entries = head.count;
	return 0;
}

static int node_load(struct super_block *sb, uint64_t ino, struct inode *parent, const char *name,
		     struct hash_node **out)
{
	struct hash_super *hs = hash_super(sb);
	struct hash_purpose why = {.what = "inode table"};
	struct hash_node *n = kzalloc(sizeof(*n) + strlen(name) + 1);
	const char *problem;
	int err;

	if (!n)
		return -ENOMEM;
	memcpy(n->name, name, strlen(name) + 1);
	err = image_read(hs, hs->inode_table + (ino - 1) * sizeof(n->d), &n->d, sizeof(n->d), why);
	problem = err ? NULL : inode_problem(hs, &n->d);
	if (problem)
		err = image_malformed(hs, (struct hash_purpose){name, parent}, problem);
	if (!err && S_ISDIR(n->d.mode))
		err = dir_head(hs, n, (struct hash_purpose){"directory", parent});
	if (err) {
		kfree(n);
		return err;
	}
	n->parent = parent ? inode_get(parent) : NULL;
	*out = n;
	return 0;
}

static void inode_set_ops(struct inode *i)
{
	switch (i->mode & S_IFMT) {
	case S_IFREG:
		i->ops = &hash_file_ops;
		i->fops = &filemap_file_ops;
		break;
	case S_IFDIR:
		i->ops = &hash_dir_ops;
		i->fops = &hash_dir_fops;
		break;
	case S_IFLNK:
		i->ops = &hash_symlink_ops;
		break;
	default:
		i->ops = &hash_special_ops;
		i->fops = &fifo_ops;
	}
}

static void inode_fill(struct inode *i, struct hash_node *n, uint64_t ino)
{
	i->priv = n;
	i->ino = ino;
	i->nlink = n->d.nlink;
	i->uid = n->d.uid;
	i->gid = n->d.gid;
	i->size = n->d.size;
	i->mtime = (struct timespec64){n->d.mtime_sec, n->d.mtime_nsec % NSEC_PER_SEC};
	i->atime = i->ctime = i->btime = i->mtime;
	i->version = (hash_super(i->sb)->tag ^ ino) * 0x9e3779b97f4a7c15UL;
	inode_set_ops(i);
}

static int inode_known(struct inode *i, struct inode *parent, struct inode **out)
{
	if (S_ISDIR(i->mode) && hash_node(i)->parent != parent)
		return image_malformed(hash_super(i->sb), (struct hash_purpose){"directory", i},
				       "it is in two places");
	*out = inode_get(i);
	return 0;
}

int hash_inode(struct super_block *sb, uint64_t ino, struct inode *parent, const char *name,
	       struct inode **out)
{
	struct hash_super *hs = hash_super(sb);
	struct inode *i = pagetree_get(&hs->nodes, ino);
	struct hash_node *n;
	int err;

	if (i)
		return inode_known(i, parent, out);
	if (!ino || ino > hs->inodes)
		return image_malformed(hs, (struct hash_purpose){"directory", parent},
				       "no such inode number");
	err = node_load(sb, ino, parent, name, &n);
	if (err)
		return err;
	i = inode_alloc(sb, n->d.mode);
	if (i && !pagetree_set(&hs->nodes, ino, i)) {
		inode_fill(i, n, ino);
		*out = i;
		return 0;
	}
	if (i)
		inode_put(i);
	if (parent)
		inode_put(parent);
	kfree(n);
	return -ENOMEM;
}

static void hash_evict(struct inode *i)
{
	struct hash_node *n = hash_node(i);
	struct inode *parent = n->parent;

	pagetree_remove(&hash_super(i->sb)->nodes, i->ino);
	kfree(n);
	i->priv = NULL;
	if (parent)
		inode_put(parent);
}

static int hash_readpages(struct inode *i, uint64_t index, size_t count, void **pages)
{
	const struct image_inode *d = &hash_node(i)->d;
	uint64_t end = (d->size + IMAGE_BLOCK - 1) / IMAGE_BLOCK;
	size_t inside = index < end ? MIN(count, end - index) : 0;

	for (size_t k = inside; k < count; k++)
		memset(pages[k], 0, IMAGE_BLOCK);
	if (!inside)
		return 0;
	return image_read_pages(hash_super(i->sb), d->data + index * IMAGE_BLOCK, inside, pages,
				(struct hash_purpose){"content", i});
}

static int hash_readpage(struct inode *i, uint64_t index, void *page)
{
	return hash_readpages(i, index, 1, &page);
}

static ssize_t hash_readlink(struct inode *i, char *buf, size_t size)
{
	const struct image_inode *d = &hash_node(i)->d;
	size_t n = MIN(size, d->size);
	int err =
		image_read(hash_super(i->sb), d->data, buf, n, (struct hash_purpose){"target", i});

	if (err)
		return err;
	if (memchr(buf, 0, n))
		return image_malformed(hash_super(i->sb), (struct hash_purpose){"target", i},
				       "it contains a zero byte");
	return (ssize_t)n;
}

static struct site_table *hash_sites(struct inode *i)
{
	const struct image_inode *d = &hash_node(i)->d;
	struct hash_purpose why = {"site table", i};
	struct site_table *t;

	if (d->sites_size < sizeof(*t))
		return NULL;
	t = kmalloc(d->sites_size);
	if (!t)
		return NULL;
	if (!image_read(hash_super(i->sb), d->sites, t, d->sites_size, why)) {
		if (t->magic == SITES_MAGIC &&
		    t->count == (d->sites_size - sizeof(*t)) / sizeof(t->sites[0]))
			return t;
		image_malformed(hash_super(i->sb), why, "its size does not fit its count");
	}
	kfree(t);
	return NULL;
}

/* Reached only through a writable union's copy, which asks the upper layer. */
static int hash_setattr(struct inode *i, const struct iattr *attr)
{
	(void)i, (void)attr;
	return -EROFS;
}

const struct inode_ops hash_file_ops = {
	.readpage = hash_readpage,
	.readpages = hash_readpages,
	.sites = hash_sites,
	.setattr = hash_setattr,
	.getxattr = hash_getxattr,
	.listxattr = hash_listxattr,
	.evict = hash_evict,
};

const struct inode_ops hash_symlink_ops = {
	.readlink = hash_readlink,
	.setattr = hash_setattr,
	.getxattr = hash_getxattr,
	.listxattr = hash_listxattr,
	.evict = hash_evict,
};

const struct inode_ops hash_special_ops = {.setattr = hash_setattr, .evict = hash_evict};

const struct inode_ops hash_dir_ops = {
	.lookup = hash_dir_lookup,
	.setattr = hash_setattr,
	.getxattr = hash_getxattr,
	.listxattr = hash_listxattr,
	.evict = hash_evict,
};

static int hash_statfs(struct super_block *sb, struct kstatfs *out)
{
	const struct hash_super *hs = hash_super(sb);

	*out = (struct kstatfs){.type = HASHFS_MAGIC,
				.bsize = IMAGE_BLOCK,
				.frsize = IMAGE_BLOCK,
				.blocks = hs->blocks,
				.files = hs->inodes,
				.fsid = sb->dev,
				.namelen = IMAGE_NAME_MAX};
	return 0;
}

static void super_free(struct hash_super *hs)
{
	image_close(hs);
	kfree(hs->source);
	kfree(hs);
}

static void hash_super_put(struct super_block *sb)
{
	super_free(hash_super(sb));
}

static const struct super_ops hash_super_ops = {.statfs = hash_statfs, .put = hash_super_put};

static int super_open(const char *file, const uint8_t root_hash[IMAGE_HASH],
		      struct hash_super **out)
{
	struct hash_super *hs = kzalloc(sizeof(*hs));
	int err;

	if (!hs)
		return -ENOMEM;
	list_init(&hs->lru);
	memcpy(&hs->tag, root_hash, sizeof(hs->tag));
	hs->source = kstrdup(file);
	hs->fd = hs->source ? host_open(file, O_RDONLY, 0) : -ENOMEM;
	if (hs->fd < 0 && hs->source)
		log_error("image %s cannot be opened: error %d", file, -hs->fd);
	err = hs->fd < 0 ? hs->fd : image_open(hs, root_hash);
	if (err)
		super_free(hs);
	else
		*out = hs;
	return err;
}

int hashfs_create(const char *host_file, const uint8_t root_hash[32], struct super_block **out)
{
	struct hash_super *hs;
	struct super_block *sb;
	struct inode *root;
	int err = super_open(host_file, root_hash, &hs);

	if (err)
		return err;
	sb = super_alloc("hashfs", &hash_super_ops, hs);
	if (!sb) {
		super_free(hs);
		return -ENOMEM;
	}
	sb->readonly = true;
	err = hash_inode(sb, IMAGE_ROOT_INO, NULL, "", &root);
	if (!err && !S_ISDIR(root->mode)) { /* NOLINT: set without error */
		inode_put(root);
		err = image_malformed(hs, (struct hash_purpose){.what = "root"},
				      "it is no directory");
	}
	if (!err)
		err = super_set_root(sb, root);
	if (err) {
		super_put(sb);
		return err;
	}
	*out = sb;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* mount -t hashfs -o hash=HEX image.file: the root hash tells what may be in it. */
static int hashfs_mount(const char *source, const char *options, struct super_block **out)
{
	uint8_t hash[IMAGE_HASH];

	if (!source || !options || strncmp(options, "hash=", 5) ||
	    strlen(options) != 5 + 2 * IMAGE_HASH)
		return -EINVAL;
	for (size_t i = 0; i < IMAGE_HASH; i++) {
		int high = hex_digit(options[5 + 2 * i]), low = hex_digit(options[6 + 2 * i]);

		if (high < 0 || low < 0)
			return -EINVAL;
		hash[i] = (uint8_t)(high << 4 | low);
	}
	return hashfs_create(source, hash, out);
}

const struct fs_type hashfs_type = {"hashfs", hashfs_mount};
