/* devpts.c: the numbers and names of pseudo terminals: the directory /dev/pts.
 *
 * A pty has a number and a name while its master is open. Terminals of the host that are ptys there keep their number here, so
 * it is taken. */
#include "fs/devfs/pty.h"

#include "base/string.h"
#include "fs/devfs/chrdev.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/fs.h"

#define PTY_MAX 4096u
#define PTS_MAJOR 136u
#define PTS_MODE (S_IFCHR | 0620)
#define TTY_GID 5

static struct list ptys = LIST_INIT(ptys); /* by index */
static struct inode *pts_dir;

struct pty *devpts_find(uint64_t index)
{
	struct pty *p;

	list_for_each(p, &ptys, node) {
		if (p->index == index)
			return p;
	}
	return NULL;
}

/* Minors beyond 255 continue in bit 20, as dev_t has them. */
static uint64_t pts_device(unsigned index)
{
	return MKDEV(PTS_MAJOR, 0) | (index & 0xff) | (uint64_t)(index & ~0xffu) << 12;
}

unsigned pts_index(uint64_t rdev)
{
	return (unsigned)((rdev & 0xff) | (rdev >> 12 & 0xfff00));
}

static unsigned next_free_of_host(unsigned n)
{
	while (n < PTY_MAX && host_tty_by_device(pts_device(n)))
		n++;
	return n;
}

/* The name exists now: whoever looked for it in vain must look again. */
static void names_changed(void)
{
	struct dentry *d, *tmp;

	if (!pts_dir)
		return;
	list_for_each_safe(d, tmp, &pts_dir->dentries, alias)
		dentry_invalidate(d);
}

bool devpts_add(struct pty *p)
{
	struct list *at = &ptys;
	struct pty *q;
	unsigned n = 0;

	list_for_each(q, &ptys, node) {
		n = next_free_of_host(n);
		if (q->index != n)
			break;
		at = &q->node;
		n++;
	}
	n = next_free_of_host(n);
	if (n >= PTY_MAX)
		return false;
	p->index = n;
	p->tty.device = pts_device(n);
	list_insert_after(&p->node, at);
	names_changed();
	return true;
}

void devpts_remove(struct pty *p)
{
	list_remove(&p->node);
}

void devpts_forget(struct pty *p)
{
	if (p->inode)
		inode_put(p->inode);
}

bool pty_claim_host(uint64_t device)
{
	unsigned n = pts_index(device);

	if (n >= PTY_MAX || pts_device(n) != device || devpts_find(n))
		return false;
	names_changed();
	return true;
}

/* ---- /dev/pts ---- */

static bool pts_revalidate(struct inode *inode)
{
	struct pty *p = devpts_find(pts_index(inode->rdev));

	return p && p->inode == inode;
}

static int pts_setattr(struct inode *inode, const struct iattr *a)
{
	if (a->valid & ATTR_SIZE)
		return 0;
	if (a->valid & ATTR_MODE)
		inode->mode = (inode->mode & S_IFMT) | (a->mode & 07777);
	if (a->valid & ATTR_UID)
		inode->uid = a->uid;
	if (a->valid & ATTR_GID)
		inode->gid = a->gid;
	inode_touch(inode, a->valid);
	return 0;
}

static const struct inode_ops pts_inode_ops = { .revalidate = pts_revalidate, .setattr = pts_setattr };

static struct inode *pts_inode(struct inode *dir, struct pty *p)
{
	struct inode *i;

	if (p->inode)
		return inode_get(p->inode);
	i = inode_alloc(dir->sb, PTS_MODE);
	if (!i)
		return NULL;
	i->rdev = p->tty.device;
	i->uid = p->uid;
	i->gid = TTY_GID;
	i->ops = &pts_inode_ops;
	i->fops = &pts_fops;
	p->inode = inode_get(i);
	return i;
}

static bool host_pts_revalidate(struct inode *inode)
{
	return host_tty_by_device(inode->rdev);
}

static const struct inode_ops host_pts_inode_ops = { .revalidate = host_pts_revalidate, .setattr = pts_setattr };

/* A terminal of the host: root's, as far as we can tell. */
static struct inode *host_pts_inode(struct inode *dir, uint64_t device)
{
	struct inode *i = inode_alloc(dir->sb, PTS_MODE);

	if (!i)
		return NULL;
	i->rdev = device;
	i->gid = TTY_GID;
	i->ops = &host_pts_inode_ops;
	i->fops = &host_pts_fops;
	return i;
}

static int pts_lookup(struct inode *dir, const char *name, struct inode **out)
{
	uint64_t index;
	struct pty *p;

	if (!str_to_u64(name, PTY_MAX, &index) || (name[0] == '0' && name[1]))
		return -ENOENT;
	p = devpts_find(index);
	if (!p && !host_tty_by_device(pts_device((unsigned)index)))
		return -ENOENT;
	*out = p ? pts_inode(dir, p) : host_pts_inode(dir, pts_device((unsigned)index));
	return *out ? 0 : -ENOMEM;
}

/* Position of pty N: N + 1. */
static int pts_iterate(struct file *f, struct dir_context *ctx)
{
	char name[16];

	(void)f;
	for (unsigned n = ctx->pos > 0 ? (unsigned)ctx->pos - 1 : 0; n < PTY_MAX; n++) {
		if (!devpts_find(n) && !host_tty_by_device(pts_device(n)))
			continue;
		ctx->pos = n + 1;
		if (!ctx->emit(ctx, name, (size_t)snprintf(name, sizeof(name), "%u", n), n + 3, DT_CHR))
			return 0;
		ctx->pos++;
	}
	return 0;
}

static const struct inode_ops pts_dir_ops = { .lookup = pts_lookup };
static const struct file_ops pts_dir_fops = { .name = "pts-dir", .iterate = pts_iterate, .lseek = file_lseek_regular };

void devpts_attach(struct inode *dir)
{
	dir->ops = &pts_dir_ops;
	dir->fops = &pts_dir_fops;
	pts_dir = dir;
}
