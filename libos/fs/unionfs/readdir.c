/* readdir.c: listing a merged directory: a snapshot of both layers, taken when reading starts at 0.
 *
 * Upper names come first; lower ones follow unless the upper layer has the name or a whiteout hides
 * it. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/unionfs/union.h"
#include "linux/errno.h"

struct snap_entry {
	struct snap_entry *hash_next;
	uint64_t ino;
	uint8_t type, len;
	char name[];
};

#define SNAP_BUCKETS 1024

struct snapshot {
	struct dir_context ctx; /* while it is filled */
	struct inode *dir;
	bool lower; /* which layer is being read */
	bool no_memory;
	struct snap_entry **entries;
	size_t count, room;
	struct snap_entry *buckets[SNAP_BUCKETS];
};

static struct snap_entry **snap_bucket(struct snapshot *s, const char *name, size_t len)
{
	return &s->buckets[dentry_name_hash(name, len) % SNAP_BUCKETS];
}

static bool snap_has(struct snapshot *s, const char *name, size_t len)
{
	struct snap_entry *e = *snap_bucket(s, name, len);

	while (e && (e->len != len || memcmp(e->name, name, len)))
		e = e->hash_next;
	return e;
}

static bool snap_room(struct snapshot *s)
{
	size_t room = s->room ? 2 * s->room : 32;
	void *p;

	if (s->count < s->room)
		return true;
	p = krealloc(s->entries, room * sizeof(*s->entries));
	if (!p)
		return false;
	s->entries = p;
	s->room = room;
	return true;
}

static bool snap_add(struct snapshot *s, const char *name, size_t len, uint64_t ino, unsigned type)
{
	struct snap_entry *e = snap_room(s) ? kmalloc(sizeof(*e) + len + 1) : NULL;
	struct snap_entry **bucket = snap_bucket(s, name, len);

	if (!e) {
		s->no_memory = true;
		return false;
	}
	*e = (struct snap_entry){
		.hash_next = *bucket, .ino = ino, .type = (uint8_t)type, .len = (uint8_t)len};
	memcpy(e->name, name, len);
	e->name[len] = 0;
	*bucket = e;
	s->entries[s->count++] = e;
	return true;
}

/* The number stat shows: copied-up files keep the lower one. */
static uint64_t upper_ino(struct snapshot *s, const char *name, uint64_t ino)
{
	struct inode *upper = union_node(s->dir)->upper, *real, *shown;

	if (upper->ops->lookup(upper, name, &real))
		return ino << 1 | 1;
	shown = union_cached(s->dir->sb, real);
	ino = shown ? shown->ino : real->ino << 1 | 1;
	inode_put(real);
	return ino;
}

static bool snap_emit(struct dir_context *ctx, const char *name, size_t len, uint64_t ino,
		      unsigned type)
{
	struct snapshot *s = container_of(ctx, struct snapshot, ctx);
	char terminated[NAME_MAX + 1];

	if (len > NAME_MAX || (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'))))
		return true;
	memcpy(terminated, name, len);
	terminated[len] = 0;
	if (!s->lower)
		return snap_add(s, name, len, upper_ino(s, terminated, ino), type);
	if (union_whiteout_has(union_node(s->dir), terminated) || snap_has(s, name, len))
		return true;
	return snap_add(s, name, len, ino << 1, type);
}

static int snap_layer(struct snapshot *s, struct inode *real)
{
	struct file *f;
	loff_t before;
	int err;

	if (!real)
		return 0;
	err = file_open_inode(real, O_RDONLY | O_DIRECTORY, &f);
	if (err)
		return err;
	s->ctx.pos = 0;
	do { /* a fs may stop early; it is done when it makes no progress */
		before = s->ctx.pos;
		err = f->ops->iterate(f, &s->ctx);
	} while (!err && !s->no_memory && s->ctx.pos != before);
	file_put(f);
	return s->no_memory ? -ENOMEM : err;
}

static void snap_free(struct snapshot *s)
{
	if (!s)
		return;
	for (size_t k = 0; k < s->count; k++)
		kfree(s->entries[k]);
	kfree(s->entries);
	kfree(s);
}

static int snap_take(struct inode *dir, struct snapshot **out)
{
	struct union_node *n = union_node(dir);
	struct snapshot *s = kzalloc(sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->dir = dir;
	s->ctx.emit = snap_emit;
	err = snap_layer(s, n->upper);
	s->lower = true;
	if (!err)
		err = snap_layer(s, n->lower);
	if (err)
		snap_free(s);
	else
		*out = s;
	return err;
}

int union_dir_empty(struct inode *dir)
{
	struct snapshot *s;
	int err = snap_take(dir, &s);

	if (err)
		return err;
	err = s->count ? -ENOTEMPTY : 0;
	snap_free(s);
	return err;
}

static int union_iterate(struct file *f, struct dir_context *ctx)
{
	struct snapshot *s = f->priv;
	int err;

	if (!s || ctx->pos == 0) {
		err = snap_take(f->inode, &s);
		if (err)
			return err;
		snap_free(f->priv);
		f->priv = s;
	}
	while ((uint64_t)ctx->pos < s->count) {
		struct snap_entry *e = s->entries[ctx->pos];

		if (!ctx->emit(ctx, e->name, e->len, e->ino, e->type))
			return 0;
		ctx->pos++;
	}
	return 0;
}

static void union_dir_release(struct file *f)
{
	snap_free(f->priv);
}

static int union_dir_fsync(struct file *f, bool data_only)
{
	(void)f;
	(void)data_only;
	return 0;
}

const struct file_ops union_dir_fops = {
	.name = "union-dir",
	.iterate = union_iterate,
	.release = union_dir_release,
	.fsync = union_dir_fsync,
};
