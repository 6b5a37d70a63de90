/* attr.c: attributes of union inodes: read from the real inode, written to the upper one after
 * copy-up. */
#include "fs/unionfs/union.h"
#include "linux/errno.h"

int union_getattr(struct inode *i, struct kstat *st)
{
	const struct union_node *n = union_node(i);
	int err = inode_getattr(union_real(i), st);

	if (err)
		return err;
	union_sync(i);
	st->dev = i->sb->dev;
	st->ino = i->ino;
	if (n->gone)
		st->nlink = 0;
	else if (n->upper && n->lower)
		st->nlink = 1; /* a merged directory: not known */
	return 0;
}

int union_setattr(struct inode *i, const struct iattr *attr)
{
	struct inode *up;
	int err = union_copy_up(i);

	if (err)
		return err;
	up = union_node(i)->upper;
	if (!up->ops->setattr)
		return -EPERM;
	err = up->ops->setattr(up, attr);
	union_sync(i);
	if (attr->valid & ATTR_SIZE)
		i->version++;
	return err;
}

ssize_t union_readlink(struct inode *i, char *buf, size_t size)
{
	struct inode *real = union_real(i);

	return real->ops->readlink ? real->ops->readlink(real, buf, size) : -EINVAL;
}

ssize_t union_getxattr(struct inode *i, const char *name, void *buf, size_t size)
{
	struct inode *real = union_real(i);

	/* A lower layer without attributes has none to show; set ones go to the upper layer. */
	return real->ops->getxattr ? real->ops->getxattr(real, name, buf, size) : -ENODATA;
}

int union_setxattr(struct inode *i, const char *name, const void *buf, size_t size, int flags)
{
	int err = union_copy_up(i);
	struct inode *up = union_node(i)->upper;

	if (err)
		return err;
	return up->ops->setxattr ? up->ops->setxattr(up, name, buf, size, flags) : -EOPNOTSUPP;
}

ssize_t union_listxattr(struct inode *i, char *buf, size_t size)
{
	struct inode *real = union_real(i);

	return real->ops->listxattr ? real->ops->listxattr(real, buf, size) : 0;
}

int union_removexattr(struct inode *i, const char *name)
{
	ssize_t have = union_getxattr(i, name, NULL, 0);
	struct inode *up;
	int err;

	if (have < 0)
		return (int)have;
	err = union_copy_up(i);
	up = union_node(i)->upper;
	return err ? err : up->ops->removexattr(up, name);
}
