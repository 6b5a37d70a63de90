/* inotify.c: inotify(7): watches on inodes, and the queue of events of an instance.
 *
 * A watch belongs to an instance and to an inode, which it keeps; it is in the lists of both until it is removed by
 * the program, by the end of the file, or (IN_ONESHOT) by its first event. An event is queued as the program will read
 * it. One that equals the newest in the queue is dropped; a full queue gets one overflow event, kept ready from the start. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dnotify.h"
#include "fs/file.h"
#include "fs/inotify.h"
#include "fs/namei.h"
#include "fs/notify.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define FIONREAD 0x541b
#define WD_NONE (-1)

uint64_t inotify_max_events = 16384, inotify_max_instances = 128, inotify_max_watches = 65536;
unsigned notify_watches;

struct event {
	struct list node;
	struct inotify_event e; /* the name follows */
	char name[];
};

struct instance {
	struct list node; /* in instances */
	struct list watches, events;
	unsigned count;   /* events */
	size_t bytes;
	int last_wd;
	uint32_t uid;
	struct waitq readers;
	bool overflowed;  /* the overflow event is in the queue */
	struct event overflow;
};

struct watch {
	struct list in_instance, on_inode;
	struct instance *owner;
	struct inode *inode; /* referenced */
	int wd;
	uint32_t mask;       /* events, IN_ONESHOT, IN_EXCL_UNLINK */
};

static struct list instances = LIST_INIT(instances);
static const struct file_ops inotify_ops;

/* ---- the queue ---- */

static size_t event_size(const struct event *ev)
{
	return sizeof(ev->e) + ev->e.len;
}

static void enqueue(struct instance *in, struct event *ev)
{
	list_push_back(&in->events, &ev->node);
	in->count++;
	in->bytes += event_size(ev);
	waitq_wake_all(&in->readers, EPOLLIN | EPOLLRDNORM);
}

static void enqueue_overflow(struct instance *in)
{
	if (in->overflowed)
		return;
	in->overflowed = true;
	in->overflow.e = (struct inotify_event){ .wd = WD_NONE, .mask = IN_Q_OVERFLOW };
	enqueue(in, &in->overflow);
}

static bool same_as_newest(const struct instance *in, int wd, uint32_t mask, uint32_t cookie, const char *name)
{
	const struct event *last;

	if (list_empty(&in->events) || (mask & IN_IGNORED))
		return false;
	last = list_last(&in->events, struct event, node);
	if (last->e.wd != wd || last->e.mask != mask || last->e.cookie != cookie || !last->e.len != !name)
		return false;
	return !name || !strcmp(last->name, name);
}

static void queue_event(struct instance *in, int wd, uint32_t mask, uint32_t cookie, const char *name)
{
	/* The kernel's own padding: names end with a zero and fill units of the header's size. */
	size_t len = name ? ALIGN_UP(strlen(name) + 1, sizeof(struct inotify_event)) : 0;
	struct event *ev;

	if (same_as_newest(in, wd, mask, cookie, name))
		return;
	ev = in->count < inotify_max_events ? kzalloc(sizeof(*ev) + len) : NULL;
	if (!ev) {
		enqueue_overflow(in);
		return;
	}
	ev->e = (struct inotify_event){ wd, mask, cookie, (uint32_t)len };
	if (name)
		memcpy(ev->name, name, strlen(name));
	enqueue(in, ev);
}

static void dequeue(struct instance *in, struct event *ev)
{
	list_remove(&ev->node);
	in->count--;
	in->bytes -= event_size(ev);
	if (ev == &in->overflow)
		in->overflowed = false;
}

static void event_free(struct instance *in, struct event *ev)
{
	if (ev != &in->overflow)
		kfree(ev);
}

/* ---- watches ---- */

static struct watch *watch_find(const struct instance *in, int wd)
{
	struct watch *w;

	list_for_each(w, &in->watches, in_instance) {
		if (w->wd == wd)
			return w;
	}
	return NULL;
}

static struct watch *watch_on(const struct instance *in, const struct inode *inode)
{
	struct watch *w;

	list_for_each(w, &inode->watches, on_inode) {
		if (w->owner == in)
			return w;
	}
	return NULL;
}

/* May sleep if the watch is all that keeps the inode. */
static void watch_free(struct watch *w)
{
	struct inode *inode = w->inode;

	list_remove(&w->in_instance);
	list_remove(&w->on_inode);
	notify_watches--;
	kfree(w);
	inode_put(inode);
}

static void watch_end(struct watch *w)
{
	queue_event(w->owner, w->wd, IN_IGNORED, 0, NULL);
	watch_free(w);
}

static void watch_tell(struct watch *w, uint32_t mask, uint32_t cookie, const char *name)
{
	queue_event(w->owner, w->wd, mask, cookie, name);
	if (w->mask & IN_ONESHOT)
		watch_end(w);
}

void notify_inode_(struct inode *i, uint32_t mask, uint32_t cookie, const char *name)
{
	struct watch *w, *next;

	dnotify_tell(i, mask);
	if (list_empty(&i->watches))
		return;
	inode_get(i); /* a watch may have been the last to keep it */
	list_for_each_safe(w, next, &i->watches, on_inode) {
		if (w->mask & mask & IN_ALL_EVENTS)
			watch_tell(w, mask, cookie, name);
	}
	inode_put(i);
}

/* The directory's watches hear of what happens to its entries; IN_EXCL_UNLINK: not once they have lost their names. */
static void tell_parent(struct dentry *d, uint32_t mask)
{
	struct inode *dir = d->parent->inode;
	struct watch *w, *next;

	if (!dir || d->parent == d)
		return;
	dnotify_tell(dir, mask);
	if (list_empty(&dir->watches))
		return;
	list_for_each_safe(w, next, &dir->watches, on_inode) {
		if ((w->mask & mask & IN_ALL_EVENTS) && !(d->unhashed && (w->mask & IN_EXCL_UNLINK)))
			watch_tell(w, mask, 0, d->name);
	}
}

void notify_dentry_(struct dentry *d, uint32_t mask)
{
	struct inode *i = d->inode;

	mask |= notify_isdir(i);
	tell_parent(d, mask);
	notify_inode_(i, mask, 0, NULL);
}

void notify_move_(struct inode *from, const char *old_name, struct inode *to, const char *new_name, struct inode *moved,
		  struct inode *replaced)
{
	static uint32_t last_cookie;
	uint32_t cookie = ++last_cookie, dir = notify_isdir(moved);

	if (from == to)
		dnotify_renamed(from);
	notify_inode_(from, IN_MOVED_FROM | dir, cookie, old_name);
	notify_inode_(to, IN_MOVED_TO | dir, cookie, new_name);
	if (replaced)
		notify_inode_(replaced, IN_ATTRIB | notify_isdir(replaced), 0, NULL);
	notify_inode_(moved, IN_MOVE_SELF, 0, NULL);
}

void notify_gone_(struct inode *i)
{
	notify_inode_(i, IN_DELETE_SELF, 0, NULL);
	while (!list_empty(&i->watches))
		watch_end(list_first(&i->watches, struct watch, on_inode));
}

/* ---- the file ---- */

/* As many whole events as fit; 0: not even one. */
static ssize_t take_events(struct instance *in, struct iov_iter *to)
{
	ssize_t done = 0;

	while (!list_empty(&in->events)) {
		struct event *ev = list_first(&in->events, struct event, node);
		ssize_t size = (ssize_t)event_size(ev), n;

		if (to->count < (size_t)size)
			return done ? done : -EINVAL;
		dequeue(in, ev); /* the copy may sleep */
		n = copy_to_iter(&ev->e, (size_t)size, to);
		event_free(in, ev);
		if (n != size)
			return done ? done : -EFAULT;
		done += size;
	}
	return done;
}

static ssize_t inotify_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct instance *in = f->priv;

	(void)pos;
	while (list_empty(&in->events)) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (waitq_wait(&in->readers, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
	return take_events(in, to);
}

static unsigned inotify_poll(struct file *f, struct poll_table *pt)
{
	struct instance *in = f->priv;

	poll_wait(pt, &in->readers);
	return list_empty(&in->events) ? 0 : EPOLLIN | EPOLLRDNORM;
}

static long inotify_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	struct instance *in = f->priv;
	int bytes = (int)in->bytes;

	if (cmd != FIONREAD)
		return -ENOTTY;
	return put_user(bytes, arg) ? -EFAULT : 0;
}

static void inotify_release(struct file *f)
{
	struct instance *in = f->priv;

	while (!list_empty(&in->watches))
		watch_free(list_first(&in->watches, struct watch, in_instance));
	while (!list_empty(&in->events)) {
		struct event *ev = list_first(&in->events, struct event, node);
		dequeue(in, ev);
		event_free(in, ev);
	}
	list_remove(&in->node);
	kfree(in);
}

static size_t inotify_show(struct file *f, char *buf, size_t size)
{
	struct instance *in = f->priv;
	const struct watch *w;
	size_t n = 0;

	list_for_each(w, &in->watches, in_instance) {
		if (n < size)
			n += (size_t)snprintf(buf + n, size - n, "inotify wd:%x ino:%lx sdev:%lx mask:%x ignored_mask:0 \n",
					      (unsigned)w->wd, w->inode->ino, w->inode->sb->dev,
					      w->mask & (IN_ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK));
	}
	return n;
}

static const struct file_ops inotify_ops = {
	.name = "inotify",
	.read = inotify_read,
	.poll = inotify_poll,
	.ioctl = inotify_ioctl,
	.release = inotify_release,
	.show_fdinfo = inotify_show,
};

/* ---- system calls ---- */

static bool instance_allowed(uint32_t uid)
{
	const struct instance *in;
	uint64_t n = 0;

	list_for_each(in, &instances, node)
		n += in->uid == uid;
	return n < inotify_max_instances;
}

static long do_init(int flags)
{
	uint32_t uid = current_process()->cred.uid;
	struct instance *in;
	struct file *f;
	int fd;

	if (flags & ~(int)(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	if (!instance_allowed(uid))
		return -EMFILE;
	in = kzalloc(sizeof(*in));
	f = in ? file_alloc(&inotify_ops, O_RDONLY | ((unsigned)flags & O_NONBLOCK), NULL, NULL) : NULL;
	if (!f) {
		kfree(in);
		return -ENOMEM;
	}
	list_init(&in->watches);
	list_init(&in->events);
	waitq_init(&in->readers);
	in->uid = uid;
	list_push_back(&instances, &in->node);
	f->priv = in;
	fd = fd_install(f, 0, (unsigned)flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

SYSCALL_DEFINE(inotify_init)
{
	return do_init(0);
}

SYSCALL_DEFINE(inotify_init1, int, flags)
{
	return do_init(flags);
}

static int next_wd(struct instance *in)
{
	do
		in->last_wd = in->last_wd < INT32_MAX ? in->last_wd + 1 : 1;
	while (watch_find(in, in->last_wd));
	return in->last_wd;
}

static long watch_change(struct watch *w, uint32_t mask)
{
	uint32_t kept = mask & (IN_ALL_EVENTS | IN_UNMOUNT | IN_ONESHOT | IN_EXCL_UNLINK);

	if (mask & IN_MASK_CREATE)
		return -EEXIST;
	w->mask = mask & IN_MASK_ADD ? w->mask | kept : kept;
	return w->wd;
}

static long watch_add(struct instance *in, struct inode *inode, uint32_t mask)
{
	struct watch *w = watch_on(in, inode);

	if (w)
		return watch_change(w, mask);
	if (notify_watches >= inotify_max_watches)
		return -ENOSPC;
	w = kzalloc(sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->owner = in;
	w->inode = inode_get(inode);
	w->wd = next_wd(in);
	w->mask = mask & (IN_ALL_EVENTS | IN_UNMOUNT | IN_ONESHOT | IN_EXCL_UNLINK);
	list_push_back(&in->watches, &w->in_instance);
	list_push_back(&inode->watches, &w->on_inode);
	notify_watches++;
	return w->wd;
}

static long add_path(struct instance *in, uaddr_t name, uint32_t mask)
{
	unsigned look = (mask & IN_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) | (mask & IN_ONLYDIR ? LOOKUP_DIRECTORY : 0);
	struct path p;
	long ret = user_path_at(AT_FDCWD, name, look, &p);

	if (ret)
		return ret;
	ret = inode_permission(p.dentry->inode, R_OK);
	if (!ret)
		ret = watch_add(in, p.dentry->inode, mask);
	path_put(&p);
	return ret;
}

/* Referenced in *out; NULL: -EBADF or -EINVAL in *err. */
static struct instance *instance_of(int fd, struct file **out, long *err)
{
	struct file *f = fd_get(fd, false);

	*out = f;
	*err = f ? -EINVAL : -EBADF;
	if (f && f->ops != &inotify_ops) {
		file_put(f);
		return NULL;
	}
	return f ? f->priv : NULL;
}

SYSCALL_DEFINE(inotify_add_watch, int, fd, uaddr_t, name, uint32_t, mask)
{
	struct instance *in;
	struct file *f;
	long ret;

	if ((mask & ~IN_KNOWN) || !mask)
		return -EINVAL;
	in = instance_of(fd, &f, &ret);
	if (!in)
		return ret;
	if ((mask & IN_MASK_ADD) && (mask & IN_MASK_CREATE))
		ret = -EINVAL;
	else
		ret = add_path(in, name, mask);
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(inotify_rm_watch, int, fd, int, wd)
{
	struct instance *in;
	struct watch *w;
	struct file *f;
	long ret;

	in = instance_of(fd, &f, &ret);
	if (!in)
		return ret;
	w = watch_find(in, wd);
	if (w)
		watch_end(w);
	file_put(f);
	return w ? 0 : -EINVAL;
}
