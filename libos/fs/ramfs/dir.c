/* dir.c: a directory in memory: names in a hash table, and in a list by position for readdir.
 *
 * Positions only grow, so a reader that stopped somewhere goes on there whatever came or went
 * meanwhile. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/ramfs/ramfs.h"
#include "linux/fs.h"

void ram_dir_init(struct ram_dir *d)
{
	list_init(&d->order);
	d->next_pos = 1;
}

struct ram_entry *ram_dir_find(const struct ram_dir *d, const char *name)
{
	size_t len = strlen(name);
	uint32_t hash = dentry_name_hash(name, len);
	struct ram_entry *e;

	if (!d->nbuckets)
		return NULL;
	for (e = d->buckets[hash & (d->nbuckets - 1)]; e; e = e->hash_next) {
		if (e->hash == hash && e->len == len && !memcmp(e->name, name, len))
			return e;
	}
	return NULL;
}

struct ram_entry *ram_entry_alloc(const char *name)
{
	size_t len = strlen(name);
	struct ram_entry *e = kzalloc(sizeof(*e) + len + 1);

	if (!e)
		return NULL;
	memcpy(e->name, name, len + 1);
	e->len = (uint8_t)len;
	e->hash = dentry_name_hash(name, len);
	list_init(&e->order);
	return e;
}

static void bucket_insert(struct ram_dir *d, struct ram_entry *e)
{
	struct ram_entry **head = &d->buckets[e->hash & (d->nbuckets - 1)];

	e->hash_next = *head;
	*head = e;
}

static bool dir_grow(struct ram_dir *d)
{
	size_t n = d->nbuckets ? d->nbuckets * 4 : 8;
	struct ram_entry **buckets = kzalloc(n * sizeof(*buckets)), *e;

	if (!buckets)
		return d->nbuckets != 0;
	kfree(d->buckets);
	d->buckets = buckets;
	d->nbuckets = n;
	list_for_each(e, &d->order, order) bucket_insert(d, e);
	return true;
}

void ram_dir_insert(struct ram_dir *d, struct ram_entry *e, struct inode *inode)
{
	e->inode = inode;
	e->pos = d->next_pos++;
	bucket_insert(d, e);
	list_push_back(&d->order, &e->order);
	d->count++;
}

bool ram_dir_room(struct ram_dir *d)
{
	return d->count < 2 * d->nbuckets || dir_grow(d);
}

void ram_dir_remove(struct ram_dir *d, struct ram_entry *e)
{
	struct ram_entry **link = &d->buckets[e->hash & (d->nbuckets - 1)];

	while (*link != e)
		link = &(*link)->hash_next;
	*link = e->hash_next;
	list_remove(&e->order);
	d->count--;
	kfree(e);
}

static void splice_entries(struct ram_dir *to, struct ram_dir *from)
{
	struct ram_entry *e;

	while (!list_empty(&from->order)) {
		e = list_first(&from->order, struct ram_entry, order);
		list_remove(&e->order);
		list_push_back(&to->order, &e->order);
	}
}

void ram_dir_destroy(struct ram_dir *d)
{
	struct ram_entry *e;

	kfree(d->buckets);
	d->buckets = NULL;
	d->nbuckets = 0;
	while (!list_empty(&d->order)) {
		e = list_first(&d->order, struct ram_entry, order);
		list_remove(&e->order);
		if (S_ISDIR(e->inode->mode) && e->inode->ref == 1)
			splice_entries(d, &ram_node(e->inode)->dir);
		inode_put(e->inode);
		kfree(e);
	}
}

int ram_dir_iterate(struct file *f, struct dir_context *ctx)
{
	struct ram_dir *d = &ram_node(f->inode)->dir;
	struct ram_entry *e;

	list_for_each(e, &d->order, order)
	{
		if (e->pos < ctx->pos)
			continue;
		if (!ctx->emit(ctx, e->name, e->len, e->inode->ino, MODE_TO_DT(e->inode->mode)))
			return 0;
		ctx->pos = e->pos + 1;
	}
	return 0;
}
