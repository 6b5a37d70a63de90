/* sockopt.c: options of sockets: those of SOL_SOCKET that mean something to local sockets. */
#include "ipc/unix.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "syscall/define.h"

#define BUFFER_MIN 2304L
#define BUFFER_MAX 425984L

static struct timeval timeout_value(nsec_t timeout)
{
	return ns_to_timeval(timeout == NSEC_NEVER ? 0 : timeout);
}

static int get_number(struct unix_sock *s, int name, int32_t *value)
{
	switch (name) {
	case SO_TYPE:
		*value = s->type;
		return 0;
	case SO_ERROR:
		*value = -unix_take_error(s);
		return 0;
	case SO_SNDBUF:
		*value = (int32_t)s->sndbuf;
		return 0;
	case SO_RCVBUF:
		*value = (int32_t)s->rcvbuf;
		return 0;
	case SO_PASSCRED:
		*value = s->passcred;
		return 0;
	case SO_DOMAIN:
		*value = AF_UNIX;
		return 0;
	case SO_ACCEPTCONN:
	case SO_PROTOCOL:
		*value = 0;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

union option {
	int32_t number;
	struct timeval time;
	struct ucred cred;
};

/* Size of the value or -errno. */
static int get_option(struct unix_sock *s, int name, union option *v)
{
	int err;

	switch (name) {
	case SO_PEERCRED:
		v->cred = s->peer_cred;
		return sizeof(v->cred);
	case SO_RCVTIMEO:
		v->time = timeout_value(s->rcv_timeout);
		return sizeof(v->time);
	case SO_SNDTIMEO:
		v->time = timeout_value(s->snd_timeout);
		return sizeof(v->time);
	default:
		err = get_number(s, name, &v->number);
		return err ? err : (int)sizeof(v->number);
	}
}

static long read_option(struct unix_sock *s, int level, int name, uaddr_t uval, uaddr_t ulen)
{
	union option v;
	int32_t len;
	int size;

	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	size = level == SOL_SOCKET ? get_option(s, name, &v) : -EOPNOTSUPP;
	if (size < 0)
		return size;
	size = MIN(size, len);
	if (copy_to_user(uval, &v, (size_t)size))
		return -EFAULT;
	return put_user((int32_t)size, ulen);
}

static int set_timeout(nsec_t *timeout, uaddr_t uval, unsigned len)
{
	struct timeval tv;

	if (len < sizeof(tv))
		return -EINVAL;
	if (get_user(tv, uval))
		return -EFAULT;
	if ((uint64_t)tv.tv_usec >= 1000000)
		return -EDOM;
	if (tv.tv_sec < 0)
		*timeout = 0;
	else
		*timeout = timeval_to_ns(&tv) ? timeval_to_ns(&tv) : NSEC_NEVER;
	return 0;
}

/* Linux doubles what is asked for, to have room for its own structures. */
static size_t buffer_size(int32_t asked)
{
	return (size_t)MIN(MAX(2L * asked, BUFFER_MIN), BUFFER_MAX);
}

static int set_number(struct unix_sock *s, int name, int32_t value)
{
	switch (name) {
	case SO_SNDBUF:
		s->sndbuf = buffer_size(value);
		return 0;
	case SO_RCVBUF:
		s->rcvbuf = buffer_size(value);
		return 0;
	case SO_PASSCRED:
		s->passcred = value;
		return 0;
	case SO_REUSEADDR:
	case SO_BROADCAST:
	case SO_KEEPALIVE:
	case SO_REUSEPORT:
		return 0; /* nothing to do for local sockets */
	default:
		return -ENOPROTOOPT;
	}
}

static long write_option(struct unix_sock *s, int level, int name, uaddr_t uval, unsigned len)
{
	int32_t value;

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (name == SO_RCVTIMEO || name == SO_SNDTIMEO)
		return set_timeout(name == SO_RCVTIMEO ? &s->rcv_timeout : &s->snd_timeout, uval, len);
	if (len < sizeof(value))
		return -EINVAL;
	if (get_user(value, uval))
		return -EFAULT;
	return set_number(s, name, value);
}

SYSCALL_DEFINE(getsockopt, int, fd, int, level, int, name, uaddr_t, uval, uaddr_t, ulen)
{
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	ret = read_option(file_unix_sock(f), level, name, uval, ulen);
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(setsockopt, int, fd, int, level, int, name, uaddr_t, uval, unsigned, len)
{
	struct file *f;
	long ret;

	f = socket_get(fd, &ret);
	if (!f)
		return ret;
	ret = write_option(file_unix_sock(f), level, name, uval, len);
	file_put(f);
	return ret;
}
