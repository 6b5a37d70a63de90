/* node.c: host nodes: finding, naming, revalidating, and their host descriptors. See hostfs.h.
 *
 * inode.version is the modification time in ns, not a count: an inode that was evicted and comes back
 * unchanged has the version it had, which lets the VM keep parked images of it; and it grows with changes. */
#include "fs/hostfs/hostfs.h"

#include "abi/hostfile.h"
#include "abi/layout.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "time/clock.h"

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15UL;
	return h ^ h >> 29;
}

static struct list *hash_slot(struct host_super *hs, uint64_t dev, uint64_t ino)
{
	return &hs->hash[mix(mix(0, dev), ino) % HOSTFS_HASH];
}

static struct host_node *node_find(struct host_super *hs, uint64_t dev, uint64_t ino)
{
	struct list *slot = hash_slot(hs, dev, ino);
	struct host_node *n;

	list_for_each(n, slot, hash) {
		if (n->hdev == dev && n->hino == ino)
			return n;
	}
	return NULL;
}

static bool stat_plausible(const struct host_stat *st)
{
	uint32_t type = st->mode & S_IFMT;
	bool known = type == S_IFREG || type == S_IFDIR || type == S_IFLNK || type == S_IFCHR || type == S_IFBLK ||
		     type == S_IFIFO || type == S_IFSOCK;

	return known && st->size <= INT64_MAX && st->mtime_nsec < NSEC_PER_SEC && st->atime_nsec < NSEC_PER_SEC &&
	       st->ctime_nsec < NSEC_PER_SEC;
}

static bool content_changed(const struct host_node *n, const struct host_stat *st)
{
	return n->seen_size != st->size || n->seen_mtime.sec != st->mtime_sec || n->seen_mtime.nsec != st->mtime_nsec;
}

static void drop_children(struct inode *dir)
{
	struct dentry *d, *tmp;

	list_for_each_safe(d, tmp, &dir->dentries, alias)
		dentry_invalidate(d);
}

static void drop_content(struct inode *inode)
{
	struct host_node *n = host_node(inode);

	if (S_ISREG(inode->mode) && inode->map)
		filemap_invalidate(inode, 0, SIZE_MAX / PAGE_SIZE);
	if (S_ISDIR(inode->mode))
		drop_children(inode);
	kfree(n->target);
	n->target = NULL;
}

/* The type is not taken: callers have checked that it is still the same. */
static void node_take_stat(struct host_node *n, const struct host_stat *st)
{
	struct inode *i = n->inode;

	i->mode = (i->mode & S_IFMT) | (st->mode & 07777);
	i->nlink = st->nlink;
	i->uid = st->uid;
	i->gid = st->gid;
	i->rdev = st->rdev;
	i->size = st->size;
	i->atime = (struct timespec64){ st->atime_sec, st->atime_nsec };
	i->mtime = (struct timespec64){ st->mtime_sec, st->mtime_nsec };
	i->ctime = (struct timespec64){ st->ctime_sec, st->ctime_nsec };
	i->btime = i->ctime;
	i->version = (uint64_t)st->mtime_sec * NSEC_PER_SEC + st->mtime_nsec;
	n->blocks = st->blocks;
	n->blksize = st->blksize;
	n->seen_size = st->size;
	n->seen_mtime = i->mtime;
	n->wrote = false;
	n->checked = clock_mono();
}

static int node_update(struct host_node *n, const struct host_stat *st)
{
	if (!stat_plausible(st))
		return -EIO;
	if (st->dev != n->hdev || st->ino != n->hino || (st->mode & S_IFMT) != (n->inode->mode & S_IFMT))
		return -ESTALE;
	if (content_changed(n, st) && !n->wrote)
		drop_content(n->inode);
	node_take_stat(n, st);
	return 0;
}

uint64_t hostfs_ino(const struct super_block *sb, uint64_t dev, uint64_t ino)
{
	if (dev == host_super(sb)->root_dev)
		return ino;
	return ino ^ (mix(1, dev) & 0x3fff) << 48;
}

static void inode_set_ops(struct inode *i)
{
	switch (i->mode & S_IFMT) {
	case S_IFREG:
		i->ops = &hostfs_file_ops;
		i->fops = &hostfs_file_fops;
		break;
	case S_IFDIR:
		i->ops = &hostfs_dir_ops;
		i->fops = &hostfs_dir_fops;
		break;
	case S_IFLNK:
		i->ops = &hostfs_symlink_ops;
		break;
	default:
		i->ops = &hostfs_special_ops;
		i->fops = &hostfs_special_fops;
	}
}

static int node_create(struct super_block *sb, struct inode *dir, const char *name, const struct host_stat *st,
		       struct inode **out)
{
	struct host_super *hs = host_super(sb);
	struct host_node *n = kzalloc(sizeof(*n));
	struct inode *i = n ? inode_alloc(sb, st->mode) : NULL;
	char *copy = i ? kstrdup(name) : NULL;

	if (!copy) {
		if (i)
			inode_put(i);
		kfree(n);
		return -ENOMEM;
	}
	*n = (struct host_node){ .inode = i, .parent = dir ? inode_get(dir) : NULL, .name = copy, .hdev = st->dev,
				 .hino = st->ino, .fd = -1 };
	list_init(&n->open);
	list_push_front(hash_slot(hs, st->dev, st->ino), &n->hash);
	i->ino = hostfs_ino(sb, st->dev, st->ino);
	i->priv = n;
	inode_set_ops(i);
	node_take_stat(n, st);
	*out = i;
	return 0;
}

/* A file has as many names as it has; any will do. A directory has one: if the host shows it in two
 * places (a bind mount, or a lie), these are two nodes. */
static bool node_fits(struct host_node *n, struct inode *dir, const char *name)
{
	if (!S_ISDIR(n->inode->mode))
		return true;
	return n->parent == dir && strcmp(n->name, name) == 0;
}

void hostfs_moved(struct inode *inode, struct inode *dir, const char *name)
{
	struct host_node *n = host_node(inode);
	struct inode *old = n->parent;
	char *copy;

	if (old == dir && strcmp(n->name, name) == 0)
		return;
	copy = kstrdup(name);
	if (!copy)
		return; /* keeps the old name: revalidation will miss it and look again */
	kfree(n->name);
	n->name = copy;
	n->parent = inode_get(dir);
	if (old)
		inode_put(old);
}

int hostfs_inode(struct super_block *sb, struct inode *dir, const char *name, const struct host_stat *st,
		 struct inode **out)
{
	struct host_node *n = node_find(host_super(sb), st->dev, st->ino);

	if (!stat_plausible(st))
		return -EIO;
	if (!n)
		return node_create(sb, dir, name, st, out);
	if (!node_fits(n, dir, name) || node_update(n, st)) {
		list_remove(&n->hash); /* who still uses it may; it is not found any more */
		return node_create(sb, dir, name, st, out);
	}
	n->removed = false;
	hostfs_moved(n->inode, dir, name);
	*out = inode_get(n->inode);
	return 0;
}

static char *path_prepend(char *at, char *start, const char *name)
{
	size_t len = strlen(name);

	if (!at || (size_t)(at - start) < len + 1)
		return NULL;
	at -= len;
	memcpy(at, name, len);
	*--at = '/';
	return at;
}

const char *hostfs_path(struct inode *inode, const char *name, int which)
{
	static char buffers[2][PATH_MAX];
	char *start = buffers[which], *at = start + PATH_MAX - 1;
	const char *root = host_super(inode->sb)->root;
	size_t root_len = strlen(root);

	*at = 0;
	if (name)
		at = path_prepend(at, start, name);
	for (struct host_node *n = host_node(inode); n->parent; n = host_node(n->parent))
		at = path_prepend(at, start, n->name);
	if (!at || (size_t)(at - start) < root_len + 1)
		return NULL;
	if (!root_len && !*at)
		return "/";
	at -= root_len;
	memcpy(at, root, root_len);
	return at;
}

static int node_stat(struct host_node *n, struct host_stat *st)
{
	const char *path;

	if (n->removed)
		return n->fd >= 0 ? host_fstat(n->fd, st) : -ESTALE;
	path = hostfs_path(n->inode, NULL, 0);
	return path ? host_lstat(path, st) : -ENAMETOOLONG;
}

int hostfs_refresh(struct inode *inode, nsec_t max_age)
{
	struct host_node *n = host_node(inode);
	struct host_stat st;
	int err;

	if (max_age && clock_mono() - n->checked < max_age)
		return 0;
	err = node_stat(n, &st);
	return err ? err : node_update(n, &st);
}

void hostfs_restamp(struct inode *inode)
{
	struct host_node *n = host_node(inode);

	n->wrote = true;
	if (hostfs_refresh(inode, 0))
		n->checked = 0;
}

bool hostfs_revalidate(struct inode *inode)
{
	struct host_node *n = host_node(inode);

	return !n->removed && hostfs_refresh(inode, hostfs_age(inode, HOSTFS_AGE_WALK)) == 0;
}

/* Likewise for the device number. */
static uint64_t visible_dev(const struct inode *inode)
{
	const struct host_node *n = host_node(inode);

	if (n->hdev == host_super(inode->sb)->root_dev)
		return inode->sb->dev;
	return inode->sb->dev << 20 | (n->hdev & 0xfffff);
}

int hostfs_getattr(struct inode *inode, struct kstat *st)
{
	struct host_node *n = host_node(inode);

	/* A vanished file still has the attributes it had. */
	if (hostfs_refresh(inode, hostfs_age(inode, HOSTFS_AGE_WALK)))
		n->checked = clock_mono();
	inode_getattr_default(inode, st);
	st->dev = visible_dev(inode);
	st->blocks = n->blocks;
	st->blksize = n->blksize ? n->blksize : 4096;
	return 0;
}

static int setattr_host(struct inode *inode, const struct iattr *attr)
{
	struct host_node *n = host_node(inode);
	struct ocall_setattr a = {
		.valid = attr->valid, .mode = attr->mode, .uid = attr->uid, .gid = attr->gid, .size = attr->size,
		.atime_sec = attr->atime.sec, .atime_nsec = (uint32_t)attr->atime.nsec,
		.mtime_sec = attr->mtime.sec, .mtime_nsec = (uint32_t)attr->mtime.nsec,
	};
	char proc[40];
	const char *path;

	_Static_assert(ATTR_MODE == HOST_ATTR_MODE && ATTR_UID == HOST_ATTR_UID && ATTR_GID == HOST_ATTR_GID &&
		       ATTR_SIZE == HOST_ATTR_SIZE && ATTR_ATIME == HOST_ATTR_ATIME && ATTR_MTIME == HOST_ATTR_MTIME,
		       "attribute bits");
	if (!n->removed) {
		path = hostfs_path(inode, NULL, 0);
		return path ? host_setattr(path, &a) : -ENAMETOOLONG;
	}
	/* Without a name only the size matters to anybody. */
	a.valid &= ATTR_SIZE;
	if (!a.valid || n->fd < 0)
		return 0;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", n->fd);
	return host_setattr(proc, &a);
}

int hostfs_setattr(struct inode *inode, const struct iattr *attr)
{
	int err;

	if (inode->sb->readonly)
		return -EROFS;
	err = setattr_host(inode, attr);
	if (err)
		return err;
	if (attr->valid & ATTR_SIZE) {
		filemap_truncate(inode, attr->size);
		inode->size = attr->size;
	}
	hostfs_restamp(inode);
	return 0;
}

static void node_close(struct host_super *hs, struct host_node *n)
{
	if (n->fd < 0)
		return;
	host_close(n->fd);
	n->fd = -1;
	if (!list_empty(&n->open)) {
		list_remove(&n->open);
		hs->open_count--;
	}
}

static void node_opened(struct host_super *hs, struct host_node *n)
{
	struct host_node *last;

	list_push_front(&hs->open_nodes, &n->open);
	if (++hs->open_count <= HOSTFS_FDS_MAX)
		return;
	last = list_last(&hs->open_nodes, struct host_node, open);
	if (last->removed) { /* its only way to the content: it leaves the list instead */
		list_remove(&last->open);
		hs->open_count--;
		return;
	}
	node_close(hs, last);
}

static int open_mode(struct inode *inode, bool write)
{
	const char *path = hostfs_path(inode, NULL, 0);
	int fd;

	if (!path)
		return -ENAMETOOLONG;
	if (!write)
		return host_open(path, O_RDONLY | O_NOFOLLOW, 0);
	fd = host_open(path, O_RDWR | O_NOFOLLOW, 0);
	return fd == -EACCES ? host_open(path, O_WRONLY | O_NOFOLLOW, 0) : fd;
}

int hostfs_fd(struct inode *inode, bool write)
{
	struct host_super *hs = host_super(inode->sb);
	struct host_node *n = host_node(inode);
	int fd;

	if (n->fd >= 0 && (n->fd_write || !write)) {
		if (!list_empty(&n->open)) {
			list_remove(&n->open);
			list_push_front(&hs->open_nodes, &n->open);
		}
		return n->fd;
	}
	if (n->removed)
		return n->fd >= 0 ? -EACCES : -ESTALE;
	fd = open_mode(inode, write);
	if (fd < 0)
		return fd;
	node_close(hs, n);
	n->fd = fd;
	n->fd_write = write;
	node_opened(hs, n);
	return fd;
}

void hostfs_adopt_fd(struct inode *inode, int fd)
{
	struct host_super *hs = host_super(inode->sb);
	struct host_node *n = host_node(inode);

	node_close(hs, n);
	n->fd = fd;
	n->fd_write = true;
	node_opened(hs, n);
}

void hostfs_evict(struct inode *inode)
{
	struct host_node *n = host_node(inode);

	if (!n)
		return;
	node_close(host_super(inode->sb), n);
	list_remove(&n->hash);
	if (n->parent)
		inode_put(n->parent);
	kfree(n->target);
	kfree(n->name);
	kfree(n);
	inode->priv = NULL;
}
