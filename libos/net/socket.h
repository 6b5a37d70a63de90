/* socket.h: what is common to sockets of all families.
 *
 * A family embeds `struct socket` at the start of its own structure and gives it operations. The generic part does
 * descriptors, user memory and the prologue of each call (socket.c, message.c, sockopt.c); an operation gets kernel
 * copies and nothing of user memory but the iterator of a transfer.
 *
 * How to add a family:
 *  1. `static int x_create(int type, int protocol, struct socket **out)`: refuse what does not exist
 *     (-ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -EPERM), kzalloc the structure, socket_init() it, set type and protocol.
 *     No file yet: accept and socketpair make sockets, too. The file comes with socket_open_file().
 *  2. `const struct socket_family x_family = { AF_X, x_create };` and a line in family.c. One create may serve two
 *     families by two such lines.
 *  3. `static const struct socket_ops x_ops`. An operation that is NULL answers -EOPNOTSUPP.
 *  4. Whatever changes readiness calls socket_wake(): it wakes sleepers, epoll, and sends SIGIO.
 *
 * Sleeping operations use socket_wait() on a queue of the socket, after asking for nonblock; the file keeps the socket
 * alive meanwhile. All fields: giant lock. */
#pragma once
#include "fs/file.h"
#include "linux/socket.h"

struct socket;

/* An address, in kernel memory. len 0: none. */
struct sock_name {
	unsigned len;
	struct sockaddr_storage addr;
};

/* Where recvmsg puts control messages: user memory. See control_put(). */
struct control_out {
	uaddr_t at;
	size_t left, used;
};

/* One transfer. */
struct msg_io {
	struct iov_iter *iter;
	unsigned flags;          /* MSG_*, as given */
	bool nonblock;           /* O_NONBLOCK or MSG_DONTWAIT */
	struct sock_name *name;  /* sending: whom to, NULL: the peer; receiving: for the sender's name, NULL: not wanted */
	const char *control;     /* sending: control messages, kernel copy of control_len bytes (not checked) */
	size_t control_len;
	struct control_out out;  /* receiving */
	unsigned out_flags;      /* receiving: MSG_TRUNC, MSG_CTRUNC, MSG_EOR... for msg_flags */
};

struct socket_ops {
	int (*bind)(struct socket *s, const struct sock_name *name);
	/* name->len >= 2. */
	int (*connect)(struct socket *s, const struct sock_name *name, bool nonblock);
	int (*pair)(struct socket *a, struct socket *b);  /* socketpair(2) */
	int (*listen)(struct socket *s, int backlog);
	/* A socket of its own, complete but for the file. May sleep. */
	int (*accept)(struct socket *s, bool nonblock, struct socket **out);
	int (*getname)(struct socket *s, bool peer, struct sock_name *name);
	/* Bytes or -errno. On -EPIPE the operation itself sends SIGPIPE where it is due (socket_pipe_error). May sleep. */
	ssize_t (*sendmsg)(struct socket *s, struct msg_io *io);
	ssize_t (*recvmsg)(struct socket *s, struct msg_io *io);
	int (*shutdown)(struct socket *s, bool read, bool write);
	/* Asked first for every level. SOCKOPT_GENERIC: the generic part is to handle SOL_SOCKET as well. val: kernel
	 * memory. get: val has room for SOCKOPT_MAX bytes; *size is what the caller wants, at most that, and becomes the
	 * value's size, which may be more: the caller gets what fits. With -ERANGE it is told the size. NULL: generic. */
	int (*setsockopt)(struct socket *s, int level, int opt, const void *val, unsigned size);
	int (*getsockopt)(struct socket *s, int level, int opt, void *val, unsigned *size);
	unsigned (*poll)(struct socket *s, struct poll_table *pt); /* contract of file_ops.poll */
	long (*ioctl)(struct socket *s, unsigned cmd, uaddr_t arg); /* -ENOIOCTLCMD: not known */
	void (*release)(struct socket *s); /* the file is gone: frees s. May sleep. */
};

#define SOCKOPT_GENERIC 1
#define SOCKOPT_MAX 512u

struct socket {
	const struct socket_ops *ops;
	int family, type, protocol;
	struct file *file;               /* NULL before socket_open_file; not a reference */
	struct waitq readable, writable; /* who waits for one or the other; poll and epoll use both */
	nsec_t rcv_timeout, snd_timeout; /* NSEC_NEVER: none */
	size_t sndbuf, rcvbuf;           /* as getsockopt tells */
	int err;                         /* reported once, by the next call; positive */
	bool listening;                  /* SO_ACCEPTCONN */
	bool passcred, passpidfd;
	uint64_t flags;                  /* boolean options, bit SO_* */
	int rcvlowat, priority, mark;
	struct linger linger;
	uint64_t cookie;
};

struct socket_family {
	int family;
	int (*create)(int type, int protocol, struct socket **out);
};

/* family.c. -EAFNOSUPPORT, or what the family says. type without flags. */
int socket_create(int family, int type, int protocol, struct socket **out) must_check;
/* Fills in the generic part of zeroed memory. */
void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type);
/* A file for s, which it takes over, also on error; flags: SOCK_NONBLOCK. */
int socket_open_file(struct socket *s, unsigned flags, struct file **out) must_check;
/* NULL: not a socket. */
struct socket *file_socket(const struct file *f);
/* Referenced file of a socket; NULL with *err -EBADF or -ENOTSOCK. */
struct file *socket_get(int fd, long *err) must_check;
/* Pending error as -errno, or 0; forgets it. */
int socket_take_error(struct socket *s);
/* Wakes a queue of s: EPOLL* bits. SIGIO for readable and writable. Never sleeps. */
void socket_wake(struct socket *s, struct waitq *q, unsigned events);
/* When a call that starts now with this timeout gives up. */
nsec_t socket_deadline(nsec_t timeout);
/* Sleeps once, or -EAGAIN: nonblock, or the deadline has passed. -ERESTARTSYS or, with a deadline, -EINTR. */
int socket_wait(struct waitq *q, bool nonblock, nsec_t deadline) must_check;
/* SIGPIPE unless MSG_NOSIGNAL; gives -EPIPE. */
int socket_pipe_error(const struct msg_io *io);

/* message.c. Appends one control message; MSG_CTRUNC when it does not fit. May sleep. */
void control_put(struct msg_io *io, int level, int type, const void *data, size_t len);
/* Goes on behind len bytes that were written at io->out.at. */
void control_advance(struct control_out *out, size_t len);
/* socket.c: user memory. write: as getsockname(2) does, ulen holds the room. May sleep. */
int sock_name_read(struct sock_name *name, uaddr_t uaddr, int len) must_check;
int sock_name_write(const struct sock_name *name, uaddr_t uaddr, uaddr_t ulen) must_check;
