/* xattr.c: extended attributes kept in memory: a list per inode. Names are checked by the VFS. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/ramfs/ramfs.h"
#include "linux/errno.h"
#include "linux/fs.h"

static struct ram_xattr *xattr_find(struct inode *inode, const char *name)
{
	struct ram_xattr *x;

	list_for_each(x, &ram_node(inode)->xattrs, node)
	{
		if (!strcmp(x->name, name))
			return x;
	}
	return NULL;
}

static void xattr_free(struct ram_xattr *x)
{
	list_remove(&x->node);
	kfree(x->name);
	kfree(x->value);
	kfree(x);
}

void ram_xattr_destroy(struct ram_node *n)
{
	while (!list_empty(&n->xattrs))
		xattr_free(list_first(&n->xattrs, struct ram_xattr, node));
}

ssize_t ram_getxattr(struct inode *inode, const char *name, void *buf, size_t size)
{
	struct ram_xattr *x = xattr_find(inode, name);

	if (!x)
		return -ENODATA;
	if (!size)
		return (ssize_t)x->size;
	if (size < x->size)
		return -ERANGE;
	memcpy(buf, x->value, x->size);
	return (ssize_t)x->size;
}

int ram_setxattr(struct inode *inode, const char *name, const void *buf, size_t size, int flags)
{
	struct ram_xattr *old = xattr_find(inode, name), *x;

	if (old && (flags & XATTR_CREATE))
		return -EEXIST;
	if (!old && (flags & XATTR_REPLACE))
		return -ENODATA;
	x = kzalloc(sizeof(*x));
	if (!x)
		return -ENOMEM;
	list_init(&x->node);
	x->name = kstrdup(name);
	x->value = kmalloc(size ? size : 1);
	x->size = size;
	if (!x->name || !x->value) {
		xattr_free(x);
		return -ENOMEM;
	}
	memcpy(x->value, buf, size);
	if (old)
		xattr_free(old);
	list_push_back(&ram_node(inode)->xattrs, &x->node);
	inode->ctime = inode_now();
	return 0;
}

ssize_t ram_listxattr(struct inode *inode, char *buf, size_t size)
{
	struct ram_xattr *x;
	size_t need = 0;

	list_for_each(x, &ram_node(inode)->xattrs, node)
	{
		size_t len = strlen(x->name) + 1;

		if (size && need + len > size)
			return -ERANGE;
		if (size)
			memcpy(buf + need, x->name, len);
		need += len;
	}
	return (ssize_t)need;
}

int ram_removexattr(struct inode *inode, const char *name)
{
	struct ram_xattr *x = xattr_find(inode, name);

	if (!x)
		return -ENODATA;
	xattr_free(x);
	inode->ctime = inode_now();
	return 0;
}
