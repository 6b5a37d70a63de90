/* socket.c: the system calls that make, name and connect sockets. */
#include "linux/errno.h"
#include "net/socket.h"
#include "process/process.h"
#include "syscall/define.h"

static int install(struct socket *s, int flags)
{
	struct file *f;
	int err, fd;

	err = socket_open_file(s, (unsigned)flags & SOCK_NONBLOCK, &f);
	if (err)
		return err;
	fd = fd_install(f, 0, flags & SOCK_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

SYSCALL_DEFINE(socket, int, domain, int, type, int, protocol)
{
	int flags = type & ~SOCK_TYPE_MASK, err;
	struct socket *s;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	err = socket_create(domain, type & SOCK_TYPE_MASK, protocol, &s);
	return err ? err : install(s, flags);
}

static int pair_install(struct socket *a, struct socket *b, int flags, uaddr_t ufds)
{
	int fds[2];

	fds[0] = install(a, flags);
	if (fds[0] < 0) {
		b->ops->release(b);
		return fds[0];
	}
	fds[1] = install(b, flags);
	if (fds[1] < 0) {
		(void)fd_close(fds[0]);
		return fds[1];
	}
	if (!copy_to_user(ufds, fds, sizeof(fds)))
		return 0;
	(void)fd_close(fds[0]);
	(void)fd_close(fds[1]);
	return -EFAULT;
}

SYSCALL_DEFINE(socketpair, int, domain, int, type, int, protocol, uaddr_t, ufds)
{
	int flags = type & ~SOCK_TYPE_MASK, err;
	struct socket *a, *b;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	err = socket_create(domain, type & SOCK_TYPE_MASK, protocol, &a);
	if (err)
		return err;
	err = socket_create(domain, type & SOCK_TYPE_MASK, protocol, &b);
	if (err) {
		a->ops->release(a);
		return err;
	}
	err = a->ops->pair ? a->ops->pair(a, b) : -EOPNOTSUPP;
	if (!err)
		return pair_install(a, b, flags, ufds);
	a->ops->release(a);
	b->ops->release(b);
	return err;
}

int sock_name_read(struct sock_name *name, uaddr_t uaddr, int len)
{
	if (len < 0 || len > (int)sizeof(name->addr))
		return -EINVAL;
	name->len = (unsigned)len;
	return len ? copy_from_user(&name->addr, uaddr, name->len) : 0;
}

int sock_name_write(const struct sock_name *name, uaddr_t uaddr, uaddr_t ulen)
{
	int32_t room;

	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (name->len && copy_to_user(uaddr, &name->addr, MIN((unsigned)room, name->len)))
		return -EFAULT;
	return put_user((int32_t)name->len, ulen);
}

/* The socket behind fd, referenced, with a name from the program; NULL: *err. */
static struct file *get_named(int fd, uaddr_t uaddr, int len, struct sock_name *name, long *err)
{
	struct file *f = socket_get(fd, err);

	if (!f)
		return NULL;
	*err = sock_name_read(name, uaddr, len);
	if (!*err)
		return f;
	file_put(f);
	return NULL;
}

SYSCALL_DEFINE(bind, int, fd, uaddr_t, uaddr, int, len)
{
	struct sock_name name;
	struct socket *s;
	struct file *f;
	long ret;

	f = get_named(fd, uaddr, len, &name, &ret);
	if (!f)
		return ret;
	s = file_socket(f);
	ret = s->ops->bind ? s->ops->bind(s, &name) : -EOPNOTSUPP;
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(connect, int, fd, uaddr_t, uaddr, int, len)
{
	struct sock_name name;
	struct socket *s;
	struct file *f;
	long ret;

	f = get_named(fd, uaddr, len, &name, &ret);
	if (!f)
		return ret;
	s = file_socket(f);
	if (name.len < sizeof(name.addr.family))
		ret = -EINVAL;
	if (!ret)
		ret = s->ops->connect ? s->ops->connect(s, &name, f->flags & O_NONBLOCK) : -EOPNOTSUPP;
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(listen, int, fd, int, backlog)
{
	struct socket *s;
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	s = file_socket(f);
	if ((unsigned)backlog > SOMAXCONN)
		backlog = SOMAXCONN;
	ret = s->ops->listen ? s->ops->listen(s, backlog) : -EOPNOTSUPP;
	file_put(f);
	return ret;
}

/* The peer's name goes to the caller before the descriptor does: an error leaves none. */
static long accept_install(struct socket *s, int flags, uaddr_t uaddr, uaddr_t ulen)
{
	struct sock_name name = { .len = 0 };
	struct file *f;
	int fd, err;

	err = socket_open_file(s, (unsigned)flags & SOCK_NONBLOCK, &f);
	if (err)
		return err;
	if (uaddr) {
		err = s->ops->getname(s, true, &name) ? -ECONNABORTED : sock_name_write(&name, uaddr, ulen);
		if (err) {
			file_put(f);
			return err;
		}
	}
	fd = fd_install(f, 0, flags & SOCK_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

static long do_accept(int fd, uaddr_t uaddr, uaddr_t ulen, int flags)
{
	struct socket *s, *got;
	struct file *f;
	long ret;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	s = file_socket(f);
	if (!fd_room(1)) /* the connection stays in the queue */
		ret = -EMFILE;
	else
		ret = s->ops->accept ? s->ops->accept(s, f->flags & O_NONBLOCK, &got) : -EOPNOTSUPP;
	if (!ret)
		ret = accept_install(got, flags, uaddr, ulen);
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(accept, int, fd, uaddr_t, uaddr, uaddr_t, ulen)
{
	return do_accept(fd, uaddr, ulen, 0);
}

SYSCALL_DEFINE(accept4, int, fd, uaddr_t, uaddr, uaddr_t, ulen, int, flags)
{
	return do_accept(fd, uaddr, ulen, flags);
}

static long get_name(int fd, bool peer, uaddr_t uaddr, uaddr_t ulen)
{
	struct sock_name name;
	struct socket *s;
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	s = file_socket(f);
	ret = s->ops->getname ? s->ops->getname(s, peer, &name) : -EOPNOTSUPP;
	if (!ret)
		ret = sock_name_write(&name, uaddr, ulen);
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(getsockname, int, fd, uaddr_t, uaddr, uaddr_t, ulen)
{
	return get_name(fd, false, uaddr, ulen);
}

SYSCALL_DEFINE(getpeername, int, fd, uaddr_t, uaddr, uaddr_t, ulen)
{
	return get_name(fd, true, uaddr, ulen);
}

SYSCALL_DEFINE(shutdown, int, fd, int, how)
{
	struct socket *s;
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	s = file_socket(f);
	if (how < SHUT_RD || how > SHUT_RDWR)
		ret = -EINVAL;
	else
		ret = s->ops->shutdown ? s->ops->shutdown(s, how != SHUT_WR, how != SHUT_RD) : -EOPNOTSUPP;
	file_put(f);
	return ret;
}
