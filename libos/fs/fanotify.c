/* fanotify.c: fanotify(7): groups, their marks, and which of them an event concerns.
 *
 * A mark is on an inode, a mount or a whole file system. Events are those of open files (open, read, write, close), so
 * there always is a path to give to the listener; events of names, which need file handles, are not offered. A group
 * lives as long as its file, or as somebody waits for its answer. Giant lock. */
#include "fs/fanotify.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/notify.h"
#include "ipc/anonfd.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "process/process.h"
#include "syscall/define.h"

#define INIT_FLAGS                                                                                                     \
	(FAN_CLOEXEC | FAN_NONBLOCK | FAN_CLASSES | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_TID)
#define EVENT_OPEN_FLAGS \
	(O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_CLOEXEC | O_LARGEFILE | O_NOATIME)
#define MARK_FLAGS                                                                                                   \
	(FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_FLUSH | FAN_MARK_DONT_FOLLOW | FAN_MARK_ONLYDIR | FAN_MARK_TYPES | \
	 FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY)
#define MARKS_MAX 8192u

struct mark {
	struct list node;
	unsigned type;        /* FAN_MARK_MOUNT, FAN_MARK_FILESYSTEM, or 0: inode */
	struct inode *inode;  /* all referenced */
	struct mount *mnt;
	struct super_block *sb;
	uint32_t mask, ignored;
	bool ignored_stays;   /* FAN_MARK_IGNORED_SURV_MODIFY */
};

struct list fan_groups = LIST_INIT(fan_groups);
unsigned fanotify_marks;

void fan_group_put(struct fan_group *g)
{
	if (!--g->ref)
		kfree(g);
}

static void mark_free(struct mark *m)
{
	list_remove(&m->node);
	if (m->inode)
		inode_put(m->inode);
	if (m->mnt)
		mount_put(m->mnt);
	if (m->sb)
		super_put(m->sb);
	kfree(m);
	fanotify_marks--;
}

void fan_marks_drop(struct fan_group *g, unsigned type)
{
	struct mark *m, *next;

	list_for_each_safe(m, next, &g->marks, node) {
		if (type == UINT32_MAX || m->type == type)
			mark_free(m);
	}
}

/* ---- which groups hear of it ---- */

/* Is the mark about p itself, or (child) about what lies in its directory? */
static bool mark_covers(const struct mark *m, const struct path *p, bool *child)
{
	*child = false;
	if (m->mnt)
		return m->mnt == p->mnt;
	if (m->sb)
		return m->sb == p->dentry->sb;
	if (m->inode == p->dentry->inode)
		return true;
	*child = p->dentry->parent != p->dentry && m->inode == p->dentry->parent->inode;
	return *child;
}

/* The part of mask that g asked for. */
static uint32_t group_mask(struct fan_group *g, const struct path *p, uint32_t mask)
{
	bool is_dir = S_ISDIR(p->dentry->inode->mode), child;
	uint32_t wanted = 0, ignored = 0;
	struct mark *m;

	list_for_each(m, &g->marks, node) {
		if (!mark_covers(m, p, &child))
			continue;
		if ((mask & FAN_MODIFY) && !m->ignored_stays)
			m->ignored = 0;
		if (child && !(m->mask & FAN_EVENT_ON_CHILD))
			continue;
		ignored |= m->ignored;
		if (!is_dir || (m->mask & FAN_ONDIR))
			wanted |= m->mask;
	}
	return mask & wanted & ~ignored;
}

void fanotify_tell_(const struct path *p, uint32_t mask)
{
	struct fan_group *g;
	uint32_t m;

	list_for_each(g, &fan_groups, node) {
		m = group_mask(g, p, mask & FAN_EVENTS);
		if (m)
			fan_queue(g, p, m);
	}
}

/* One group after the other; the list may change while one is asked, but each is asked once at most. */
int fanotify_ask_(const struct path *p, uint32_t mask)
{
	static uint64_t last_round;
	uint64_t round = ++last_round;
	struct fan_group *g;
	uint32_t m;
	int err = 0;

again:
	list_for_each(g, &fan_groups, node) {
		if (g->asked_round == round || !(m = group_mask(g, p, mask & FAN_PERM_EVENTS)))
			continue;
		g->asked_round = round;
		g->ref++;
		err = fan_ask(g, p, m);
		fan_group_put(g);
		if (err)
			return err;
		goto again;
	}
	return 0;
}

/* ---- system calls ---- */

SYSCALL_DEFINE(fanotify_init, unsigned, flags, unsigned, event_flags)
{
	struct fan_group *g;
	long fd;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if ((flags & ~INIT_FLAGS) || (flags & FAN_CLASSES) == FAN_CLASSES)
		return -EINVAL;
	if ((event_flags & ~(unsigned)EVENT_OPEN_FLAGS) || (event_flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	g = kzalloc(sizeof(*g));
	if (!g)
		return -ENOMEM;
	g->ref = 1;
	g->flags = flags;
	g->open_flags = event_flags;
	list_init(&g->marks);
	list_init(&g->events);
	list_init(&g->asked);
	list_init(&g->node);
	waitq_init(&g->readers);
	waitq_init(&g->answers);
	fd = anonfd_install(&fanotify_ops, g,
			    (flags & FAN_CLOEXEC ? O_CLOEXEC : 0) | (flags & FAN_NONBLOCK ? O_NONBLOCK : 0));
	if (fd >= 0)
		list_push_back(&fan_groups, &g->node);
	return fd;
}

static struct mark *mark_find(struct fan_group *g, unsigned type, const struct path *p)
{
	struct mark *m;

	list_for_each(m, &g->marks, node) {
		if (m->type != type)
			continue;
		if (type == FAN_MARK_MOUNT ? m->mnt == p->mnt
		    : type	       ? m->sb == p->dentry->sb
				       : m->inode == p->dentry->inode)
			return m;
	}
	return NULL;
}

static struct mark *mark_make(struct fan_group *g, unsigned type, const struct path *p)
{
	struct mark *m = kzalloc(sizeof(*m));

	if (!m)
		return NULL;
	m->type = type;
	if (type == FAN_MARK_MOUNT)
		m->mnt = mount_get(p->mnt);
	else if (type)
		m->sb = super_get(p->dentry->sb);
	else
		m->inode = inode_get(p->dentry->inode);
	list_push_back(&g->marks, &m->node);
	fanotify_marks++;
	return m;
}

static int mark_add(struct fan_group *g, unsigned flags, uint32_t mask, const struct path *p)
{
	struct mark *m = mark_find(g, flags & FAN_MARK_TYPES, p);

	if (!m) {
		if (fanotify_marks >= MARKS_MAX && !(g->flags & FAN_UNLIMITED_MARKS))
			return -ENOSPC;
		m = mark_make(g, flags & FAN_MARK_TYPES, p);
	}
	if (!m)
		return -ENOMEM;
	if (!(flags & FAN_MARK_IGNORED_MASK)) {
		m->mask |= mask;
		return 0;
	}
	m->ignored |= mask;
	m->ignored_stays |= flags & FAN_MARK_IGNORED_SURV_MODIFY;
	return 0;
}

static int mark_remove(struct fan_group *g, unsigned flags, uint32_t mask, const struct path *p)
{
	struct mark *m = mark_find(g, flags & FAN_MARK_TYPES, p);

	if (!m)
		return -ENOENT;
	if (flags & FAN_MARK_IGNORED_MASK)
		m->ignored &= ~mask;
	else
		m->mask &= ~mask;
	if (!(m->mask & (FAN_EVENTS | FAN_PERM_EVENTS)) && !m->ignored)
		mark_free(m);
	return 0;
}

static int check_mark(const struct fan_group *g, unsigned flags, uint64_t mask)
{
	unsigned what = flags & (FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_FLUSH);
	const uint32_t known = FAN_EVENTS | FAN_PERM_EVENTS | FAN_ONDIR | FAN_EVENT_ON_CHILD;

	if ((flags & ~MARK_FLAGS) || (flags & FAN_MARK_TYPES) == FAN_MARK_TYPES)
		return -EINVAL;
	if (what != FAN_MARK_ADD && what != FAN_MARK_REMOVE && what != FAN_MARK_FLUSH)
		return -EINVAL;
	if (what == FAN_MARK_FLUSH)
		return flags & ~(FAN_MARK_FLUSH | FAN_MARK_TYPES) ? -EINVAL : 0;
	if (!mask || (mask & ~(uint64_t)known))
		return -EINVAL;
	return (mask & FAN_PERM_EVENTS) && !(g->flags & FAN_CLASSES) ? -EINVAL : 0;
}

static int mark_path(struct fan_group *g, unsigned flags, uint32_t mask, const struct path *p)
{
	int err;

	if ((flags & FAN_MARK_ONLYDIR) && !S_ISDIR(p->dentry->inode->mode))
		return -ENOTDIR;
	err = inode_permission(p->dentry->inode, R_OK);
	if (err)
		return err;
	return flags & FAN_MARK_ADD ? mark_add(g, flags, mask, p) : mark_remove(g, flags, mask, p);
}

/* No name: what dirfd itself is. */
static int mark_place(int dirfd, uaddr_t uname, unsigned look, struct path *p)
{
	struct file *f;
	int err;

	if (uname)
		return user_path_at(dirfd, uname, look, p);
	f = fd_get(dirfd, false);
	if (!f)
		return -EBADF;
	err = f->path.dentry ? 0 : -EINVAL;
	if (!err) {
		*p = f->path;
		path_get(p);
	}
	file_put(f);
	return err;
}

static int do_mark(struct fan_group *g, unsigned flags, uint64_t mask, int dirfd, uaddr_t uname)
{
	unsigned look = flags & FAN_MARK_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path p;
	int err = check_mark(g, flags, mask);

	if (err)
		return err;
	if (flags & FAN_MARK_FLUSH) {
		fan_marks_drop(g, flags & FAN_MARK_TYPES);
		return 0;
	}
	err = mark_place(dirfd, uname, look, &p);
	if (err)
		return err;
	err = mark_path(g, flags, (uint32_t)mask, &p);
	path_put(&p);
	return err;
}

SYSCALL_DEFINE(fanotify_mark, int, fd, unsigned, flags, uint64_t, mask, int, dirfd, uaddr_t, uname)
{
	struct file *f = fd_get(fd, false);
	int err;

	if (!f)
		return -EBADF;
	err = f->ops == &fanotify_ops ? do_mark(f->priv, flags, mask, dirfd, uname) : -EINVAL;
	file_put(f);
	return err;
}
