/* tree.c: the file system over the tables: lookup, listing, reading. See procfs.h.
 *
 * A node remembers numbers, not pointers: process and thread are looked up at each use and compared with
 * the start time seen first, so a reused number is not mistaken for the old process. */
#include "fs/procfs/procfs.h"

#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fs.h"

#define NUMBERED 1000 /* listing position of number 0 */
#define NUMBER_MAX 0x7fffff00
#define WRITE_MAX 4095UL

struct proc_node {
	const struct proc_entry *entry;
	kpid_t pid, tid; /* 0: none */
	uint64_t start;  /* of the process */
	int fd;
};

static const struct inode_ops proc_inode_ops, proc_magic_ops;
static const struct file_ops proc_file_ops, proc_poll_ops, proc_dir_ops;

/* file.priv */
struct proc_file {
	struct text text; /* first */
	uint64_t seen;    /* entry->poll */
};

static uint64_t node_ino(const struct proc_node *n)
{
	uint64_t h = (uint64_t)(uintptr_t)n->entry;

	h = (h ^ (uint64_t)n->pid << 32 ^ (uint64_t)n->tid ^ n->start << 8) * 0x9e3779b97f4a7c15UL;
	h = (h ^ h >> 31 ^ (uint64_t)(n->fd + 1)) * 0xbf58476d1ce4e5b9UL;
	return (h >> 20) + 1;
}

/* -ESRCH if the process or thread is gone. */
static int node_at(const struct proc_node *n, struct proc_at *at)
{
	*at = (struct proc_at){ .fd = n->fd, .of_thread = n->tid != 0 };
	if (!n->pid)
		return 0;
	at->process = process_find(n->pid);
	if (!at->process || at->process->start_time != n->start)
		return -ESRCH;
	if (n->tid)
		at->thread = thread_find(n->tid);
	else if (at->process->leader)
		at->thread = at->process->leader;
	else if (!list_empty(&at->process->threads))
		at->thread = list_first(&at->process->threads, struct thread, in_process);
	return n->tid && (!at->thread || at->thread->process != at->process) ? -ESRCH : 0;
}

static int inode_at(const struct inode *inode, struct proc_at *at)
{
	return node_at(inode->priv, at);
}

/* As ptrace(2) would allow reading: same user, or the right to. */
static bool may_inspect(const struct process *p)
{
	const struct process *me = current_process();
	const struct cred *c;

	if (!me || !p || me == p)
		return true;
	c = &me->cred;
	if (p->dumpable && c->fsuid == p->cred.uid && c->fsuid == p->cred.euid && c->fsuid == p->cred.suid &&
	    c->fsgid == p->cred.gid && c->fsgid == p->cred.egid && c->fsgid == p->cred.sgid)
		return true;
	return capable(CAP_SYS_PTRACE);
}

int procfs_dir_process(const struct file *f, struct process **out)
{
	const struct proc_node *n;
	struct proc_at at;

	if (!f->inode || f->inode->fops != &proc_dir_ops)
		return -EBADF;
	n = f->inode->priv;
	if (n->entry->children != pid_entries || n->tid)
		return -EBADF;
	if (node_at(n, &at))
		return -ESRCH;
	*out = at.process;
	return 0;
}

static void own_as_process(struct inode *i, const struct process *p)
{
	bool hidden = p && !p->dumpable && !S_ISDIR(i->mode);

	i->uid = p && !hidden ? p->cred.euid : 0;
	i->gid = p && !hidden ? p->cred.egid : 0;
}

static int make_inode(struct super_block *sb, const struct proc_entry *e, const struct proc_at *at, struct inode **out)
{
	struct proc_node *n = kzalloc(sizeof(*n));
	struct inode *i = n ? inode_alloc(sb, e->mode) : NULL;

	if (!i) {
		kfree(n);
		return -ENOMEM;
	}
	*n = (struct proc_node){ .entry = e, .fd = at->fd };
	if (at->process) {
		n->pid = at->process->pid;
		n->start = at->process->start_time;
		n->tid = at->of_thread && at->thread ? at->thread->tid : 0;
	}
	i->priv = n;
	i->ino = node_ino(n);
	i->nlink = S_ISDIR(e->mode) ? 2 : 1;
	i->ops = e->follow ? &proc_magic_ops : &proc_inode_ops;
	i->fops = S_ISDIR(e->mode) ? &proc_dir_ops : e->poll ? &proc_poll_ops : &proc_file_ops;
	own_as_process(i, at->process);
	*out = i;
	return 0;
}

static void proc_evict(struct inode *inode)
{
	kfree(inode->priv);
}

static bool entry_visible(const struct proc_entry *e, const struct proc_at *at)
{
	return !S_ISDIR(e->mode) || !e->dir || !at->process || at->process->files || e->dir == &task_dir;
}

static int name_number(const struct proc_entry *e, const char *name)
{
	size_t skip = e->prefix ? strlen(e->prefix) : 0;
	uint64_t n;

	if (skip && strncmp(name, e->prefix, skip) != 0)
		return -1;
	name += skip;
	if (!str_to_u64(name, NUMBER_MAX, &n) || (name[0] == '0' && name[1]))
		return -1;
	return (int)n;
}

static int proc_lookup(struct inode *dir, const char *name, struct inode **out)
{
	const struct proc_entry *e = ((struct proc_node *)dir->priv)->entry, *child;
	struct proc_at at;
	int number, err = inode_at(dir, &at);

	if (err)
		return -ENOENT;
	for (child = e->children; child && child->name; child++) {
		if (strcmp(child->name, name) == 0 && entry_visible(child, &at))
			return make_inode(dir->sb, child, &at, out);
	}
	number = e->dir ? name_number(e, name) : -1;
	if (number < 0)
		return -ENOENT;
	if (e->inspect && !may_inspect(at.process))
		return -EACCES;
	child = e->dir->child(&at, number);
	return child ? make_inode(dir->sb, child, &at, out) : -ENOENT;
}

static bool proc_revalidate(struct inode *inode)
{
	const struct proc_node *n = inode->priv;
	struct proc_at at;

	if (!n->pid)
		return true;
	if (node_at(n, &at))
		return false;
	if (n->fd >= 0 && (!proc_files(&at) || !fdtable_lookup(proc_files(&at), n->fd)))
		return false;
	own_as_process(inode, at.process);
	return true;
}

static int link_check(struct inode *inode, struct proc_at *at)
{
	const struct proc_node *n = inode->priv;
	int err = node_at(n, at);

	if (err)
		return -ENOENT;
	return n->entry->inspect && !may_inspect(at->process) ? -EACCES : 0;
}

static ssize_t proc_readlink(struct inode *inode, char *buf, size_t size)
{
	const struct proc_entry *e = ((struct proc_node *)inode->priv)->entry;
	struct text text = { 0 };
	struct proc_at at;
	ssize_t n = link_check(inode, &at);

	if (n)
		return n;
	if (!e->target)
		return -EINVAL;
	n = e->target(&text, &at);
	if (!n)
		n = text.failed ? -ENOMEM : (ssize_t)MIN(size, text.len);
	if (n > 0)
		memcpy(buf, text.buf, (size_t)n);
	text_free(&text);
	return n;
}

static int proc_follow(struct inode *inode, struct path *out)
{
	const struct proc_entry *e = ((struct proc_node *)inode->priv)->entry;
	struct proc_at at;
	int err = link_check(inode, &at);

	return err ? err : e->follow(&at, out);
}

static int proc_setattr(struct inode *inode, const struct iattr *attr)
{
	(void)inode;
	return attr->valid & (ATTR_MODE | ATTR_UID | ATTR_GID) ? -EPERM : 0; /* O_TRUNC is fine */
}

/* Names that do not exist cannot: it is the lookup that fails. */
static int proc_create(struct inode *dir, const char *name, uint32_t mode, uint64_t rdev, struct inode **out)
{
	(void)dir, (void)name, (void)mode, (void)rdev, (void)out;
	return -ENOENT;
}

static int proc_symlink(struct inode *dir, const char *name, const char *target, struct inode **out)
{
	(void)dir, (void)name, (void)target, (void)out;
	return -ENOENT;
}

static const struct inode_ops proc_inode_ops = {
	.lookup = proc_lookup, .create = proc_create, .symlink = proc_symlink, .readlink = proc_readlink,
	.setattr = proc_setattr, .evict = proc_evict, .revalidate = proc_revalidate,
};
/* A link of a kind of its own: the VFS calls follow wherever it is there. */
static const struct inode_ops proc_magic_ops = {
	.readlink = proc_readlink, .follow = proc_follow, .setattr = proc_setattr, .evict = proc_evict,
	.revalidate = proc_revalidate,
};

/* ---- listing ---- */

static int list_entries(const struct proc_entry *e, const struct proc_at *at, struct dir_context *ctx)
{
	const struct proc_entry *c;
	loff_t i = 1;

	for (c = e->children; c && c->name; c++, i++) {
		if (i < ctx->pos)
			continue;
		if (entry_visible(c, at) && !ctx->emit(ctx, c->name, strlen(c->name), (uint64_t)(uintptr_t)c >> 3,
						       MODE_TO_DT(c->mode)))
			return 1;
		ctx->pos = i + 1;
	}
	return 0;
}

static void list_numbers(const struct proc_entry *e, const struct proc_at *at, struct dir_context *ctx)
{
	char name[32];
	int n;

	if (ctx->pos < NUMBERED)
		ctx->pos = NUMBERED;
	while (ctx->pos <= NUMBER_MAX && (n = e->dir->next(at, (int)(ctx->pos - NUMBERED))) >= 0) {
		struct proc_at child_at = *at;
		const struct proc_entry *c = e->dir->child(&child_at, n);
		size_t len = (size_t)snprintf(name, sizeof(name), "%s%d", e->prefix ? e->prefix : "", n);

		ctx->pos = (loff_t)n + NUMBERED;
		if (c && !ctx->emit(ctx, name, len, (uint64_t)n + NUMBERED, MODE_TO_DT(c->mode)))
			return;
		ctx->pos++;
	}
}

static int proc_iterate(struct file *f, struct dir_context *ctx)
{
	const struct proc_entry *e = ((struct proc_node *)f->inode->priv)->entry;
	struct proc_at at;

	if (inode_at(f->inode, &at))
		return -ENOENT;
	if (e->inspect && !may_inspect(at.process))
		return -EACCES;
	if (list_entries(e, &at, ctx) == 0 && e->dir)
		list_numbers(e, &at, ctx);
	return 0;
}

static loff_t proc_lseek(struct file *f, loff_t off, int whence)
{
	if (whence == SEEK_CUR)
		off += f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	return off < 0 ? -EINVAL : (f->pos = off);
}

static const struct file_ops proc_dir_ops = { .name = "proc-dir", .iterate = proc_iterate, .lseek = proc_lseek };

/* ---- files ---- */

static int proc_open(struct inode *inode, struct file *f)
{
	const struct proc_entry *e = ((struct proc_node *)inode->priv)->entry;
	struct proc_at at;

	if (inode_at(inode, &at))
		return -ENOENT;
	if (e->inspect && !may_inspect(at.process))
		return -EACCES;
	if (file_writable(f) && !e->store && !e->number)
		return -EACCES;
	f->priv = kzalloc(sizeof(struct proc_file));
	if (f->priv && e->poll)
		(void)e->poll(&((struct proc_file *)f->priv)->seen, NULL);
	return f->priv ? 0 : -ENOMEM;
}

static void proc_release(struct file *f)
{
	text_free(f->priv);
	kfree(f->priv);
}

/* A number no one has set, and that none may be set to, is -1. */
static int show_number(struct text *out, const struct proc_entry *e)
{
	if (*e->number > e->max && *e->number == UINT64_MAX)
		text_printf(out, "-1\n");
	else
		text_printf(out, "%lu\n", *e->number);
	return 0;
}

static ssize_t store_number(const struct proc_entry *e, char *buf, size_t n)
{
	uint64_t v;

	while (*buf == ' ')
		buf++;
	for (char *end = buf + strlen(buf); end > buf && (end[-1] == '\n' || end[-1] == ' '); end--)
		end[-1] = 0;
	if (!str_to_u64(buf, e->max, &v) || v < e->min)
		return -EINVAL;
	*e->number = v;
	return (ssize_t)n;
}

static int content_make(struct inode *inode, struct text *text)
{
	const struct proc_entry *e = ((struct proc_node *)inode->priv)->entry;
	struct proc_at at;
	int err = inode_at(inode, &at);

	if (err)
		return err;
	text->len = 0;
	text->failed = false;
	if (at.process)
		process_get(at.process);
	err = e->number ? show_number(text, e) : e->show ? e->show(text, &at) : -EINVAL;
	if (at.process)
		process_put(at.process);
	return !err && text->failed ? -ENOMEM : err;
}

static ssize_t proc_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	const struct proc_entry *e = ((struct proc_node *)f->inode->priv)->entry;
	struct text *text = f->priv;
	struct proc_at at;
	ssize_t n;

	if (e->read)
		return inode_at(f->inode, &at) ? -ESRCH : e->read(&at, to, pos);
	n = *pos == 0 || !text->buf ? content_make(f->inode, text) : 0;

	if (n || (uint64_t)*pos >= text->len)
		return n;
	n = copy_to_iter(text->buf + *pos, MIN(to->count, text->len - (size_t)*pos), to);
	if (n > 0)
		*pos += n;
	return n;
}

static ssize_t proc_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	const struct proc_entry *e = ((struct proc_node *)f->inode->priv)->entry;
	size_t count = from->count;
	struct proc_at at;
	ssize_t n;
	char *buf;

	(void)pos;
	if (count > WRITE_MAX)
		return -EINVAL;
	buf = kmalloc(count + 1);
	if (!buf)
		return -ENOMEM;
	n = copy_from_iter(buf, count, from);
	if (n == (ssize_t)count) {
		buf[n] = 0;
		n = inode_at(f->inode, &at) ? -ESRCH : e->number ? store_number(e, buf, count) : e->store(&at, buf, count);
	} else if (n >= 0) {
		n = -EFAULT;
	}
	kfree(buf);
	return n;
}

static long proc_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	const struct proc_entry *e = ((struct proc_node *)f->inode->priv)->entry;
	struct proc_at at;

	if (!e->ioctl)
		return -ENOIOCTLCMD;
	return inode_at(f->inode, &at) ? -ESRCH : e->ioctl(&at, cmd, arg);
}

static const struct file_ops proc_file_ops = {
	.name = "proc", .open = proc_open, .release = proc_release, .read = proc_read, .write = proc_write,
	.lseek = proc_lseek, .ioctl = proc_ioctl,
};

static unsigned proc_poll(struct file *f, struct poll_table *pt)
{
	struct proc_file *p = f->priv;

	return ((struct proc_node *)f->inode->priv)->entry->poll(&p->seen, pt);
}

/* Those that say when they change; others cannot be watched. */
static const struct file_ops proc_poll_ops = {
	.name = "proc", .open = proc_open, .release = proc_release, .read = proc_read, .write = proc_write,
	.lseek = proc_lseek, .ioctl = proc_ioctl, .poll = proc_poll,
};

int proc_super_create(const char *fstype, const struct proc_entry *root, struct super_block **out)
{
	static const struct proc_at nobody = { .fd = -1 };
	struct super_block *sb = super_alloc(fstype, NULL, NULL);
	struct inode *inode;
	int err;

	if (!sb)
		return -ENOMEM;
	sb->dcache_off = true;
	err = make_inode(sb, root, &nobody, &inode);
	if (!err)
		err = super_set_root(sb, inode);
	if (err)
		super_put(sb);
	*out = sb;
	return err;
}
