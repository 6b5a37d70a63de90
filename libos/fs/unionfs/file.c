/* file.c: open regular files of a union: each has a file of the real inode behind it, which does
 * the work.
 *
 * Opening for writing copies up first. A file opened for reading before the copy-up changes over to
 * the upper inode at its next operation, so it sees what is written from then on. */
#include "fs/unionfs/union.h"
#include "linux/errno.h"

static int union_open(struct inode *i, struct file *f)
{
	struct file *r;
	int err = file_writable(f) ? union_copy_up(i) : 0;

	if (!err)
		err = file_open_inode(union_real(i), f->flags, &r);
	if (err)
		return err;
	f->priv = r;
	union_sync(i);
	i->version = MAX(i->version, inode_content(i)->version);
	return 0;
}

static void union_release(struct file *f)
{
	file_put(f->priv);
}

/* The file behind f, brought up to date. */
static int behind(struct file *f, struct file **out)
{
	struct inode *real = union_real(f->inode);
	struct file *r = f->priv, *fresh;
	int err;

	if (r->inode != real) {
		err = file_open_inode(real, f->flags, &fresh);
		if (err)
			return err;
		f->priv = fresh;
		file_put(r);
		r = fresh;
	}
	r->flags = f->flags;
	r->pos = f->pos;
	*out = r;
	return 0;
}

/* What a write left on the real inode is what stat and append go by. */
static void show_changes(struct file *f)
{
	struct inode *i = f->inode;
	struct inode *real = union_real(i);

	i->size = inode_size(i);
	i->mtime = real->mtime;
	i->ctime = real->ctime;
	i->version++;
}

static ssize_t union_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct file *r;
	ssize_t n = behind(f, &r);

	if (n)
		return n;
	file_get(r);
	n = r->ops->read(r, to, pos);
	f->inode->size = inode_size(f->inode);
	file_put(r);
	return n;
}

static ssize_t union_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct file *r;
	ssize_t n = behind(f, &r);

	if (n)
		return n;
	if (!r->ops->write)
		return -EINVAL;
	file_get(r);
	n = r->ops->write(r, from, pos);
	show_changes(f);
	file_put(r);
	return n;
}

static loff_t union_lseek(struct file *f, loff_t off, int whence)
{
	struct file *r;
	int err = behind(f, &r);

	if (err)
		return err;
	if (!r->ops->lseek)
		return -ESPIPE;
	off = r->ops->lseek(r, off, whence);
	if (off >= 0)
		f->pos = off;
	return off;
}

static int union_fsync(struct file *f, bool data_only)
{
	struct file *r;
	int err = behind(f, &r);

	if (err || !r->ops->fsync)
		return err;
	file_get(r);
	err = r->ops->fsync(r, data_only);
	file_put(r);
	return err;
}

static int union_fallocate(struct file *f, int mode, loff_t off, loff_t len)
{
	struct file *r;
	int err = behind(f, &r);

	if (err)
		return err;
	if (!r->ops->fallocate)
		return -EOPNOTSUPP;
	file_get(r);
	err = r->ops->fallocate(r, mode, off, len);
	show_changes(f);
	file_put(r);
	return err;
}

static long union_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	struct file *r;
	int err = behind(f, &r);

	if (err)
		return err;
	return r->ops->ioctl ? r->ops->ioctl(r, cmd, arg) : -ENOIOCTLCMD;
}

const struct file_ops union_file_fops = {
	.name = "union",
	.open = union_open,
	.release = union_release,
	.read = union_read,
	.write = union_write,
	.lseek = union_lseek,
	.fsync = union_fsync,
	.fallocate = union_fallocate,
	.ioctl = union_ioctl,
};
