/* copyup.c: bringing lower files into the upper layer before they are changed.
 *
 * Content is copied into an unnamed file first and gets its name at the end, so nobody sees half a
 * file and a failure leaves nothing behind. Directories are copied without their entries. A shared
 * mapping made before goes on showing the lower file. */
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/unionfs/union.h"
#include "linux/errno.h"

static int copy_data(struct file *from, struct file *to, uint64_t size)
{
	uint64_t pos = 0;
	void *buf = page_alloc(16);
	int err = 0;

	if (!buf)
		return -ENOMEM;
	while (pos < size && !err) {
		ssize_t n = file_pread(from, buf, MIN(size - pos, 16 * PAGE_SIZE), (loff_t)pos);
		ssize_t w = n > 0 ? file_pwrite(to, buf, (size_t)n, (loff_t)pos) : n;

		if (w <= 0 || w < n)
			err = w < 0 ? (int)w : n > 0 ? -ENOSPC : 0;
		if (n <= 0)
			break; /* it became shorter meanwhile */
		pos += (uint64_t)n;
	}
	page_free(buf, 16);
	return err;
}

static int copy_content(struct inode *low, struct inode *up)
{
	struct file *from, *to;
	int err = file_open_inode(low, O_RDONLY, &from);

	if (err)
		return err;
	err = file_open_inode(up, O_WRONLY, &to);
	if (!err) {
		err = copy_data(from, to, inode_size(low));
		file_put(to);
	}
	file_put(from);
	return err;
}

static int copy_one_xattr(struct inode *low, struct inode *up, const char *name)
{
	ssize_t n = low->ops->getxattr(low, name, NULL, 0);
	void *value;
	int err;

	if (n < 0)
		return 0; /* gone again */
	value = kmalloc((size_t)n + 1);
	if (!value)
		return -ENOMEM;
	n = low->ops->getxattr(low, name, value, (size_t)n);
	err = n >= 0 ? up->ops->setxattr(up, name, value, (size_t)n, 0) : 0;
	kfree(value);
	return err;
}

static int copy_xattrs(struct inode *low, struct inode *up)
{
	ssize_t n;
	char *list;
	int err = 0;

	if (!low->ops->listxattr || !low->ops->getxattr || !up->ops->setxattr)
		return 0;
	n = low->ops->listxattr(low, NULL, 0);
	if (n <= 0)
		return 0;
	list = kmalloc((size_t)n);
	if (!list)
		return -ENOMEM;
	n = low->ops->listxattr(low, list, (size_t)n);
	for (ssize_t at = 0; at < n && !err; at += (ssize_t)strlen(list + at) + 1)
		err = copy_one_xattr(low, up, list + at);
	kfree(list);
	return err;
}

int union_copy_attrs(struct inode *low, struct inode *up)
{
	struct iattr a = {
		.valid = ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME | ATTR_MTIME,
		.mode = low->mode & 07777,
		.uid = low->uid,
		.gid = low->gid,
		.atime = low->atime,
		.mtime = low->mtime,
	};
	int err = copy_xattrs(low, up);

	if (S_ISLNK(low->mode))
		a.valid &= ~ATTR_MODE;
	return err ? err : up->ops->setattr(up, &a);
}

static int make_symlink(struct inode *dir, const char *name, struct inode *low, struct inode **out)
{
	char *target = kzalloc(PATH_MAX + 1);
	ssize_t n;
	int err;

	if (!target)
		return -ENOMEM;
	n = low->ops->readlink(low, target, PATH_MAX);
	err = n < 0 ? (int)n : dir->ops->symlink(dir, name, target, out);
	kfree(target);
	return err;
}

/* A copy without a name; up to the caller to link it. */
static int make_file(struct inode *dir, struct inode *low, struct inode **out)
{
	int err;

	if (!dir->ops->tmpfile)
		return -EROFS;
	err = dir->ops->tmpfile(dir, low->mode, out);
	if (err)
		return err;
	err = copy_content(low, *out);
	if (!err)
		err = union_copy_attrs(low, *out);
	if (err) {
		inode_put(*out);
		*out = NULL;
	}
	return err;
}

static int make_other(struct inode *dir, const char *name, struct inode *low, struct inode **out)
{
	int err;

	if (S_ISLNK(low->mode))
		err = make_symlink(dir, name, low, out);
	else
		err = dir->ops->create(dir, name, low->mode, low->rdev, out);
	if (err)
		return err;
	err = union_copy_attrs(low, *out);
	if (err) {
		(void)(S_ISDIR(low->mode) ? dir->ops->rmdir : dir->ops->unlink)(dir, name, *out);
		inode_put(*out);
		*out = NULL;
	}
	return err;
}

/* i has no upper inode, its parent has one. */
static int copy_up_one(struct inode *i)
{
	struct union_node *n = union_node(i);
	struct inode *dir = inode_get(union_node(n->parent)->upper);
	struct inode *low = inode_get(n->lower), *up = NULL;
	int err;

	if (S_ISREG(i->mode))
		err = make_file(dir, low, &up);
	else if (n->gone)
		err = -ENOENT;
	else
		err = make_other(dir, n->name, low, &up);
	/* Reading the content may have slept: somebody else may have been faster, or removed the
	 * name. */
	if (!err && S_ISREG(i->mode) && !n->upper && !n->gone)
		err = dir->ops->link(dir, n->name, up);
	if (!err && !n->upper) {
		n->upper = up;
		up = NULL;
		union_now_upper(i);
	}
	if (up)
		inode_put(up);
	inode_put(low);
	inode_put(dir);
	return err;
}

int union_copy_up(struct inode *i)
{
	int err = 0;

	inode_get(i);
	while (!err && !union_node(i)->upper) {
		struct inode *top = i;

		while (!union_node(union_node(top)->parent)->upper)
			top = union_node(top)->parent;
		inode_get(top);
		err = copy_up_one(top);
		inode_put(top);
	}
	inode_put(i);
	return err;
}
