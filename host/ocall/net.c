/* net.c: host sockets by the LibOS's ids. See net.h.
 *
 * The table needs no lock: the LibOS makes no call on a socket that it is closing, and an entry is one word
 * that holds id and descriptor. Whatever the LibOS does wrong hits sockets of its own instance only. */
#include "ocall/net.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/sockios.h>
#include <time.h>
#include <unistd.h>

#include "libos/abi/hostctl.h"
#include "ocall/netlate.h"
#include "sgxsim/plain.h"

#define WAKE_ID UINT32_MAX /* in the epoll set: the eventfd */
#define WATCH_EVENTS (EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET)
#define POLL_EVENTS (POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM | POLLRDBAND | POLLWRBAND | POLLRDHUP)

static uint64_t *table; /* id << 32 | fd + 1; 0: free */
static int watch_fd, wake_fd;

static uint64_t *entry(uint32_t id)
{
	return &table[id & (NET_SOCKETS_MAX - 1)];
}

static int fd_of(uint32_t id)
{
	uint64_t e = __atomic_load_n(entry(id), __ATOMIC_RELAXED);

	return e && e >> 32 == id ? (int)(uint32_t)e - 1 : -1;
}

static int64_t result(long r)
{
	return r < 0 ? -errno : r;
}

/* Takes over fd. */
static int64_t enter(uint32_t id, int fd)
{
	if (fd < 0)
		return -errno;
	if (id == WAKE_ID || *entry(id)) {
		close(fd);
		return -EBUSY;
	}
	__atomic_store_n(entry(id), (uint64_t)id << 32 | (uint32_t)(fd + 1), __ATOMIC_RELAXED);
	return 0;
}

static int64_t net_close(uint32_t id, int fd)
{
	bool later = late_close(id);

	__atomic_store_n(entry(id), 0, __ATOMIC_RELAXED);
	return later ? 0 : result(close(fd));
}

static int64_t net_poll(uint32_t id, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLL_EVENTS };
	int n;

	do /* a tick may interrupt even a look */
		n = poll(&p, 1, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (int64_t)late_hide(id, (unsigned short)p.revents);
}

static int64_t net_watch(uint32_t id, int fd)
{
	struct epoll_event ev = { .events = WATCH_EVENTS, .data.u32 = id };

	if (epoll_ctl(watch_fd, EPOLL_CTL_ADD, fd, &ev) && errno != EEXIST)
		return -errno;
	return net_poll(id, fd);
}

/* What was sent late goes first. */
static int64_t net_shutdown(uint32_t id, int fd, int how)
{
	if (how == SHUT_RD || !late_shutdown(id))
		return result(shutdown(fd, how));
	return how == SHUT_RDWR ? result(shutdown(fd, SHUT_RD)) : 0;
}

static int64_t net_queued(uint32_t id, int fd, int what)
{
	static const unsigned long requests[] = { SIOCINQ, SIOCOUTQ, SIOCATMARK };
	int n = 0;

	if (what < 0 || what > 2)
		return -EINVAL;
	if (ioctl(fd, requests[what], &n))
		return -errno;
	return what == 1 ? n + (int64_t)late_bytes(id) : n;
}

static int64_t net_accept(struct ocall_net_op *a, int fd)
{
	socklen_t len = sizeof(a->addr);
	int64_t ret = enter((uint32_t)a->a, accept4(fd, (void *)a->addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC));

	a->addr_len = len;
	return ret;
}

static int64_t net_name(struct ocall_net_op *a, int fd)
{
	socklen_t len = sizeof(a->addr);
	int r = a->op == NET_GETSOCKNAME ? getsockname(fd, (void *)a->addr, &len) :
					   getpeername(fd, (void *)a->addr, &len);

	a->addr_len = len;
	return result(r);
}

static int64_t run(struct ocall_net_op *a, int fd)
{
	socklen_t len = a->addr_len <= sizeof(a->addr) ? a->addr_len : sizeof(a->addr);

	switch (a->op) {
	case NET_BIND:
		return result(bind(fd, (void *)a->addr, len));
	case NET_CONNECT:
		return result(connect(fd, (void *)a->addr, len));
	case NET_LISTEN:
		return result(listen(fd, a->a));
	case NET_ACCEPT:
		return net_accept(a, fd);
	case NET_SHUTDOWN:
		return net_shutdown(a->id, fd, a->a);
	case NET_GETSOCKNAME:
	case NET_GETPEERNAME:
		return net_name(a, fd);
	case NET_WATCH:
		return net_watch(a->id, fd);
	case NET_POLL:
		return net_poll(a->id, fd);
	case NET_QUEUED:
		return net_queued(a->id, fd, a->a);
	case NET_DESCRIPTOR:
		return fd;
	case NET_CLOSE:
		return net_close(a->id, fd);
	default:
		return -ENOSYS;
	}
}

static int64_t watch_fd_op(const struct ocall_net_op *a)
{
	struct epoll_event ev = { .events = WATCH_EVENTS, .data.u32 = a->id };

	if (a->op == NET_WATCH_MASK) {
		ev.events &= (uint32_t)a->b | EPOLLET;
		return result(epoll_ctl(watch_fd, EPOLL_CTL_MOD, a->a, &ev));
	}
	return result(epoll_ctl(watch_fd, a->op == NET_WATCH_FD ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, a->a, &ev));
}

void ocall_net_op(struct ocall_net_op *a)
{
	int fd = fd_of(a->id);

	if (a->op == NET_WATCH_FD || a->op == NET_WATCH_MASK || a->op == NET_UNWATCH_FD)
		a->ret = watch_fd_op(a);
	else if (a->op == NET_ADOPT)
		a->ret = enter(a->id, a->a);
	else if (a->op == NET_SOCKET)
		a->ret = enter(a->id, socket(a->a, a->b | SOCK_NONBLOCK | SOCK_CLOEXEC, a->c));
	else
		a->ret = fd < 0 ? -EBADF : run(a, fd);
}

static struct msghdr header(struct ocall_net_msg *a, struct iovec *v)
{
	*v = (struct iovec){ (void *)a->buf, a->len };
	return (struct msghdr){
		.msg_name = a->addr_len ? a->addr : NULL,
		.msg_namelen = a->addr_len <= sizeof(a->addr) ? a->addr_len : sizeof(a->addr),
		.msg_iov = v, .msg_iovlen = 1,
		.msg_control = a->control_len ? a->control : NULL,
		.msg_controllen = a->control_len <= sizeof(a->control) ? a->control_len : sizeof(a->control),
	};
}

/* 0: the socket may be sent to. */
static int64_t send_refused(uint32_t id, int fd)
{
	if (fd < 0)
		return -EBADF;
	return late_bytes(id) ? -EAGAIN : 0;
}

/* By syscall(2): libc's functions are cancellation points, which costs and which nobody needs here. */
void ocall_net_write(struct ocall_net_data *a)
{
	int fd = fd_of(a->id);

	a->ret = send_refused(a->id, fd);
	if (!a->ret)
		a->ret = result(syscall(SYS_sendto, fd, a->buf, a->len, a->flags | MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0));
}

void ocall_net_read(struct ocall_net_data *a)
{
	int fd = fd_of(a->id);

	a->ret = fd < 0 ? -EBADF :
		 result(syscall(SYS_recvfrom, fd, a->buf, a->len, a->flags | MSG_DONTWAIT, NULL, NULL));
}

void ocall_net_ahead(struct ocall_net_ahead *a)
{
	struct net_read *r = (struct net_read *)a->buf;
	uint64_t at = a->buf + NET_AHEAD_DATA;

	for (uint32_t i = 0; i < a->count && i < NET_AHEAD_MAX; i++, at += NET_AHEAD_SIZE) {
		int fd = fd_of(r[i].id);

		r[i].ret = fd < 0 ? -EBADF :
			   result(syscall(SYS_recvfrom, fd, at, NET_AHEAD_SIZE, MSG_DONTWAIT, NULL, NULL));
	}
	a->ret = 0;
}

void ocall_net_later(struct ocall_net_later *a)
{
	struct net_write *w = (struct net_write *)a->buf;

	for (uint32_t i = 0; i < a->count && i < NET_LATER_MAX; i++) {
		int fd = fd_of(w[i].id);

		w[i].ret = fd < 0 ? -EBADF : late_send(w[i].id, fd, (const void *)w[i].buf, w[i].len);
	}
	a->ret = 0;
}

void ocall_net_send(struct ocall_net_msg *a)
{
	struct iovec v;
	struct msghdr m = header(a, &v);
	int fd = fd_of(a->id);

	a->ret = send_refused(a->id, fd);
	if (!a->ret)
		a->ret = result(sendmsg(fd, &m, (int)a->flags | MSG_DONTWAIT | MSG_NOSIGNAL));
}

void ocall_net_recv(struct ocall_net_msg *a)
{
	struct iovec v;
	struct msghdr m = header(a, &v);
	int fd = fd_of(a->id);

	a->ret = fd < 0 ? -EBADF : result(recvmsg(fd, &m, (int)a->flags | MSG_DONTWAIT));
	a->addr_len = m.msg_namelen;
	a->control_len = (uint32_t)m.msg_controllen;
	a->out_flags = (uint32_t)m.msg_flags;
}

void ocall_net_option(struct ocall_net_option *a)
{
	socklen_t len = a->len <= sizeof(a->value) ? a->len : sizeof(a->value);
	int fd = fd_of(a->id);

	if (fd < 0) {
		a->ret = -EBADF;
	} else if (a->set) {
		a->ret = result(setsockopt(fd, a->level, a->name, a->value, len));
	} else {
		a->ret = result(getsockopt(fd, a->level, a->name, a->value, &len));
		a->len = len;
	}
}

/* Converts in place of nothing: out and the kernel's events differ in layout. The eventfd is not an event. */
static int64_t convert(struct net_event *out, const struct epoll_event *ev, int n)
{
	int64_t used = 0;
	uint64_t count;

	for (int i = 0; i < n; i++) {
		if (ev[i].data.u32 == WAKE_ID)
			(void)!read(wake_fd, &count, sizeof(count));
		else
			out[used++] = (struct net_event){ ev[i].data.u32, late_hide(ev[i].data.u32, ev[i].events) };
	}
	return used;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Linux has epoll_pwait2 since 5.11, valgrind 3.19 does not: milliseconds will do then, rounded up. */
static int wait_for(struct epoll_event *ev, int max, uint64_t timeout_ns)
{
	struct timespec ts = { (time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000) };
	uint64_t ms = timeout_ns / 1000000 + !!(timeout_ns % 1000000);

	if (sgx_plain)
		return epoll_wait(watch_fd, ev, max, timeout_ns == UINT64_MAX ? -1 : ms > INT_MAX ? INT_MAX : (int)ms);
	return epoll_pwait2(watch_fd, ev, max, timeout_ns == UINT64_MAX ? NULL : &ts, NULL);
}

static int look_for(struct epoll_event *ev, int max, uint64_t spin_ns)
{
	uint64_t end = now_ns() + spin_ns;
	int n;

	do
		n = wait_for(ev, max, 0);
	while (!n && now_ns() < end);
	return n;
}

int64_t net_events(struct net_event *out, uint32_t max, uint64_t timeout_ns, uint64_t spin_ns)
{
	int room = (int)(max < NET_EVENTS_MAX ? max : NET_EVENTS_MAX);
	struct epoll_event ev[NET_EVENTS_MAX];
	int n = spin_ns && timeout_ns > spin_ns ? look_for(ev, room, spin_ns) : 0;

	if (!n)
		n = wait_for(ev, room, timeout_ns);
	return n <= 0 ? 0 : convert(out, ev, n);
}

void net_wake(void)
{
	uint64_t one = 1;

	(void)!write(wake_fd, &one, sizeof(one));
}

static void raise_descriptor_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur == r.rlim_max)
		return;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

int net_start(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.u32 = WAKE_ID };

	raise_descriptor_limit();
	table = calloc(NET_SOCKETS_MAX, sizeof(*table));
	watch_fd = epoll_create1(EPOLL_CLOEXEC);
	late_start(watch_fd, WATCH_EVENTS);
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!table || watch_fd < 0 || wake_fd < 0 || epoll_ctl(watch_fd, EPOLL_CTL_ADD, wake_fd, &ev))
		return errno ? -errno : -ENOMEM;
	return 0;
}
