/* socket.c: the socket system calls. Local sockets only, and those only in connected pairs or never connected: nobody
 * can listen under a name, so connecting to one finds nobody. Other families: EAFNOSUPPORT. */
#include "base/heap.h"
#include "base/string.h"
#include "ipc/unix.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "process/process.h"
#include "syscall/define.h"
#include "time/clock.h"

#define MMSG_MAX 1024u

/* The type a local socket gets; -errno. */
static int check_kind(int domain, int type, int protocol)
{
	int flags = type & ~SOCK_TYPE_MASK;

	type &= SOCK_TYPE_MASK;
	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	if (domain != AF_UNIX)
		return -EAFNOSUPPORT;
	if (type >= SOCK_TYPE_MAX)
		return -EINVAL;
	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (type == SOCK_RAW)
		return SOCK_DGRAM;
	return type == SOCK_STREAM || type == SOCK_DGRAM || type == SOCK_SEQPACKET ? type : -ESOCKTNOSUPPORT;
}

SYSCALL_DEFINE(socket, int, domain, int, type, int, protocol)
{
	int kind = check_kind(domain, type, protocol), err, fd;
	struct file *f;

	if (kind < 0)
		return kind;
	err = unix_open(kind, (unsigned)type & SOCK_NONBLOCK, &f);
	if (err)
		return err;
	fd = fd_install(f, 0, type & SOCK_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

static long install_pair(struct file *a, struct file *b, bool cloexec, uaddr_t ufds)
{
	int fds[2];
	long err;

	fds[0] = fd_install(a, 0, cloexec);
	if (fds[0] < 0) {
		file_put(a);
		file_put(b);
		return fds[0];
	}
	fds[1] = fd_install(b, 0, cloexec);
	if (fds[1] < 0) {
		file_put(b);
		(void)fd_close(fds[0]);
		return fds[1];
	}
	err = copy_to_user(ufds, fds, sizeof(fds));
	if (err) {
		(void)fd_close(fds[0]);
		(void)fd_close(fds[1]);
	}
	return err;
}

SYSCALL_DEFINE(socketpair, int, domain, int, type, int, protocol, uaddr_t, ufds)
{
	int kind = check_kind(domain, type, protocol), err;
	struct file *a, *b;

	if (kind < 0)
		return kind;
	err = unix_open(kind, (unsigned)type & SOCK_NONBLOCK, &a);
	if (err)
		return err;
	err = unix_open(kind, (unsigned)type & SOCK_NONBLOCK, &b);
	if (err) {
		file_put(a);
		return err;
	}
	unix_connect_pair(a, b);
	return install_pair(a, b, type & SOCK_CLOEXEC, ufds);
}

/* What connecting to an address comes to: never 0, as nobody listens. */
static int find_nobody(uaddr_t uaddr, int len)
{
	struct sockaddr_un addr = { 0 };
	char name[UNIX_PATH_MAX + 1] = "";
	struct path path;
	int err;

	if (len < (int)sizeof(addr.sun_family) || len > (int)sizeof(addr))
		return -EINVAL;
	if (copy_from_user(&addr, uaddr, (size_t)len))
		return -EFAULT;
	if (addr.sun_family != AF_UNIX || len == (int)sizeof(addr.sun_family))
		return -EINVAL;
	if (!addr.sun_path[0])
		return -ECONNREFUSED;
	memcpy(name, addr.sun_path, (size_t)len - sizeof(addr.sun_family));
	err = path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	path_put(&path);
	return -ECONNREFUSED;
}

SYSCALL_DEFINE(connect, int, fd, uaddr_t, uaddr, int, len)
{
	struct unix_sock *s;
	struct file *f;
	long err;

	f = socket_get(fd, &err);
	if (!f)
		return err;
	s = file_unix_sock(f);
	err = s->connected && s->type != SOCK_DGRAM ? -EISCONN : find_nobody(uaddr, len);
	file_put(f);
	return err;
}

SYSCALL_DEFINE(shutdown, int, fd, int, how)
{
	struct unix_sock *s;
	struct file *f;
	long err;

	f = socket_get(fd, &err);
	if (!f)
		return err;
	s = file_unix_sock(f);
	if (how < SHUT_RD || how > SHUT_RDWR)
		err = -EINVAL;
	else if (!s->connected && s->type != SOCK_DGRAM)
		err = -ENOTCONN;
	else
		unix_shutdown(s, how != SHUT_WR, how != SHUT_RD);
	file_put(f);
	return err;
}

/* The ends of a pair have no names. */
static int write_unnamed(uaddr_t uaddr, uaddr_t ulen)
{
	uint16_t family = AF_UNIX;
	int32_t len;

	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (copy_to_user(uaddr, &family, MIN((size_t)len, sizeof(family))))
		return -EFAULT;
	return put_user((int32_t)sizeof(family), ulen);
}

SYSCALL_DEFINE(getsockname, int, fd, uaddr_t, uaddr, uaddr_t, ulen)
{
	struct file *f;
	long err;

	f = socket_get(fd, &err);
	if (!f)
		return err;
	err = write_unnamed(uaddr, ulen);
	file_put(f);
	return err;
}

SYSCALL_DEFINE(getpeername, int, fd, uaddr_t, uaddr, uaddr_t, ulen)
{
	struct file *f;
	long err;

	f = socket_get(fd, &err);
	if (!f)
		return err;
	err = file_unix_sock(f)->peer ? write_unnamed(uaddr, ulen) : -ENOTCONN;
	file_put(f);
	return err;
}

static int check_target(const struct unix_sock *s, uaddr_t uaddr, int len)
{
	if (!uaddr || !len)
		return 0;
	if (s->type != SOCK_DGRAM)
		return s->connected ? -EISCONN : -EOPNOTSUPP;
	return find_nobody(uaddr, len);
}

static void io_init(struct unix_io *io, const struct file *f, struct iov_iter *iter, unsigned flags)
{
	*io = (struct unix_io){ .iter = iter, .flags = flags };
	io->nonblock = (f->flags & O_NONBLOCK) || (flags & MSG_DONTWAIT);
	io->cred = unix_current_cred();
}

SYSCALL_DEFINE(sendto, int, fd, uaddr_t, buf, size_t, len, unsigned, flags, uaddr_t, uaddr, int, addrlen)
{
	struct iov_iter it;
	struct unix_io io;
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	ret = iov_iter_user(&it, buf, len);
	if (!ret)
		ret = check_target(file_unix_sock(f), uaddr, addrlen);
	if (!ret) {
		io_init(&io, f, &it, flags);
		ret = unix_send(file_unix_sock(f), &io);
	}
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(recvfrom, int, fd, uaddr_t, buf, size_t, len, unsigned, flags, uaddr_t, uaddr, uaddr_t, ulen)
{
	struct iov_iter it;
	struct unix_io io;
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	ret = iov_iter_user(&it, buf, len);
	if (!ret) {
		io_init(&io, f, &it, flags);
		ret = unix_recv(file_unix_sock(f), &io);
		fd_pack_free(io.fds);
	}
	if (ret >= 0 && uaddr && put_user((int32_t)0, ulen)) /* the sender has no name */
		ret = -EFAULT;
	file_put(f);
	return ret;
}

static long send_message(struct file *f, const struct user_msghdr *m, unsigned flags)
{
	struct unix_sock *s = file_unix_sock(f);
	struct iov_iter it;
	struct unix_io io;
	long ret;

	if (m->iovlen > IOV_MAX)
		return -EMSGSIZE;
	ret = check_target(s, m->name, m->namelen);
	if (!ret)
		ret = iov_iter_user_vec(&it, m->iov, m->iovlen);
	if (ret)
		return ret;
	io_init(&io, f, &it, flags);
	ret = control_read(&io, m->control, m->control ? m->controllen : 0);
	if (!ret)
		ret = unix_send(s, &io);
	fd_pack_free(io.fds);
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
static int write_header(uaddr_t umsg, const struct user_msghdr *m, size_t used, unsigned flags)
{
	if (m->name && put_user((int32_t)0, umsg + offsetof(struct user_msghdr, namelen)))
		return -EFAULT;
	if (put_user((uint64_t)used, umsg + offsetof(struct user_msghdr, controllen)))
		return -EFAULT;
	return put_user((uint32_t)flags, umsg + offsetof(struct user_msghdr, flags));
}

static long receive_message(struct file *f, uaddr_t umsg, unsigned flags)
{
	struct unix_sock *s = file_unix_sock(f);
	struct user_msghdr m;
	struct iov_iter it;
	struct unix_io io;
	size_t used;
	long ret = get_user(m, umsg);

	if (ret)
		return ret;
	if (m.iovlen > IOV_MAX)
		return -EMSGSIZE;
	ret = iov_iter_user_vec(&it, m.iov, m.iovlen);
	if (ret)
		return ret;
	io_init(&io, f, &it, flags);
	ret = unix_recv(s, &io);
	io.has_cred &= s->passcred;
	control_write(&io, m.control, m.controllen, &used);
	iov_iter_free(&it);
	if (ret >= 0 && write_header(umsg, &m, used, io.out_flags | (flags & MSG_CMSG_CLOEXEC)))
		ret = -EFAULT;
	return ret;
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
SYSCALL_DEFINE(recvmmsg, int, fd, uaddr_t, uvec, unsigned, count, unsigned, flags, uaddr_t, utimeout)
{
	nsec_t deadline = NSEC_NEVER;
	struct timespec ts;
	struct file *f;
	unsigned done = 0;
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
	file_put(f);
	return done ? (long)done : ret;
}
