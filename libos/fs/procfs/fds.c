/* fds.c: /proc/PID/fd and fdinfo. */
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/procfs/procfs.h"
#include "linux/errno.h"

#define FDINFO_EXTRA 4096UL

static struct file *at_file(const struct proc_at *at)
{
	struct fdtable *files = proc_files(at);

	return files ? fdtable_lookup(files, at->fd) : NULL;
}

static int follow_fd(const struct proc_at *at, struct path *out)
{
	struct file *f = at_file(at);

	return f ? file_magic_path(f, out) : -ENOENT;
}

/* Files without a name in the tree are shown by kind and number. */
static void anonymous_name(struct text *out, const struct file *f)
{
	uint32_t type = f->inode ? f->inode->mode & S_IFMT : 0;

	if (type == S_IFIFO)
		text_printf(out, "pipe:[%lu]", f->inode->ino);
	else if (type == S_IFSOCK)
		text_printf(out, "socket:[%lu]", f->inode->ino);
	else if (type)
		text_printf(out, "%s:[%lu]", f->ops->name, f->inode->ino);
	else
		text_printf(out, "anon_inode:[%s]", f->ops->name);
}

static int target_fd(struct text *out, const struct proc_at *at)
{
	struct file *f = at_file(at);

	if (!f)
		return -ENOENT;
	if (f->path.dentry)
		return text_path(out, &f->path);
	anonymous_name(out, f);
	return 0;
}

static void extra_info(struct text *out, struct file *f)
{
	char *buf = f->ops->show_fdinfo ? kmalloc(FDINFO_EXTRA) : NULL;

	if (!buf)
		return;
	text_add(out, buf, MIN(f->ops->show_fdinfo(f, buf, FDINFO_EXTRA), FDINFO_EXTRA - 1));
	kfree(buf);
}

static int show_fdinfo(struct text *out, const struct proc_at *at)
{
	struct file *f = at_file(at);
	unsigned flags;

	if (!f)
		return -ENOENT;
	flags = f->flags | (fdtable_cloexec(proc_files(at), at->fd) ? O_CLOEXEC : 0);
	text_printf(out, "pos:\t%lld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n", (long long)f->pos, flags,
		    f->path.mnt ? f->path.mnt->id : 0, f->inode ? f->inode->ino : 0);
	extra_info(out, f);
	return 0;
}

static int fd_next(const struct proc_at *at, int from)
{
	struct fdtable *files = proc_files(at);

	return files ? fdtable_next(files, from) : -1;
}

/* Owner's bits say how it is open, as ls -l of it shows. */
static const struct proc_entry fd_links[] = {
	{ .name = "fd", .mode = S_IFLNK | 0300, .follow = follow_fd, .target = target_fd, .inspect = true },
	{ .name = "fd", .mode = S_IFLNK | 0500, .follow = follow_fd, .target = target_fd, .inspect = true },
	{ .name = "fd", .mode = S_IFLNK | 0700, .follow = follow_fd, .target = target_fd, .inspect = true },
	{ .name = "fd", .mode = S_IFLNK | 0100, .follow = follow_fd, .target = target_fd, .inspect = true },
};

static const struct proc_entry *fd_child(struct proc_at *at, int number)
{
	struct file *f;

	at->fd = number;
	f = at_file(at);
	if (!f)
		return NULL;
	if (file_readable(f))
		return &fd_links[file_writable(f) ? 2 : 1];
	return &fd_links[file_writable(f) ? 0 : 3];
}

static const struct proc_entry fdinfo_entry = {
	.name = "fdinfo", .mode = S_IFREG | 0400, .show = show_fdinfo, .inspect = true,
};

static const struct proc_entry *fdinfo_child(struct proc_at *at, int number)
{
	at->fd = number;
	return at_file(at) ? &fdinfo_entry : NULL;
}

const struct proc_dir fd_dir = { fd_next, fd_child };
const struct proc_dir fdinfo_dir = { fd_next, fdinfo_child };
