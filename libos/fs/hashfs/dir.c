/* dir.c: directories and extended attributes of a hashed image. Entries are sorted, so lookup is a
 * binary search over verified bytes. A listing position is the index of the next entry. */
#include "fs/hashfs/hashfs.h"

#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "linux/fs.h"

static struct hash_purpose dir_purpose(struct inode *dir)
{
	return (struct hash_purpose){"directory", dir};
}

static bool name_ok(const char *name, size_t len)
{
	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return false;
	return !memchr(name, '/', len) && !memchr(name, 0, len);
}

/* Entry i with its name, NUL-terminated. */
static int entry_read(struct inode *dir, uint32_t i, struct image_dirent *e,
		      char name[IMAGE_NAME_MAX + 1])
{
	struct hash_super *hs = hash_super(dir->sb);
	const struct image_inode *d = &hash_node(dir)->d;
	uint64_t at = d->data + sizeof(struct image_dir) + i * sizeof(*e);
	int err = image_read(hs, at, e, sizeof(*e), dir_purpose(dir));

	if (err)
		return err;
	if (!e->name_len || e->name > d->size || e->name_len > d->size - e->name)
		return image_malformed(hs, dir_purpose(dir), "a name lies outside");
	err = image_read(hs, d->data + e->name, name, e->name_len, dir_purpose(dir));
	if (err)
		return err;
	name[e->name_len] = 0;
	if (!name_ok(name, e->name_len))
		return image_malformed(hs, dir_purpose(dir), "impossible name");
	return 0;
}

int hash_dir_lookup(struct inode *dir, const char *name, struct inode **out)
{
	uint32_t lo = 0, hi = hash_node(dir)->entries;
	char found[IMAGE_NAME_MAX + 1];
	struct image_dirent e;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int err = entry_read(dir, mid, &e, found), order;

		if (err)
			return err;
		order = strcmp(name, found);
		if (!order)
			return hash_inode(dir->sb, e.ino, dir, name, out);
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return -ENOENT;
}

static int hash_iterate(struct file *f, struct dir_context *ctx)
{
	struct inode *dir = f->inode;
	char name[IMAGE_NAME_MAX + 1];
	struct image_dirent e;

	while (ctx->pos >= 0 && ctx->pos < hash_node(dir)->entries) {
		int err = entry_read(dir, (uint32_t)ctx->pos, &e, name);

		if (err)
			return err;
		if (!ctx->emit(ctx, name, e.name_len, e.ino, e.type & 15))
			return 0;
		ctx->pos++;
	}
	return 0;
}

const struct file_ops hash_dir_fops = {.name = "hashfs-dir", .iterate = hash_iterate};

/* All attributes of inode: kmalloc'ed in *out; their size, 0 if there are none. */
static ssize_t xattrs_load(struct inode *inode, char **out)
{
	const struct image_inode *d = &hash_node(inode)->d;
	int err;

	*out = NULL;
	if (!d->xattrs_size)
		return 0;
	*out = kmalloc(d->xattrs_size);
	if (!*out)
		return -ENOMEM;
	err = image_read(hash_super(inode->sb), d->xattrs, *out, d->xattrs_size,
			 (struct hash_purpose){"attributes", inode});
	if (!err)
		return d->xattrs_size;
	kfree(*out);
	*out = NULL;
	return err;
}

/* The record at *at, which moves behind it; false at the end or if it does not fit. */
static bool xattr_next(const char *data, size_t size, size_t *at, struct image_xattr *x,
		       const char **name)
{
	if (size - *at < sizeof(*x))
		return false;
	memcpy(x, data + *at, sizeof(*x)); /* NOLINT: size is not 0 here */
	*at += sizeof(*x);
	if (x->name_len > XATTR_NAME_MAX || x->value_len > XATTR_SIZE_MAX ||
	    size - *at < x->name_len + (size_t)x->value_len)
		return false;
	*name = data + *at;
	*at += x->name_len + (size_t)x->value_len;
	return true;
}

ssize_t hash_getxattr(struct inode *inode, const char *name, void *buf, size_t size)
{
	struct image_xattr x;
	const char *found;
	char *data;
	ssize_t n = xattrs_load(inode, &data), ret = -ENODATA;

	if (n < 0)
		return n;
	for (size_t at = 0; xattr_next(data, (size_t)n, &at, &x, &found);) {
		if (x.name_len != strlen(name) || memcmp(found, name, x.name_len))
			continue;
		ret = size && size < x.value_len ? -ERANGE : (ssize_t)x.value_len;
		if (size && ret > 0)
			memcpy(buf, found + x.name_len, x.value_len);
		break;
	}
	kfree(data);
	return ret;
}

ssize_t hash_listxattr(struct inode *inode, char *buf, size_t size)
{
	struct image_xattr x;
	const char *name;
	char *data;
	ssize_t n = xattrs_load(inode, &data);
	size_t len = 0;

	if (n < 0)
		return n;
	for (size_t at = 0; xattr_next(data, (size_t)n, &at, &x, &name);) {
		if (size && len + x.name_len + 1 <= size) {
			memcpy(buf + len, name, x.name_len);
			buf[len + x.name_len] = 0;
		}
		len += x.name_len + 1u;
	}
	kfree(data);
	return size && len > size ? -ERANGE : (ssize_t)len;
}
