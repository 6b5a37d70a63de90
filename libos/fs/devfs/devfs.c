/* devfs.c: /dev: a ramfs filled with the devices there are. Programs may add to it (shm_open makes files
 * in /dev/shm, mknod more nodes). /dev/pts is a directory of its own kind: see pty.c. */
#include "base/string.h"
#include "fs/devfs/chrdev.h"
#include "fs/inode.h"
#include "linux/errno.h"

static const struct device {
	const char *name;
	uint64_t rdev;
	uint32_t mode;
	const struct file_ops *fops;
} devices[] = {
	{ "null", MKDEV(1, 3), 0666, &null_fops },      { "zero", MKDEV(1, 5), 0666, &zero_fops },
	{ "full", MKDEV(1, 7), 0666, &full_fops },      { "random", MKDEV(1, 8), 0666, &random_fops },
	{ "urandom", MKDEV(1, 9), 0666, &random_fops }, { "tty", MKDEV(5, 0), 0666, &ctty_fops },
	{ "console", MKDEV(5, 1), 0600, &console_fops }, { "ptmx", MKDEV(5, 2), 0666, &ptmx_fops },
	{ "userfaultfd", MKDEV(10, 126), 0600, &userfault_fops },
};

static const char *const links[][2] = {
	{ "fd", "/proc/self/fd" },          { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },    { "stderr", "/proc/self/fd/2" },
};

const struct file_ops *chrdev_ops(uint64_t rdev)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (devices[i].rdev == rdev)
			return devices[i].fops;
	}
	return (rdev >> 8 & 0xfff) == 136 ? &pts_fops : NULL;
}

static int make_device(struct inode *root, const struct device *d)
{
	struct inode *inode;
	int err = root->ops->create(root, d->name, S_IFCHR | d->mode, d->rdev, &inode);

	if (err)
		return err;
	inode->fops = d->fops;
	inode->mode = S_IFCHR | d->mode;
	inode->rdev = d->rdev;
	inode_put(inode);
	return 0;
}

/* The directory keeps the inode; *out is borrowed from it. */
static int make_dir(struct inode *root, const char *name, uint32_t mode, struct inode **out)
{
	int err = root->ops->create(root, name, S_IFDIR | mode, 0, out);

	if (err)
		return err;
	(*out)->mode = S_IFDIR | mode;
	inode_put(*out);
	return 0;
}

static int devfs_fill(struct inode *root)
{
	struct inode *inode;
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(devices); i++)
		err = make_device(root, &devices[i]);
	for (size_t i = 0; !err && i < ARRAY_SIZE(links); i++) {
		err = root->ops->symlink(root, links[i][0], links[i][1], &inode);
		if (!err)
			inode_put(inode);
	}
	if (!err)
		err = make_dir(root, "shm", 01777, &inode);
	if (!err)
		err = make_dir(root, "mqueue", 0755, &inode);
	if (!err)
		err = make_dir(root, "pts", 0755, &inode);
	if (!err)
		devpts_attach(inode);
	return err;
}

static int devfs_mount(const char *source, const char *options, struct super_block **out)
{
	int err = ramfs_create(out);

	(void)source, (void)options;
	if (err)
		return err;
	(*out)->fstype = "devtmpfs";
	return devfs_fill((*out)->root->inode);
}

const struct fs_type devfs_type = { "devtmpfs", devfs_mount };
