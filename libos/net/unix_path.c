/* unix_path.c: socket files: making one, and finding one that may be connected to. */
#include "fs/inode.h"
#include "fs/namei.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "net/unix.h"

int unix_path_create(const char *name, struct path *out)
{
	uint32_t mode = S_IFSOCK | (0777 & ~current_process()->fs->umask);
	struct walk w;
	int err = walk_to_parent(&w, AT_FDCWD, name);

	if (!err)
		err = walk_new_name(&w, false, out);
	if (!err) {
		err = vfs_create(&w.at, out->dentry, mode, 0);
		if (!err && !out->dentry->inode) /* gone again at once */
			err = -ENOENT;
		if (err)
			path_put(out);
	}
	walk_end(&w);
	return err == -EEXIST ? -EADDRINUSE : err;
}

int unix_path_lookup(const char *name, struct path *out)
{
	int err = path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW, out);

	if (err)
		return err;
	err = inode_permission(out->dentry->inode, W_OK);
	if (!err && !S_ISSOCK(out->dentry->inode->mode))
		err = -ECONNREFUSED;
	if (err)
		path_put(out);
	return err;
}
