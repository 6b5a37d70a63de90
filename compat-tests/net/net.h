/*
 * Small helpers for sockets: local addresses, listeners, connected pairs, one control message.
 */
#pragma once

#include "../ipc/ipc.h"
#include <sys/socket.h>
#include <sys/un.h>

#define UN_AT offsetof(struct sockaddr_un, sun_path)

struct un {
	struct sockaddr_un addr;
	socklen_t len;
};

/* A path in the scratch directory. */
static inline struct un un_path(const char *name)
{
	struct un u = { .addr.sun_family = AF_UNIX };

	snprintf(u.addr.sun_path, sizeof(u.addr.sun_path), "%s/%s", test_tmpdir(), name);
	u.len = UN_AT + strlen(u.addr.sun_path) + 1;
	return u;
}

/* An abstract name that no other process uses. */
static inline struct un un_abstract(const char *name)
{
	struct un u = { .addr.sun_family = AF_UNIX };
	int n = snprintf(u.addr.sun_path + 1, sizeof(u.addr.sun_path) - 1, "compat-%d-%s", getpid(), name);

	u.len = UN_AT + 1 + n;
	return u;
}

#define UN(u) ((struct sockaddr *)&(struct un[1]){ u }[0].addr), (u).len

static inline int un_socket(int type)
{
	return EXPECT_OK(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
}

static inline int un_bound(int type, struct un u)
{
	int s = un_socket(type);

	EXPECT_OK(bind(s, UN(u)));
	return s;
}

static inline int un_listener(int type, struct un u, int backlog)
{
	int s = un_bound(type, u);

	EXPECT_OK(listen(s, backlog));
	return s;
}

static inline int un_connected(int type, struct un u)
{
	int s = un_socket(type);

	EXPECT_OK(connect(s, UN(u)));
	return s;
}

/* Length of what getsockname or getpeername says; -1 on errors. */
static inline int name_of(int fd, bool peer, struct sockaddr_un *a)
{
	socklen_t len = sizeof(*a);

	memset(a, 0, sizeof(*a));
	if ((peer ? getpeername : getsockname)(fd, (struct sockaddr *)a, &len))
		return -1;
	return (int)len;
}

static inline int int_option(int fd, int opt)
{
	socklen_t len = sizeof(int);
	int v = -12345;

	EXPECT_OK(getsockopt(fd, SOL_SOCKET, opt, &v, &len));
	EXPECT_EQ(len, sizeof(int));
	return v;
}

static inline void set_option(int fd, int opt, int v)
{
	EXPECT_OK(setsockopt(fd, SOL_SOCKET, opt, &v, sizeof(v)));
}

/* Sends one byte with descriptors; what sendmsg returns. */
static inline int send_fds(int to, const int *fd, int n, int flags)
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * 16)];
		struct cmsghdr align;
	} ctl = { { 0 } };
	char byte = 'x';
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = ctl.buf,
			    .msg_controllen = CMSG_SPACE(sizeof(int) * n) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(c), fd, sizeof(int) * n);
	return sendmsg(to, &m, flags);
}

/* Receives into at most room descriptors; how many came, or -1. *flags: msg_flags. */
static inline int recv_fds(int from, int *fd, int room, int recv_flags, int *flags)
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * 16)];
		struct cmsghdr align;
	} ctl = { { 0 } };
	char byte[8];
	struct iovec v = { byte, sizeof(byte) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = ctl.buf,
			    .msg_controllen = room ? CMSG_LEN(sizeof(int) * room) : 0 };
	struct cmsghdr *c;
	int n;

	if (recvmsg(from, &m, recv_flags) < 0)
		return -1;
	*flags = m.msg_flags;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return 0;
	n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fd, CMSG_DATA(c), n * sizeof(int));
	return n;
}
