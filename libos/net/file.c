/* file.c: a socket as an open file: read and write are receive and send. The inode is one of sockfs, made per file. */
#include "base/heap.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "net/interfaces.h"
#include "net/socket.h"
#include "process/process.h"
#include "signal/signal.h"
#include "time/clock.h"

#define BUFFER_DEFAULT 212992UL

static const struct file_ops socket_file_ops;

struct socket *file_socket(const struct file *f)
{
	return f->ops == &socket_file_ops ? f->priv : NULL;
}

struct file *socket_get(int fd, long *err)
{
	struct file *f = fd_get(fd, false);

	*err = f ? 0 : -EBADF;
	if (!f || file_socket(f))
		return f;
	file_put(f);
	*err = -ENOTSOCK;
	return NULL;
}

void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type)
{
	static uint64_t next_cookie = 1;

	s->ops = ops;
	s->family = family;
	s->type = type;
	s->sndbuf = s->rcvbuf = BUFFER_DEFAULT;
	s->rcv_timeout = s->snd_timeout = NSEC_NEVER;
	s->rcvlowat = 1;
	s->cookie = next_cookie++;
	waitq_init(&s->readable);
	waitq_init(&s->writable);
}

int socket_take_error(struct socket *s)
{
	int err = s->err;

	s->err = 0;
	return -err;
}

void socket_wake(struct socket *s, struct waitq *q, unsigned events)
{
	if (!waitq_empty(q))
		waitq_wake_all(q, events);
	if (s->file && (s->file->flags & O_ASYNC))
		file_sigio(s->file, events);
}

nsec_t socket_deadline(nsec_t timeout)
{
	return timeout == NSEC_NEVER ? NSEC_NEVER : clock_mono() + timeout;
}

/* With a timeout calls are not restarted, as it would start anew. */
int socket_wait(struct waitq *q, bool nonblock, nsec_t deadline)
{
	int err;

	if (nonblock)
		return -EAGAIN;
	err = waitq_wait(q, WAIT_INTERRUPTIBLE, deadline);
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	return err && deadline == NSEC_NEVER ? -ERESTARTSYS : err;
}

int socket_pipe_error(const struct msg_io *io)
{
	if (!(io->flags & MSG_NOSIGNAL))
		signal_send_thread(current, SIGPIPE, NULL);
	return -EPIPE;
}

static ssize_t socket_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct socket *s = f->priv;
	struct msg_io io = { .iter = to, .nonblock = f->flags & O_NONBLOCK };

	(void)pos;
	return s->ops->recvmsg ? s->ops->recvmsg(s, &io) : -EOPNOTSUPP;
}

static ssize_t socket_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct socket *s = f->priv;
	struct msg_io io = { .iter = from, .nonblock = f->flags & O_NONBLOCK };

	(void)pos;
	return s->ops->sendmsg ? s->ops->sendmsg(s, &io) : -EOPNOTSUPP;
}

static unsigned socket_poll(struct file *f, struct poll_table *pt)
{
	struct socket *s = f->priv;

	return s->ops->poll(s, pt);
}

static long set_owner(struct file *f, uaddr_t arg)
{
	int id;

	return get_user(id, arg) ? -EFAULT : file_set_owner(f, -1, id);
}

static long socket_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	struct socket *s = f->priv;
	long ret;

	if (cmd == FIOSETOWN || cmd == SIOCSPGRP)
		return set_owner(f, arg);
	if (cmd == FIOGETOWN || cmd == SIOCGPGRP)
		return put_user((int)file_get_owner(f), arg);
	ret = s->ops->ioctl ? s->ops->ioctl(s, cmd, arg) : -ENOIOCTLCMD;
	return ret == -ENOIOCTLCMD ? interface_ioctl(s->family, cmd, arg) : ret;
}

static void socket_release(struct file *f)
{
	struct socket *s = f->priv;

	s->file = NULL;
	s->ops->release(s);
}

static const struct file_ops socket_file_ops = {
	.name = "socket", .read = socket_read, .write = socket_write, .poll = socket_poll, .ioctl = socket_ioctl,
	.release = socket_release,
};

static int sockfs_statfs(struct super_block *sb, struct kstatfs *out)
{
	(void)sb;
	*out = (struct kstatfs){ .type = 0x534f434b, .bsize = 4096, .namelen = 255 };
	return 0;
}

static struct inode *socket_inode(void)
{
	static const struct super_ops ops = { .statfs = sockfs_statfs };
	static struct super_block *sb;

	if (!sb)
		sb = super_alloc("sockfs", &ops, NULL);
	return sb ? inode_alloc(sb, S_IFSOCK | 0777) : NULL;
}

int socket_open_file(struct socket *s, unsigned flags, struct file **out)
{
	struct inode *inode = socket_inode();

	*out = inode ? file_alloc(&socket_file_ops, O_RDWR | (flags & O_NONBLOCK), NULL, inode) : NULL;
	if (inode)
		inode_put(inode);
	if (!*out) {
		s->ops->release(s);
		return -ENOMEM;
	}
	(*out)->priv = s;
	s->file = *out;
	return 0;
}
