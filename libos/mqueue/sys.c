/* sys.c: the system calls of POSIX message queues. A descriptor of a queue is a file like any other. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/namei.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/signal.h"
#include "linux/time.h"
#include "mqueue/mqueue.h"
#include "net/netlink.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/clock.h"

/* A queue's name as libc passes it: without its slash. */
static int name_from_user(uaddr_t uname, char **out)
{
	int err = path_from_user(uname, false, out);

	if (err)
		return err;
	if (strlen(*out) > MQ_NAME_MAX)
		err = -ENAMETOOLONG;
	else if (strchr(*out, '/') || !strcmp(*out, ".") || !strcmp(*out, ".."))
		err = -EACCES;
	if (err)
		kfree(*out);
	return err;
}

static int find_name(const char *name, struct path *dir, struct dentry **out)
{
	size_t len = strlen(name);
	int err = mq_root(dir);

	if (err)
		return err;
	err = dentry_lookup(dir->dentry, name, len, dentry_name_hash(name, len), out);
	if (err)
		path_put(dir);
	return err;
}

static int may_open(struct inode *inode, int flags)
{
	static const int wanted[] = { R_OK, W_OK, R_OK | W_OK };

	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	return inode_permission(inode, wanted[flags & O_ACCMODE]);
}

static int make(struct dentry *d, int flags, uint32_t mode, const struct mq_attr *attr)
{
	struct inode *inode;
	int err;

	if (!(flags & O_CREAT))
		return -ENOENT;
	err = mq_create(d->name, mode & ~current_process()->fs->umask, attr, &inode);
	if (!err)
		dentry_instantiate(d, inode);
	return err;
}

static int open_queue(const char *name, int flags, uint32_t mode, const struct mq_attr *attr, struct file **out)
{
	struct path p;
	struct dentry *d;
	int err = find_name(name, &p, &d);

	if (err)
		return err;
	dentry_put(p.dentry);
	p.dentry = d; /* the reference passes */
	if (!d->inode)
		err = make(d, flags, mode, attr);
	else if ((flags & O_CREAT) && (flags & O_EXCL))
		err = -EEXIST;
	else
		err = may_open(d->inode, flags);
	if (!err)
		err = file_open_path(&p, (unsigned)flags & (O_ACCMODE | O_NONBLOCK), out);
	path_put(&p);
	return err;
}

SYSCALL_DEFINE(mq_open, uaddr_t, uname, int, flags, uint32_t, mode, uaddr_t, uattr)
{
	struct mq_attr attr;
	struct file *f;
	char *name;
	int err = 0, fd;

	if ((flags & O_CREAT) && uattr)
		err = get_user(attr, uattr) ? -EFAULT : 0;
	if (!err)
		err = name_from_user(uname, &name);
	if (err)
		return err;
	err = open_queue(name, flags, mode, (flags & O_CREAT) && uattr ? &attr : NULL, &f);
	kfree(name);
	if (err)
		return err;
	fd = fd_install(f, 0, true);
	if (fd < 0)
		file_put(f);
	return fd;
}

SYSCALL_DEFINE(mq_unlink, uaddr_t, uname)
{
	struct path dir;
	struct dentry *d;
	char *name;
	int err = name_from_user(uname, &name);

	if (err)
		return err;
	err = find_name(name, &dir, &d);
	kfree(name);
	if (err)
		return err;
	err = vfs_unlink(&dir, d);
	dentry_put(d);
	path_put(&dir);
	return err;
}

/* A referenced file of a queue that is open for what is to be done (FMODE as O_*: O_RDONLY reads, O_WRONLY writes). */
static struct mqueue *queue_of(int fd, int access, struct file **out)
{
	struct file *f = fd_get(fd, false);
	struct mqueue *q = f ? mq_of_file(f) : NULL;

	if (q && access >= 0 && !(access == O_WRONLY ? file_writable(f) : file_readable(f)))
		q = NULL;
	if (f && !q)
		file_put(f);
	*out = f;
	return q;
}

/* An absolute time on the wall clock, as a monotonic deadline. */
static int deadline_from_user(uaddr_t utimeout, nsec_t *deadline)
{
	nsec_t now = clock_real(), when;
	struct timespec ts;

	*deadline = NSEC_NEVER;
	if (!utimeout)
		return 0;
	if (get_user(ts, utimeout))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	when = timespec_to_ns(&ts);
	*deadline = clock_mono() + (when > now ? when - now : 0);
	return 0;
}

static int message_from_user(uaddr_t from, size_t size, unsigned prio, struct mq_message **out)
{
	struct mq_message *m = kmalloc(sizeof(*m) + size);

	if (!m)
		return -ENOMEM;
	m->prio = prio;
	m->size = size;
	if (copy_from_user(m->data, from, size)) {
		kfree(m);
		return -EFAULT;
	}
	*out = m;
	return 0;
}

SYSCALL_DEFINE(mq_timedsend, int, fd, uaddr_t, ubuf, size_t, size, unsigned, prio, uaddr_t, utimeout)
{
	struct mq_message *m;
	struct mqueue *q;
	struct file *f;
	nsec_t deadline;
	int err = deadline_from_user(utimeout, &deadline);

	if (err)
		return err;
	if (prio >= MQ_PRIO_MAX)
		return -EINVAL;
	q = queue_of(fd, O_WRONLY, &f);
	if (!q)
		return -EBADF;
	err = size > (size_t)q->max_size ? -EMSGSIZE : message_from_user(ubuf, size, prio, &m);
	if (!err) {
		err = mq_send(q, m, f->flags & O_NONBLOCK, deadline);
		if (err)
			kfree(m);
	}
	file_put(f);
	return err;
}

static long message_to_user(struct mq_message *m, uaddr_t ubuf, uaddr_t uprio)
{
	if (uprio && put_user(m->prio, uprio))
		return -EFAULT;
	return copy_to_user(ubuf, m->data, m->size) ? -EFAULT : (long)m->size;
}

SYSCALL_DEFINE(mq_timedreceive, int, fd, uaddr_t, ubuf, size_t, size, uaddr_t, uprio, uaddr_t, utimeout)
{
	struct mq_message *m;
	struct mqueue *q;
	struct file *f;
	nsec_t deadline;
	long ret = deadline_from_user(utimeout, &deadline);

	if (ret)
		return ret;
	q = queue_of(fd, O_RDONLY, &f);
	if (!q)
		return -EBADF;
	ret = size < (size_t)q->max_size ? -EMSGSIZE : mq_receive(q, f->flags & O_NONBLOCK, deadline, &m);
	file_put(f);
	if (ret)
		return ret;
	ret = message_to_user(m, ubuf, uprio);
	kfree(m);
	return ret;
}

static int check_event(const struct user_sigevent *ev)
{
	if (ev->notify == SIGEV_NONE)
		return 0;
	if (ev->notify == SIGEV_THREAD)
		return 0;
	return ev->notify == SIGEV_SIGNAL && ev->signo > 0 && ev->signo <= NSIG ? 0 : -EINVAL;
}

/* libc gives the socket its thread reads as the signal number and a cookie as the value. */
static int thread_event(const struct user_sigevent *ev, struct file **netlink, char cookie[MQ_COOKIE_LEN])
{
	if (copy_from_user(cookie, ev->value, MQ_COOKIE_LEN))
		return -EFAULT;
	*netlink = fd_get(ev->signo, false);
	if (!*netlink)
		return -EBADF;
	if (netlink_is_socket(*netlink))
		return 0;
	file_put(*netlink);
	*netlink = NULL;
	return -EINVAL;
}

SYSCALL_DEFINE(mq_notify, int, fd, uaddr_t, uevent)
{
	struct file *f, *netlink = NULL;
	char cookie[MQ_COOKIE_LEN] = "";
	struct user_sigevent ev;
	struct mqueue *q;
	int err = 0;

	if (uevent)
		err = get_user(ev, uevent) ? -EFAULT : check_event(&ev);
	if (!err && uevent && ev.notify == SIGEV_THREAD)
		err = thread_event(&ev, &netlink, cookie);
	if (err)
		return err;
	q = queue_of(fd, -1, &f);
	err = q ? mq_notify_set(q, uevent ? &ev : NULL, netlink, cookie) : -EBADF;
	if (err && netlink)
		file_put(netlink);
	if (q)
		file_put(f);
	return err;
}

SYSCALL_DEFINE(mq_getsetattr, int, fd, uaddr_t, unew, uaddr_t, uold)
{
	struct mq_attr attr, old = { 0 };
	struct mqueue *q;
	struct file *f;

	if (unew) {
		if (get_user(attr, unew))
			return -EFAULT;
		if (attr.flags & ~(int64_t)O_NONBLOCK)
			return -EINVAL;
	}
	q = queue_of(fd, -1, &f);
	if (!q)
		return -EBADF;
	old.flags = f->flags & O_NONBLOCK;
	old.maxmsg = q->max_messages;
	old.msgsize = q->max_size;
	old.curmsgs = q->count;
	if (unew)
		f->flags = (f->flags & ~(unsigned)O_NONBLOCK) | (unsigned)attr.flags;
	file_put(f);
	return uold && put_user(old, uold) ? -EFAULT : 0;
}
