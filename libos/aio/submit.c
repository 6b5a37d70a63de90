/* submit.c: io_submit: doing what the program asks for. */
#include "aio/context.h"
#include "base/heap.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "ipc/eventfd.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

static int buffer(const struct iocb *cb, struct iov_iter *it)
{
	if (cb->opcode == IOCB_CMD_PREADV || cb->opcode == IOCB_CMD_PWRITEV)
		return iov_iter_user_vec(it, cb->buf, cb->nbytes);
	return iov_iter_user(it, cb->buf, cb->nbytes);
}

/* 0: *res is what the operation gave. -errno: it could not even be submitted. */
static int transfer(struct file *f, const struct iocb *cb, bool write, int64_t *res)
{
	struct iov_iter it;
	loff_t pos = cb->offset;
	unsigned kept = f->flags;
	int err;

	if (cb->rw_flags & ~(int)(RWF_HIPRI | RWF_NOWAIT))
		return -EOPNOTSUPP; /* what is written is durable when it is synced */
	if (write ? !file_writable(f) : !file_readable(f))
		return -EBADF;
	if (write ? !f->ops->write : !f->ops->read)
		return -EINVAL;
	err = buffer(cb, &it);
	if (err)
		return err;
	if (cb->rw_flags & RWF_NOWAIT)
		f->flags |= O_NONBLOCK;
	*res = write ? file_write_iter(f, &it, &pos) : file_read_iter(f, &it, &pos);
	f->flags = kept;
	if (*res <= -512)
		*res = -EINTR; /* there is nothing to restart */
	iov_iter_free(&it);
	return 0;
}

static int sync(struct file *f, bool data_only, int64_t *res)
{
	if (!f->inode || !S_ISREG(f->inode->mode))
		return -EINVAL;
	*res = f->ops->fsync ? f->ops->fsync(f, data_only) : 0;
	return 0;
}

static int perform(struct file *f, const struct iocb *cb, int64_t *res)
{
	switch (cb->opcode) {
	case IOCB_CMD_PREAD:
	case IOCB_CMD_PREADV:
		return transfer(f, cb, false, res);
	case IOCB_CMD_PWRITE:
	case IOCB_CMD_PWRITEV:
		return transfer(f, cb, true, res);
	case IOCB_CMD_FSYNC:
	case IOCB_CMD_FDSYNC:
		return cb->buf || cb->offset || cb->nbytes || cb->rw_flags
			       ? -EINVAL
			       : sync(f, cb->opcode == IOCB_CMD_FDSYNC, res);
	default:
		return -EINVAL;
	}
}

/* The eventfd that is to be told, referenced; NULL: none wanted. */
static int result_fd(const struct iocb *cb, struct file **out)
{
	*out = NULL;
	if (!(cb->flags & IOCB_FLAG_RESFD))
		return 0;
	*out = fd_get((int)cb->resfd, false);
	if (!*out)
		return -EBADF;
	if (file_is_eventfd(*out))
		return 0;
	file_put(*out);
	return -EINVAL;
}

static int run(struct aio_context *c, const struct iocb *cb, uaddr_t obj, struct aio_done *d)
{
	struct file *f = fd_get((int)cb->fd, false), *eventfd;
	int err = f ? result_fd(cb, &eventfd) : -EBADF;

	if (err) {
		if (f)
			file_put(f);
		return err;
	}
	d->event = (struct io_event){ .data = cb->data, .obj = obj };
	err = perform(f, cb, &d->event.res);
	file_put(f);
	if (!err) {
		list_push_back(&c->done, &d->node);
		c->count++;
		waitq_wake_all(&c->waiters, 0);
	}
	if (!err && eventfd)
		err = eventfd_signal(eventfd);
	if (eventfd)
		file_put(eventfd);
	return err;
}

static int submit_one(struct aio_context *c, uaddr_t uiocb)
{
	struct aio_done *d;
	struct iocb cb;
	int err;

	if (get_user(cb, uiocb) || put_user((uint32_t)0, uiocb + offsetof(struct iocb, key)))
		return -EFAULT;
	if (cb.reserved || (cb.flags & ~(IOCB_FLAG_RESFD | IOCB_FLAG_IOPRIO)) || (ssize_t)cb.nbytes < 0)
		return -EINVAL;
	if (c->count >= c->capacity)
		return -EAGAIN;
	d = kzalloc(sizeof(*d));
	if (!d)
		return -ENOMEM;
	err = run(c, &cb, uiocb, d);
	if (err)
		kfree(d);
	return err;
}

SYSCALL_DEFINE(io_submit, uint64_t, id, long, n, uaddr_t, uptrs)
{
	struct aio_context *c = aio_find(id);
	long done = 0;
	int err = 0;

	if (!c || n < 0)
		return -EINVAL;
	c->ref++;
	for (; done < n && !err && !c->dead; done += !err) {
		uaddr_t uiocb;

		err = get_user(uiocb, uptrs + (uaddr_t)done * sizeof(uiocb)) ? -EFAULT : submit_one(c, uiocb);
	}
	aio_put(c);
	return done ? done : err;
}
