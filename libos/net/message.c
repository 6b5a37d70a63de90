/* message.c: the system calls that send and receive. Each gets names and control messages into kernel memory, once,
 * and hands the family one struct msg_io. */
#include "base/heap.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "net/socket.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "time/clock.h"

#define MMSG_MAX 1024u
#define CONTROL_MAX 20480UL /* net.core.optmem_max */

void control_advance(struct control_out *out, size_t len)
{
	size_t step = MIN(CMSG_ALIGN(len), out->left);

	out->at += step;
	out->left -= step;
	out->used += step;
}

void control_put(struct msg_io *io, int level, int type, const void *data, size_t len)
{
	struct cmsghdr h = { sizeof(h) + len, level, type };

	if (io->out.left < sizeof(h)) {
		io->out_flags |= MSG_CTRUNC;
		return;
	}
	if (io->out.left < h.len) {
		io->out_flags |= MSG_CTRUNC;
		h.len = io->out.left;
	}
	if (!copy_to_user(io->out.at, &h, sizeof(h)) && !copy_to_user(io->out.at + sizeof(h), data, h.len - sizeof(h)))
		control_advance(&io->out, h.len);
}

static void io_init(struct msg_io *io, const struct file *f, struct iov_iter *iter, unsigned flags)
{
	*io = (struct msg_io){ .iter = iter, .flags = flags };
	io->nonblock = (f->flags & O_NONBLOCK) || (flags & MSG_DONTWAIT);
}

static ssize_t do_send(struct file *f, struct msg_io *io)
{
	struct socket *s = file_socket(f);

	return s->ops->sendmsg ? s->ops->sendmsg(s, io) : -EOPNOTSUPP;
}

static ssize_t do_recv(struct file *f, struct msg_io *io)
{
	struct socket *s = file_socket(f);

	return s->ops->recvmsg ? s->ops->recvmsg(s, io) : -EOPNOTSUPP;
}

SYSCALL_DEFINE(sendto, int, fd, uaddr_t, buf, size_t, len, unsigned, flags, uaddr_t, uaddr, int, addrlen)
{
	struct sock_name name;
	struct iov_iter it;
	struct msg_io io;
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	io_init(&io, f, &it, flags);
	ret = iov_iter_user(&it, buf, len);
	if (!ret && uaddr) {
		ret = sock_name_read(&name, uaddr, addrlen);
		io.name = &name;
	}
	if (!ret)
		ret = do_send(f, &io);
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(recvfrom, int, fd, uaddr_t, buf, size_t, len, unsigned, flags, uaddr_t, uaddr, uaddr_t, ulen)
{
	struct sock_name name;
	struct iov_iter it;
	struct msg_io io;
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	io_init(&io, f, &it, flags);
	name.len = 0;
	io.name = uaddr ? &name : NULL;
	ret = iov_iter_user(&it, buf, len);
	if (!ret)
		ret = do_recv(f, &io);
	if (ret >= 0 && uaddr) {
		int err = sock_name_write(&name, uaddr, ulen);

		ret = err ? err : ret;
	}
	file_put(f);
	return ret;
}

/* Control messages of a sender; *buf to be kfree'd. */
static int copy_control(struct msg_io *io, const struct user_msghdr *m, char **buf)
{
	*buf = NULL;
	if (!m->control || !m->controllen)
		return 0;
	if (m->controllen > CONTROL_MAX)
		return -ENOBUFS;
	*buf = kmalloc(m->controllen);
	if (!*buf)
		return -ENOMEM;
	io->control = *buf;
	io->control_len = m->controllen;
	return copy_from_user(*buf, m->control, m->controllen);
}

static int copy_name(struct sock_name *name, const struct user_msghdr *m)
{
	if (m->namelen < 0)
		return -EINVAL;
	return sock_name_read(name, m->name, MIN(m->namelen, (int)sizeof(name->addr)));
}

static long send_message(struct file *f, const struct user_msghdr *m, unsigned flags)
{
	struct sock_name name;
	struct iov_iter it;
	struct msg_io io;
	char *control;
	long ret;

	if (m->iovlen > IOV_MAX)
		return -EMSGSIZE;
	io_init(&io, f, &it, flags);
	if (m->name && m->namelen) {
		ret = copy_name(&name, m);
		if (ret)
			return ret;
		io.name = &name;
	}
	ret = iov_iter_user_vec(&it, m->iov, m->iovlen);
	if (ret)
		return ret;
	ret = copy_control(&io, m, &control);
	if (!ret)
		ret = do_send(f, &io);
	kfree(control);
	iov_iter_free(&it);
	return ret;
}

SYSCALL_DEFINE(sendmsg, int, fd, uaddr_t, umsg, unsigned, flags)
{
	struct user_msghdr m;
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	ret = get_user(m, umsg);
	if (!ret)
		ret = send_message(f, &m, flags);
	file_put(f);
	return ret;
}

/* Writes back what the header of a received message tells. */
static int write_header(uaddr_t umsg, const struct user_msghdr *m, const struct msg_io *io)
{
	unsigned flags = io->out_flags | (io->flags & MSG_CMSG_CLOEXEC);
	int err = 0;

	if (m->name)
		err = sock_name_write(io->name, m->name, umsg + offsetof(struct user_msghdr, namelen));
	if (!err)
		err = put_user((uint64_t)io->out.used, umsg + offsetof(struct user_msghdr, controllen));
	if (!err)
		err = put_user((uint32_t)flags, umsg + offsetof(struct user_msghdr, flags));
	return err;
}

static long receive_message(struct file *f, uaddr_t umsg, unsigned flags)
{
	struct user_msghdr m;
	struct sock_name name;
	struct iov_iter it;
	struct msg_io io;
	long ret = get_user(m, umsg);
	int err;

	if (ret)
		return ret;
	if (m.name && m.namelen < 0)
		return -EINVAL;
	if (m.iovlen > IOV_MAX)
		return -EMSGSIZE;
	ret = iov_iter_user_vec(&it, m.iov, m.iovlen);
	if (ret)
		return ret;
	io_init(&io, f, &it, flags);
	name.len = 0;
	io.name = m.name ? &name : NULL;
	io.out = (struct control_out){ .at = m.control, .left = m.control ? m.controllen : 0 };
	ret = do_recv(f, &io);
	iov_iter_free(&it);
	if (ret < 0)
		return ret;
	err = write_header(umsg, &m, &io);
	return err ? err : ret;
}

SYSCALL_DEFINE(recvmsg, int, fd, uaddr_t, umsg, unsigned, flags)
{
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	ret = receive_message(f, umsg, flags);
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(sendmmsg, int, fd, uaddr_t, uvec, unsigned, count, unsigned, flags)
{
	struct user_mmsghdr m;
	struct file *f;
	unsigned done = 0;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	for (count = MIN(count, MMSG_MAX); done < count; done++) {
		uaddr_t at = uvec + done * sizeof(m);

		ret = get_user(m, at);
		if (!ret)
			ret = send_message(f, &m.hdr, flags);
		if (ret >= 0)
			ret = put_user((uint32_t)ret, at + offsetof(struct user_mmsghdr, len));
		if (ret < 0)
			break;
	}
	file_put(f);
	return done ? (long)done : ret;
}

/* The time limit is looked at after each message, as Linux does. */
static long receive_many(struct file *f, uaddr_t uvec, unsigned count, unsigned flags, nsec_t deadline)
{
	struct socket *s = file_socket(f);
	unsigned done = 0;
	long ret = socket_take_error(s);

	if (ret)
		return ret;
	for (count = MIN(count, MMSG_MAX); done < count && (!done || clock_mono() < deadline); done++) {
		uaddr_t at = uvec + done * sizeof(struct user_mmsghdr);

		ret = receive_message(f, at, flags & ~MSG_WAITFORONE);
		if (ret >= 0)
			ret = put_user((uint32_t)ret, at + offsetof(struct user_mmsghdr, len));
		if (ret < 0)
			break;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
	}
	if (done && ret < 0 && ret != -EAGAIN && ret != -ERESTARTSYS)
		s->err = (int)-ret; /* for the next call */
	return done ? (long)done : ret;
}

SYSCALL_DEFINE(recvmmsg, int, fd, uaddr_t, uvec, unsigned, count, unsigned, flags, uaddr_t, utimeout)
{
	nsec_t deadline = NSEC_NEVER, left;
	struct timespec ts;
	struct file *f;
	long ret;

	if (utimeout && get_user(ts, utimeout))
		return -EFAULT;
	if (utimeout && !timespec_valid(&ts))
		return -EINVAL;
	if (utimeout)
		deadline = clock_mono() + timespec_to_ns(&ts);
	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	ret = receive_many(f, uvec, count, flags, deadline);
	file_put(f);
	if (utimeout && ret > 0) {
		left = clock_mono() < deadline ? deadline - clock_mono() : 0;
		ts = ns_to_timespec(left);
		if (put_user(ts, utimeout))
			return -EFAULT;
	}
	return ret;
}
