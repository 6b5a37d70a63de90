/* lock.c: advisory file locks: flock(2), POSIX record locks and open-file-description locks.
 *
 * All locks of an inode are one list. A lock's owner is the descriptor table (POSIX) or the open
 * file (OFD, flock); flock locks and record locks do not see each other. Locks of one owner never
 * overlap: setting one first cuts its range out of that owner's locks, then merges with equal
 * neighbours. All nodes that may be needed are allocated before anything changes. Waiters sleep on
 * one queue and try again; blocked POSIX requests are listed, which is how EDEADLK is found. Giant
 * lock. */
#include "fs/lock.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"

#define OFFSET_MAX ((uint64_t)INT64_MAX)

enum lock_kind { KIND_POSIX, KIND_OFD, KIND_FLOCK };

struct file_lock {
	struct list node;
	enum lock_kind kind;
	const void *owner;
	bool write;
	kpid_t pid;
	uint64_t start, end; /* inclusive */
};

/* A POSIX request that waits: owner waits for blocker. */
struct blocked {
	struct list node;
	const void *owner, *blocker;
};

static struct waitq lock_waiters = WAITQ_INIT(lock_waiters);
static struct list blocked_list = LIST_INIT(blocked_list);

static bool ranges_meet(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

static bool locks_conflict(const struct file_lock *held, const struct file_lock *want)
{
	if ((held->kind == KIND_FLOCK) != (want->kind == KIND_FLOCK))
		return false;
	if (held->owner == want->owner && held->kind == want->kind)
		return false;
	return (held->write || want->write) && ranges_meet(held, want);
}

static struct file_lock *find_conflict(struct inode *inode, const struct file_lock *want)
{
	struct file_lock *l;

	list_for_each(l, &inode->locks, node)
	{
		if (locks_conflict(l, want))
			return l;
	}
	return NULL;
}

static void lock_free(struct file_lock *l)
{
	list_remove(&l->node);
	kfree(l);
}

static bool same_owner(const struct file_lock *a, const struct file_lock *b)
{
	return a->kind == b->kind && a->owner == b->owner;
}

/* Cuts r's range out of its owner's locks; *spare is used when one is split in two. */
static void lock_cut(struct inode *inode, const struct file_lock *r, struct file_lock **spare)
{
	struct file_lock *l, *next;

	list_for_each_safe(l, next, &inode->locks, node)
	{
		if (!same_owner(l, r) || !ranges_meet(l, r))
			continue;
		if (l->start < r->start && l->end > r->end) {
			**spare = *l;
			(*spare)->start = r->end + 1;
			list_insert_after(&(*spare)->node, &l->node);
			*spare = NULL;
			l->end = r->start - 1;
			return;
		}
		if (l->start < r->start)
			l->end = r->start - 1;
		else if (l->end > r->end)
			l->start = r->end + 1;
		else
			lock_free(l);
	}
}

static void lock_merge(struct inode *inode, struct file_lock *r)
{
	struct file_lock *l, *next;

	list_for_each_safe(l, next, &inode->locks, node)
	{
		if (l == r || !same_owner(l, r) || l->write != r->write)
			continue;
		if (l->end + 1 != r->start && r->end + 1 != l->start)
			continue;
		r->start = MIN(r->start, l->start);
		r->end = MAX(r->end, l->end);
		lock_free(l);
	}
}

/* An owner's locks stand together, by where they start: the first that conflicts is what F_GETLK tells. */
static void lock_insert(struct inode *inode, struct file_lock *add)
{
	struct list *before = &inode->locks;
	struct file_lock *l;

	list_for_each(l, &inode->locks, node)
	{
		if (!same_owner(l, add))
			continue;
		before = l->node.next;
		if (l->start > add->start) {
			before = &l->node;
			break;
		}
	}
	list_insert_after(&add->node, before->prev);
}

/* Sets r (a lock, or an unlock of its range). No conflict exists. */
static int lock_set(struct inode *inode, const struct file_lock *r, bool unlock)
{
	struct file_lock *add = unlock ? NULL : kmalloc(sizeof(*add));
	struct file_lock *spare = kmalloc(sizeof(*spare));

	if ((!unlock && !add) || !spare) {
		kfree(add);
		kfree(spare);
		return -ENOLCK;
	}
	list_init(&spare->node);
	lock_cut(inode, r, &spare);
	if (add) {
		*add = *r;
		lock_insert(inode, add);
		lock_merge(inode, add);
	}
	kfree(spare);
	waitq_wake_all(&lock_waiters, 0);
	return 0;
}

/* Would waiting for blocker close a ring of waiting owners? */
static bool would_deadlock(const void *owner, const void *blocker)
{
	struct blocked *b;
	bool moved = true;

	for (unsigned steps = 0; moved && steps < 64; steps++) {
		if (blocker == owner)
			return true;
		moved = false;
		list_for_each(b, &blocked_list, node)
		{
			if (b->owner == blocker) {
				blocker = b->blocker;
				moved = true;
				break;
			}
		}
	}
	return false;
}

static int wait_for(const struct file_lock *want, const struct file_lock *held)
{
	struct blocked b = {.owner = want->owner, .blocker = held->owner};
	bool posix = want->kind == KIND_POSIX && held->kind == KIND_POSIX;
	int err;

	if (posix && would_deadlock(want->owner, held->owner))
		return -EDEADLK;
	list_init(&b.node);
	if (posix)
		list_push_back(&blocked_list, &b.node);
	err = waitq_wait(&lock_waiters, WAIT_INTERRUPTIBLE, NSEC_NEVER);
	list_remove(&b.node);
	return err ? -ERESTARTSYS : 0;
}

/* May sleep if wait. */
static int lock_acquire(struct inode *inode, const struct file_lock *want, bool wait)
{
	struct file_lock *held;
	int err;

	while ((held = find_conflict(inode, want))) {
		if (!wait)
			return -EAGAIN;
		err = wait_for(want, held);
		if (err)
			return err;
	}
	return lock_set(inode, want, false);
}

static void drop_owner(struct inode *inode, enum lock_kind kind, const void *owner)
{
	struct file_lock *l, *next;
	bool any = false;

	list_for_each_safe(l, next, &inode->locks, node)
	{
		if (l->kind == kind && l->owner == owner) {
			lock_free(l);
			any = true;
		}
	}
	if (any)
		waitq_wake_all(&lock_waiters, 0);
}

void lock_drop_posix(struct inode *inode, struct fdtable *owner)
{
	drop_owner(inode, KIND_POSIX, owner);
}

void lock_drop_file(struct file *f)
{
	drop_owner(f->inode, KIND_OFD, f);
	drop_owner(f->inode, KIND_FLOCK, f);
}

static int flock_range(const struct file *f, const struct flock *fl, struct file_lock *out)
{
	int64_t base, start, end;

	switch (fl->l_whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = f->pos;
		break;
	case SEEK_END:
		base = (int64_t)inode_size(f->inode);
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, fl->l_start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	end = INT64_MAX;
	if (fl->l_len > 0 && __builtin_add_overflow(start, fl->l_len - 1, &end))
		return -EOVERFLOW;
	if (fl->l_len < 0) {
		end = start - 1;
		start += fl->l_len;
		if (start < 0)
			return -EINVAL;
	}
	out->start = (uint64_t)start;
	out->end = (uint64_t)end;
	return 0;
}

static int lock_from_user(struct file *f, int cmd, const struct flock *fl, struct file_lock *out)
{
	bool ofd = cmd >= F_OFD_GETLK;

	if (ofd && fl->l_pid)
		return -EINVAL;
	*out = (struct file_lock){.kind = ofd ? KIND_OFD : KIND_POSIX,
				  .write = fl->l_type == F_WRLCK,
				  .pid = ofd ? -1 : current_process()->pid};
	out->owner = ofd ? (const void *)f : current_files();
	list_init(&out->node);
	return flock_range(f, fl, out);
}

static long lock_query(struct file *f, struct file_lock *want, struct flock *fl, uaddr_t arg)
{
	struct file_lock *l;

	if (fl->l_type != F_RDLCK && fl->l_type != F_WRLCK)
		return -EINVAL;
	l = find_conflict(f->inode, want);
	fl->l_type = F_UNLCK;
	if (l) {
		fl->l_type = l->write ? F_WRLCK : F_RDLCK;
		fl->l_whence = SEEK_SET;
		fl->l_start = (int64_t)l->start;
		fl->l_len = l->end == OFFSET_MAX ? 0 : (int64_t)(l->end - l->start + 1);
		fl->l_pid = l->pid;
	}
	return copy_to_user(arg, fl, sizeof(*fl));
}

static int check_lock_mode(const struct file *f, const struct flock *fl)
{
	switch (fl->l_type) {
	case F_RDLCK:
		return file_readable(f) ? 0 : -EBADF;
	case F_WRLCK:
		return file_writable(f) ? 0 : -EBADF;
	case F_UNLCK:
		return 0;
	default:
		return -EINVAL;
	}
}

long lock_fcntl(struct file *f, int cmd, uaddr_t arg)
{
	struct file_lock want;
	struct flock fl;
	int err = copy_from_user(&fl, arg, sizeof(fl));

	if (!err && !f->inode)
		err = -EBADF;
	if (!err)
		err = lock_from_user(f, cmd, &fl, &want);
	if (err)
		return err;
	if (cmd == F_GETLK || cmd == F_OFD_GETLK)
		return lock_query(f, &want, &fl, arg);
	err = check_lock_mode(f, &fl);
	if (err)
		return err;
	if (fl.l_type == F_UNLCK)
		return lock_set(f->inode, &want, true);
	return lock_acquire(f->inode, &want, cmd == F_SETLKW || cmd == F_OFD_SETLKW);
}

static int flock_file(struct file *f, int op)
{
	struct file_lock want = {.kind = KIND_FLOCK,
				 .owner = f,
				 .end = OFFSET_MAX,
				 .pid = current_process()->pid,
				 .write = (op & ~LOCK_NB) == LOCK_EX};
	struct file_lock *l;

	list_init(&want.node);
	if (op == LOCK_UN) {
		drop_owner(f->inode, KIND_FLOCK, f);
		return 0;
	}
	list_for_each(l, &f->inode->locks, node)
	{
		if (l->kind == KIND_FLOCK && l->owner == f && l->write == want.write)
			return 0;
	}
	/* A conversion is not atomic: what was held goes first, and stays lost if the new lock
	 * cannot be had. */
	drop_owner(f->inode, KIND_FLOCK, f);
	return lock_acquire(f->inode, &want, !(op & LOCK_NB));
}

SYSCALL_DEFINE(flock, int, fd, int, op)
{
	struct file *f;
	int mode = op & ~LOCK_NB, err;

	if (mode != LOCK_SH && mode != LOCK_EX && mode != LOCK_UN)
		return -EINVAL;
	f = fd_get(fd, false);
	if (!f)
		return -EBADF;
	err = f->inode ? flock_file(f, mode == LOCK_UN ? LOCK_UN : op) : -EINVAL;
	file_put(f);
	return err;
}

