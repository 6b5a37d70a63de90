/* dcache.c: the cache of names: (parent dentry, name) -> dentry, negative answers included.
 *
 * A child holds its parent, so the cached part of a tree is always connected. A dentry nobody uses
 * (ref 0) stays hashed on the LRU list until more than DCACHE_CAP of them lie there; then the ones
 * not used since the last look (!recent) go first. Entries on the list may have been taken into use
 * again: the pruner skips and unlists those, so that taking and dropping a dentry touches no list.
 * Giant lock. */
#include "fs/dcache.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/notify.h"

#define DCACHE_BUCKETS 8192u
#define DCACHE_CAP     16384u

static struct list *buckets;
static struct list lru = LIST_INIT(lru);
static size_t lru_count, total_count;

uint32_t dentry_name_hash(const char *name, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619u;
	return h;
}

static struct list *bucket_of(const struct dentry *parent, uint32_t hash)
{
	uint64_t mix =
		((uint64_t)(uintptr_t)parent >> 5) * 0x9e3779b97f4a7c15UL ^ hash * 0x85ebca77UL;

	return &buckets[(mix ^ mix >> 29) % DCACHE_BUCKETS];
}

static bool buckets_init(void)
{
	if (buckets)
		return true;
	buckets = kmalloc(DCACHE_BUCKETS * sizeof(*buckets));
	if (!buckets)
		return false;
	for (unsigned i = 0; i < DCACHE_BUCKETS; i++)
		list_init(&buckets[i]);
	return true;
}

static void dentry_hash(struct dentry *d)
{
	list_push_front(bucket_of(d->parent, d->name_hash), &d->hash);
}

struct dentry *dentry_get(struct dentry *d)
{
	d->ref++;
	return d;
}

static void lru_remove(struct dentry *d)
{
	if (list_empty(&d->lru))
		return;
	list_remove(&d->lru);
	lru_count--;
}

/* Frees an unused dentry; the reference it held on its parent is left to the caller. */
static struct dentry *dentry_free(struct dentry *d)
{
	struct dentry *parent = d->parent == d ? NULL : d->parent;
	struct inode *inode = d->inode;

	assert(d->ref == 0 && list_empty(&d->children));
	list_remove(&d->hash);
	list_remove(&d->sibling);
	list_remove(&d->alias);
	lru_remove(d);
	if (d->name != d->inline_name)
		kfree(d->name);
	kfree(d);
	total_count--;
	if (inode) {
		notify_gone(inode);
		inode_put(inode);
	}
	return parent;
}

static bool dentry_is_cacheable(const struct dentry *d)
{
	return !d->unhashed && d->parent != d && !d->sb->dcache_off;
}

void dentry_put(struct dentry *d)
{
	while (d) {
		assert(d->ref > 0);
		if (--d->ref)
			return;
		if (dentry_is_cacheable(d)) {
			d->recent = true;
			if (!list_empty(&d->lru))
				return;
			list_push_back(&lru, &d->lru);
			if (++lru_count > DCACHE_CAP)
				dcache_prune(DCACHE_CAP - DCACHE_CAP / 8);
			return;
		}
		d = dentry_free(d);
	}
}

void dcache_prune(size_t keep)
{
	size_t budget = 2 * lru_count;

	while (lru_count > keep && budget--) {
		struct dentry *d = list_first(&lru, struct dentry, lru);

		if (d->ref) {
			lru_remove(d);
			continue;
		}
		if (d->recent && keep) {
			d->recent = false;
			list_remove(&d->lru);
			list_push_back(&lru, &d->lru);
			continue;
		}
		dentry_put(dentry_free(d));
	}
}

void dcache_drop_super(struct super_block *sb)
{
	struct dentry *d, *next;
	bool again = true;

	/* Freeing a leaf may put its parent on the list: until nothing of sb is left there. */
	while (again) {
		again = false;
		list_for_each_safe(d, next, &lru, lru)
		{
			if (d->sb != sb || d->ref)
				continue;
			dentry_put(dentry_free(d));
			again = true;
			break;
		}
	}
}

size_t dcache_count(void)
{
	return total_count;
}

static struct dentry *dentry_alloc(struct super_block *sb, const char *name, size_t len)
{
	struct dentry *d = kzalloc(sizeof(*d));

	if (!d)
		return NULL;
	d->name = len < sizeof(d->inline_name) ? d->inline_name : kmalloc(len + 1);
	if (!d->name) {
		kfree(d);
		return NULL;
	}
	memcpy(d->name, name, len);
	d->name[len] = 0;
	d->name_len = len;
	d->name_hash = dentry_name_hash(name, len);
	d->ref = 1;
	d->sb = sb;
	d->parent = d;
	list_init(&d->children);
	list_init(&d->sibling);
	list_init(&d->alias);
	list_init(&d->hash);
	list_init(&d->lru);
	total_count++;
	return d;
}

static void dentry_attach(struct dentry *d, struct dentry *parent)
{
	d->parent = dentry_get(parent);
	list_push_front(&parent->children, &d->sibling);
}

void dentry_instantiate(struct dentry *d, struct inode *inode)
{
	assert(!d->inode);
	d->inode = inode;
	list_push_front(&inode->dentries, &d->alias);
}

struct dentry *dentry_find(struct dentry *parent, const char *name, size_t len, uint32_t hash)
{
	struct list *bucket;
	struct dentry *d;

	if (!buckets)
		return NULL;
	bucket = bucket_of(parent, hash);
	list_for_each(d, bucket, hash)
	{
		if (d->name_hash == hash && d->parent == parent && d->name_len == len &&
		    !memcmp(d->name, name, len))
			return dentry_get(d);
	}
	return NULL;
}

struct dentry *dentry_add(struct dentry *parent, const char *name, size_t len, uint32_t hash,
			  struct inode *inode)
{
	struct dentry *d = dentry_find(parent, name, len, hash);

	if (d && !d->inode && inode)
		dentry_instantiate(d, inode);
	else if (d && inode)
		inode_put(inode);
	if (d)
		return d;
	d = buckets_init() ? dentry_alloc(parent->sb, name, len) : NULL;
	if (!d) {
		if (inode)
			inode_put(inode);
		return NULL;
	}
	dentry_attach(d, parent);
	dentry_hash(d);
	if (inode)
		dentry_instantiate(d, inode);
	return d;
}

struct dentry *dentry_detached(struct super_block *sb, struct dentry *parent, const char *name,
			       struct inode *inode)
{
	struct dentry *d = dentry_alloc(sb, name, MIN(strlen(name), (size_t)NAME_MAX));

	if (!d) {
		inode_put(inode);
		return NULL;
	}
	d->unhashed = true;
	if (parent)
		dentry_attach(d, parent);
	dentry_instantiate(d, inode);
	return d;
}

void dentry_unhash(struct dentry *d)
{
	list_remove(&d->hash);
	d->unhashed = true;
}

void dentry_invalidate(struct dentry *d)
{
	struct dentry *child, *next;

	dentry_get(d);
	list_for_each_safe(child, next, &d->children, sibling)
	{
		if (child->ref)
			continue;
		dentry_put(dentry_free(child));
	}
	dentry_put(d);
}

void dentry_delete(struct dentry *d)
{
	struct inode *inode = d->inode;

	dentry_invalidate(d);
	if (d->ref > 1 || !dentry_is_cacheable(d)) {
		dentry_unhash(d);
		return;
	}
	d->inode = NULL;
	list_remove(&d->alias);
	if (inode) {
		notify_gone(inode);
		inode_put(inode);
	}
}

static void swap_names(struct dentry *a, struct dentry *b)
{
	char *an = a->name == a->inline_name ? NULL : a->name;
	char *bn = b->name == b->inline_name ? NULL : b->name;
	char tmp[sizeof(a->inline_name)];
	uint32_t hash = a->name_hash;
	uint8_t len = a->name_len;

	memcpy(tmp, a->inline_name, sizeof(tmp));
	memcpy(a->inline_name, b->inline_name, sizeof(tmp));
	memcpy(b->inline_name, tmp, sizeof(tmp));
	a->name = bn ? bn : a->inline_name;
	b->name = an ? an : b->inline_name;
	a->name_hash = b->name_hash;
	b->name_hash = hash;
	a->name_len = b->name_len;
	b->name_len = len;
}

void dentry_exchange(struct dentry *a, struct dentry *b)
{
	struct dentry *pa = a->parent, *pb = b->parent;

	list_remove(&a->hash);
	list_remove(&b->hash);
	list_remove(&a->sibling);
	list_remove(&b->sibling);
	swap_names(a, b);
	a->parent = pb;
	b->parent = pa;
	list_push_front(&pb->children, &a->sibling);
	list_push_front(&pa->children, &b->sibling);
	if (!a->unhashed)
		dentry_hash(a);
	if (!b->unhashed)
		dentry_hash(b);
}

/* d took target's place: target is deleted and still says where it was (the name only if memory
 * allows). */
static void dentry_replaced(struct dentry *target, const struct dentry *d)
{
	struct dentry *stray = target->parent;
	char *name = d->name == d->inline_name ? target->inline_name : kmalloc(d->name_len + 1UL);

	dentry_unhash(target);
	target->parent = dentry_get(d->parent);
	list_remove(&target->sibling);
	list_push_front(&target->parent->children, &target->sibling);
	dentry_put(stray);
	if (!name)
		return;
	if (target->name != target->inline_name)
		kfree(target->name);
	memcpy(name, d->name, d->name_len + 1UL);
	target->name = name;
	target->name_len = d->name_len;
	target->name_hash = d->name_hash;
}

void dentry_move(struct dentry *d, struct dentry *target)
{
	if (d == target)
		return;
	dentry_exchange(d, target);
	/* target now stands at the old name, which is right if it is negative. */
	if (target->inode)
		dentry_replaced(target, d);
}

bool dentry_is_below(const struct dentry *d, const struct dentry *ancestor)
{
	for (;; d = d->parent) {
		if (d == ancestor)
			return true;
		if (d->parent == d)
			return false;
	}
}
