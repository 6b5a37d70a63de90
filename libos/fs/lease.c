/* lease.c: leases on open regular files.
 *
 * A read lease excludes writers, a write lease everybody else. Who opens the file against a lease makes it
 * "breaking": the holder gets a signal and has lease_break_time to give it up or to make it a read lease; the
 * opener waits so long, then the lease is taken away. inode->leases holds one per open file; inode->readers and
 * deny_write say who has the file open. Giant lock. */
#include "fs/lease.h"
#include "base/heap.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"
#include "time/clock.h"

#define NOT_BREAKING (-1)

struct lease {
	struct list node;
	struct file *file;
	int type, target; /* target: what it has to become, or NOT_BREAKING */
	nsec_t deadline;
};

uint64_t lease_break_time = 45;
static struct waitq breakers = WAITQ_INIT(breakers);

static struct lease *lease_of(const struct file *f)
{
	struct lease *l;

	if (!f->inode)
		return NULL;
	list_for_each(l, &f->inode->leases, node) {
		if (l->file == f)
			return l;
	}
	return NULL;
}

static void lease_end(struct lease *l)
{
	list_remove(&l->node);
	kfree(l);
	waitq_wake_all(&breakers, 0);
}

static void lease_become(struct lease *l, int type)
{
	if (type == F_UNLCK) {
		lease_end(l);
		return;
	}
	l->type = type;
	l->target = NOT_BREAKING;
	waitq_wake_all(&breakers, 0);
}

/* Nobody else has the file open in a way the lease forbids. */
static bool type_allowed(const struct file *f, int type)
{
	const struct inode *i = f->inode;
	int writers = i->deny_write < 0 ? -i->deny_write : 0;
	const struct lease *l;

	if (type == F_RDLCK)
		return !writers;
	list_for_each(l, &i->leases, node) {
		if (l->file != f)
			return false;
	}
	return writers == f->wrote_access && i->readers == (unsigned)f->read_access;
}

long lease_set(struct file *f, int fd, unsigned long type)
{
	struct lease *l = lease_of(f);
	int err;

	if (type > F_UNLCK || !f->inode || !S_ISREG(f->inode->mode))
		return -EINVAL;
	if (current_process()->cred.fsuid != f->inode->uid && !capable(CAP_LEASE))
		return -EACCES;
	if (type == F_UNLCK) {
		if (!l)
			return -EAGAIN;
		lease_end(l);
		return 0;
	}
	if (!type_allowed(f, (int)type))
		return -EAGAIN;
	err = file_owner_default(f, fd);
	if (err)
		return err;
	if (l) {
		lease_become(l, (int)type);
		return 0;
	}
	l = kzalloc(sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->file = f;
	l->type = (int)type;
	l->target = NOT_BREAKING;
	list_push_back(&f->inode->leases, &l->node);
	return 0;
}

long lease_get(const struct file *f)
{
	const struct lease *l = lease_of(f);

	if (!l)
		return F_UNLCK;
	return l->target == NOT_BREAKING ? l->type : l->target;
}

void lease_drop_file(struct file *f)
{
	struct lease *l = lease_of(f);

	if (l)
		lease_end(l);
}

/* A lease that stands in the way; those that do are made breaking, those whose time is over go. */
static struct lease *conflict(struct inode *inode, bool write)
{
	int target = write ? F_UNLCK : F_RDLCK;
	struct lease *l, *next, *found = NULL;

	list_for_each_safe(l, next, &inode->leases, node) {
		if (l->type == F_RDLCK && !write)
			continue;
		if (l->target != NOT_BREAKING && clock_mono() >= l->deadline) {
			lease_become(l, l->target);
			if (!write || target == F_UNLCK)
				return conflict(inode, write);
			continue;
		}
		if (l->target == NOT_BREAKING) {
			l->target = target;
			l->deadline = lease_break_time ? clock_mono() + (nsec_t)lease_break_time * NSEC_PER_SEC
						       : NSEC_NEVER;
			file_signal_owner(l->file, POLL_MSG, EPOLLIN | EPOLLRDNORM | EPOLLMSG);
		} else if (target == F_UNLCK) {
			l->target = F_UNLCK;
		}
		found = l;
	}
	return found;
}

int lease_break(struct inode *inode, bool write, bool nonblock)
{
	struct lease *l;

	while (!list_empty(&inode->leases) && (l = conflict(inode, write))) {
		if (nonblock)
			return -EAGAIN;
		if (waitq_wait(&breakers, WAIT_INTERRUPTIBLE, l->deadline) == -EINTR)
			return -ERESTARTSYS;
	}
	return 0;
}
