/* node.c: union inodes: made by lookup, found again by their real inode, kept while they hold
 * state. */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/unionfs/union.h"
#include "linux/errno.h"

static const struct inode *key_of(const struct union_node *n)
{
	return n->upper ? n->upper : n->lower;
}

static struct list *bucket_of(struct super_block *sb, const struct inode *real)
{
	uint64_t mix = ((uint64_t)(uintptr_t)real >> 4) * 0x9e3779b97f4a7c15UL;

	return &union_super(sb)->buckets[mix >> 52];
}

struct inode *union_cached(struct super_block *sb, const struct inode *real)
{
	struct union_node *n;
	struct list *b = bucket_of(sb, real);

	list_for_each(n, b, hash)
	{
		if (key_of(n) == real && !n->gone)
			return n->inode;
	}
	return NULL;
}

static void union_rehash(struct union_node *n)
{
	list_remove(&n->hash);
	list_push_front(bucket_of(n->inode->sb, key_of(n)), &n->hash);
}

void union_pin(struct inode *i)
{
	struct union_node *n = union_node(i);

	if (n->pinned)
		return;
	n->pinned = true;
	inode_get(i);
}

void union_unpin(struct inode *i)
{
	struct union_node *n = union_node(i);

	if (!n->pinned)
		return;
	n->pinned = false;
	inode_put(i);
}

void union_sync(struct inode *i)
{
	const struct union_node *n = union_node(i);
	const struct inode *real = union_real(i);

	i->mode = real->mode;
	i->nlink = n->gone ? 0 : real->nlink;
	i->uid = real->uid;
	i->gid = real->gid;
	i->rdev = real->rdev;
	i->size = inode_content((struct inode *)real)->size;
	i->atime = real->atime;
	i->mtime = real->mtime;
	i->ctime = real->ctime;
	i->btime = real->btime;
}

/* Regular files read through the real inode's pages. */
static void set_data(struct inode *i)
{
	struct inode *old = i->data;

	if (!S_ISREG(i->mode))
		return;
	i->data = inode_get(union_real(i));
	i->version++;
	if (old)
		inode_put(old);
}

static void set_ops(struct inode *i)
{
	bool dir = S_ISDIR(i->mode);

	i->ops = dir ? &union_dir_ops : &union_file_ops;
	if (dir)
		i->fops = &union_dir_fops;
	else if (S_ISREG(i->mode))
		i->fops = &union_file_fops;
	else
		i->fops = union_real(i)->fops;
}

static struct inode *node_alloc(struct super_block *sb, struct inode *upper, struct inode *lower)
{
	struct union_node *n = kzalloc(sizeof(*n));
	struct inode *i = n ? inode_alloc(sb, (upper ? upper : lower)->mode) : NULL;

	if (!i) {
		kfree(n);
		return NULL;
	}
	n->inode = i;
	n->upper = upper;
	n->lower = lower;
	list_init(&n->hash);
	i->priv = n;
	/* A lower file keeps its number when it is copied up; the layers' numbers do not meet. */
	i->ino = lower ? lower->ino << 1 : upper->ino << 1 | 1;
	i->seals = (upper ? upper : lower)->seals;
	union_sync(i);
	set_ops(i);
	set_data(i);
	i->version = inode_content(i)->version;
	return i;
}

static void put_reals(struct inode *upper, struct inode *lower)
{
	if (upper)
		inode_put(upper);
	if (lower)
		inode_put(lower);
}

int union_inode(struct super_block *sb, struct inode *upper, struct inode *lower,
		struct inode *parent, const char *name, struct inode **out)
{
	struct inode *i = union_cached(sb, upper ? upper : lower);
	struct union_node *n;

	if (i) {
		put_reals(upper, lower);
		*out = inode_get(i);
		return 0;
	}
	i = node_alloc(sb, upper, lower);
	if (!i) {
		put_reals(upper, lower);
		return -ENOMEM;
	}
	n = union_node(i);
	union_rehash(n);
	if (!upper) {
		assert(parent);
		n->parent = inode_get(parent);
		n->name = kstrdup(name);
	}
	if (!upper && !n->name) {
		inode_put(i);
		return -ENOMEM;
	}
	if (upper && upper->nlink)
		union_pin(i);
	*out = i;
	return 0;
}

static void whiteouts_free(struct pagetree *t)
{
	struct whiteout *w, *next;

	for (uint64_t h = 0; (w = pagetree_next(t, &h)); h++) {
		pagetree_remove(t, h);
		for (; w; w = next) {
			next = w->next;
			kfree(w);
		}
	}
}

/* A file may be the last to hold its directory, that its own, and so on up a tree as deep as the
 * host likes: a loop, not recursion. Directories have no pages to write back, so nothing in here
 * sleeps. */
static void put_parents(struct inode *parent)
{
	static bool running;
	static struct inode *above;

	if (running) {
		above = parent;
		return;
	}
	running = true;
	while (parent) {
		above = NULL;
		inode_put(parent);
		parent = above;
	}
	running = false;
}

void union_evict(struct inode *i)
{
	struct union_node *n = union_node(i);
	struct inode *parent = n->parent;

	list_remove(&n->hash);
	whiteouts_free(&n->whiteouts);
	put_reals(n->upper, n->lower);
	kfree(n->name);
	kfree(n);
	put_parents(parent);
}

bool union_whiteout_has(const struct union_node *n, const char *name)
{
	struct whiteout *w = pagetree_get(&n->whiteouts, dentry_name_hash(name, strlen(name)));

	while (w && strcmp(w->name, name))
		w = w->next;
	return w;
}

int union_whiteout_add(struct union_node *n, const char *name)
{
	size_t len = strlen(name);
	uint32_t hash = dentry_name_hash(name, len);
	struct whiteout *w;
	int err;

	if (union_whiteout_has(n, name))
		return 0;
	w = kmalloc(sizeof(*w) + len + 1);
	if (!w)
		return -ENOMEM;
	memcpy(w->name, name, len + 1);
	w->next = pagetree_get(&n->whiteouts, hash);
	err = pagetree_set(&n->whiteouts, hash, w);
	if (err)
		kfree(w);
	return err;
}

/* *out referenced, or NULL if the lower layer shows nothing there. */
static int lower_lookup(struct union_node *dir, const char *name, struct inode **out)
{
	int err;

	*out = NULL;
	if (!dir->lower || union_whiteout_has(dir, name))
		return 0;
	err = dir->lower->ops->lookup(dir->lower, name, out);
	if (!err)
		return 0;
	*out = NULL;
	return err == -ENOENT ? 0 : err;
}

int union_lower_has(struct inode *dir, const char *name)
{
	struct inode *low;
	int err = lower_lookup(union_node(dir), name, &low);

	if (err || !low)
		return err;
	inode_put(low);
	return 1;
}

static int upper_lookup(struct union_node *dir, const char *name, struct inode **out)
{
	int err;

	*out = NULL;
	if (!dir->upper)
		return 0;
	err = dir->upper->ops->lookup(dir->upper, name, out);
	if (!err)
		return 0;
	*out = NULL;
	return err == -ENOENT ? 0 : err;
}

int union_lookup(struct inode *dir, const char *name, struct inode **out)
{
	struct union_node *n = union_node(dir);
	struct inode *up, *low = NULL;
	int err = upper_lookup(n, name, &up);

	if (err)
		return err;
	/* Known upper inodes have their lower half, if any, in memory. */
	if (!up || (S_ISDIR(up->mode) && !union_cached(dir->sb, up)))
		err = lower_lookup(n, name, &low);
	if (err) {
		put_reals(up, NULL);
		return err;
	}
	if (up && low && !S_ISDIR(low->mode)) {
		inode_put(low);
		low = NULL;
	}
	if (!up && !low)
		return -ENOENT;
	return union_inode(dir->sb, up, low, dir, name, out);
}

bool union_revalidate(struct inode *i)
{
	struct union_node *n = union_node(i);
	struct inode *low = n->lower;

	if (!low || !low->ops->revalidate || (n->upper && !S_ISDIR(i->mode)))
		return true;
	if (!low->ops->revalidate(low)) {
		if (!n->upper)
			return false;
		n->lower = NULL; /* the host took its half of a merged directory away */
		inode_put(low);
		return true;
	}
	if (!n->upper) {
		union_sync(i);
		i->version = inode_content(i)->version;
	}
	return true;
}

/* Called by copyup.c once n->upper is set. */
void union_now_upper(struct inode *i)
{
	struct union_node *n = union_node(i);
	struct inode *low = n->lower, *parent = n->parent;

	if (!S_ISDIR(i->mode))
		n->lower = NULL;
	n->parent = NULL;
	union_rehash(n);
	if (n->upper->nlink)
		union_pin(i);
	union_sync(i);
	set_ops(i);
	set_data(i);
	kfree(n->name);
	n->name = NULL;
	if (low && !n->lower)
		inode_put(low);
	if (parent)
		inode_put(parent);
}
