/* sockopt.c: options of sockets. The family is asked first; what it leaves to the generic part (SOL_SOCKET) is kept in
 * struct socket, where the family finds it. Values travel in kernel memory. */
#include "base/string.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "net/socket.h"
#include "process/process.h"
#include "syscall/define.h"

#define SNDBUF_MIN 4608L
#define RCVBUF_MIN 2304L
#define BUFFER_MAX 212992L /* net.core.[rw]mem_max */

union option {
	int32_t number;
	uint64_t cookie;
	struct timeval time;
	struct linger linger;
	char bytes[SOCKOPT_MAX];
};

/* Booleans that are only remembered; families that give them a meaning read socket.flags. */
static bool is_flag(int opt)
{
	switch (opt) {
	case SO_DEBUG:
	case SO_REUSEADDR:
	case SO_DONTROUTE:
	case SO_BROADCAST:
	case SO_KEEPALIVE:
	case SO_OOBINLINE:
	case SO_NO_CHECK:
	case SO_REUSEPORT:
		return true;
	default:
		return false;
	}
}

static int get_number(struct socket *s, int opt, int32_t *value)
{
	switch (opt) {
	case SO_TYPE:
		*value = s->type;
		return 0;
	case SO_DOMAIN:
		*value = s->family;
		return 0;
	case SO_PROTOCOL:
		*value = s->protocol;
		return 0;
	case SO_ERROR:
		*value = -socket_take_error(s);
		return 0;
	case SO_ACCEPTCONN:
		*value = s->listening;
		return 0;
	case SO_SNDBUF:
		*value = (int32_t)s->sndbuf;
		return 0;
	case SO_RCVBUF:
		*value = (int32_t)s->rcvbuf;
		return 0;
	case SO_RCVLOWAT:
		*value = s->rcvlowat;
		return 0;
	case SO_SNDLOWAT:
		*value = 1;
		return 0;
	case SO_PRIORITY:
		*value = s->priority;
		return 0;
	case SO_MARK:
		*value = s->mark;
		return 0;
	case SO_PASSCRED:
		*value = s->passcred;
		return 0;
	case SO_PASSPIDFD:
		*value = s->passpidfd;
		return 0;
	default:
		if (!is_flag(opt))
			return -ENOPROTOOPT;
		*value = s->flags >> opt & 1;
		return 0;
	}
}

static struct timeval timeout_value(nsec_t timeout)
{
	return ns_to_timeval(timeout == NSEC_NEVER ? 0 : timeout);
}

static int get_generic(struct socket *s, int opt, union option *v, unsigned *size)
{
	switch (opt) {
	case SO_RCVTIMEO:
	case SO_SNDTIMEO:
		v->time = timeout_value(opt == SO_RCVTIMEO ? s->rcv_timeout : s->snd_timeout);
		*size = sizeof(v->time);
		return 0;
	case SO_LINGER:
		v->linger = s->linger;
		*size = sizeof(v->linger);
		return 0;
	case SO_COOKIE:
		v->cookie = s->cookie;
		*size = sizeof(v->cookie);
		return 0;
	default:
		*size = sizeof(v->number);
		return get_number(s, opt, &v->number);
	}
}

static int get_option(struct socket *s, int level, int opt, union option *v, unsigned *size)
{
	int err = SOCKOPT_GENERIC;

	if (s->ops->getsockopt)
		err = s->ops->getsockopt(s, level, opt, v, size);
	if (err != SOCKOPT_GENERIC)
		return err;
	return level == SOL_SOCKET ? get_generic(s, opt, v, size) : -EOPNOTSUPP;
}

static long read_option(struct socket *s, int level, int opt, uaddr_t uval, uaddr_t ulen)
{
	union option v;
	unsigned size;
	int32_t len;
	int err;

	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	memset(&v, 0, sizeof(v));
	size = MIN((unsigned)len, SOCKOPT_MAX);
	err = get_option(s, level, opt, &v, &size);
	if (err == -ERANGE && put_user((int32_t)size, ulen))
		return -EFAULT;
	if (err)
		return err;
	size = MIN(size, (unsigned)len);
	if (copy_to_user(uval, &v, size))
		return -EFAULT;
	return put_user((int32_t)size, ulen);
}

static int set_timeout(nsec_t *timeout, const struct timeval *tv, unsigned size)
{
	if (size < sizeof(*tv))
		return -EINVAL;
	if ((uint64_t)tv->tv_usec >= 1000000)
		return -EDOM;
	if (tv->tv_sec < 0)
		*timeout = 0;
	else
		*timeout = timeval_to_ns(tv) ? timeval_to_ns(tv) : NSEC_NEVER;
	return 0;
}

/* Linux doubles what is asked for, to have room for its own structures. */
static size_t buffer_size(int32_t asked, long least, bool force)
{
	long size = force ? MAX(asked, 0) : (long)MIN((uint32_t)asked, (uint32_t)BUFFER_MAX);

	return (size_t)MIN(MAX(2 * size, least), INT32_MAX);
}

static int set_priority(struct socket *s, int32_t value)
{
	if ((value < 0 || value > 6) && !capable(CAP_NET_ADMIN) && !capable(CAP_NET_RAW))
		return -EPERM;
	s->priority = value;
	return 0;
}

static int set_number(struct socket *s, int opt, int32_t value)
{
	bool force = opt == SO_SNDBUFFORCE || opt == SO_RCVBUFFORCE;

	if ((force || opt == SO_MARK) && !capable(CAP_NET_ADMIN))
		return -EPERM;
	switch (opt) {
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
		s->sndbuf = buffer_size(value, SNDBUF_MIN, force);
		socket_wake(s, &s->writable, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
		return 0;
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		s->rcvbuf = buffer_size(value, RCVBUF_MIN, force);
		return 0;
	case SO_RCVLOWAT:
		s->rcvlowat = value < 0 ? INT32_MAX : value ? value : 1;
		return 0;
	case SO_PASSCRED:
		s->passcred = value;
		return 0;
	case SO_PASSPIDFD:
		s->passpidfd = value;
		return 0;
	case SO_PRIORITY:
		return set_priority(s, value);
	case SO_MARK:
		s->mark = value;
		return 0;
	default:
		if (!is_flag(opt))
			return -ENOPROTOOPT;
		s->flags = (s->flags & ~(1UL << opt)) | (uint64_t)!!value << opt;
		return 0;
	}
}

static int set_generic(struct socket *s, int opt, const union option *v, unsigned size)
{
	if (size < sizeof(v->number))
		return -EINVAL;
	switch (opt) {
	case SO_RCVTIMEO:
	case SO_SNDTIMEO:
		return set_timeout(opt == SO_RCVTIMEO ? &s->rcv_timeout : &s->snd_timeout, &v->time, size);
	case SO_LINGER:
		if (size < sizeof(v->linger))
			return -EINVAL;
		s->linger = v->linger;
		s->linger.onoff = !!v->linger.onoff;
		return 0;
	default:
		return set_number(s, opt, v->number);
	}
}

static long write_option(struct socket *s, int level, int opt, uaddr_t uval, int len)
{
	int err = SOCKOPT_GENERIC;
	union option v;
	unsigned size;

	if (len < 0)
		return -EINVAL;
	size = MIN((unsigned)len, SOCKOPT_MAX);
	memset(&v, 0, sizeof(v));
	if (size && copy_from_user(&v, uval, size))
		return -EFAULT;
	if (s->ops->setsockopt)
		err = s->ops->setsockopt(s, level, opt, &v, size);
	if (err != SOCKOPT_GENERIC)
		return err;
	return level == SOL_SOCKET ? set_generic(s, opt, &v, size) : -EOPNOTSUPP;
}

SYSCALL_DEFINE(getsockopt, int, fd, int, level, int, opt, uaddr_t, uval, uaddr_t, ulen)
{
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	ret = read_option(file_socket(f), level, opt, uval, ulen);
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(setsockopt, int, fd, int, level, int, opt, uaddr_t, uval, int, len)
{
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	ret = write_option(file_socket(f), level, opt, uval, len);
	file_put(f);
	return ret;
}
