/* unix.h: local sockets (AF_UNIX): connected pairs. See unix.c. */
#pragma once
#include "fs/file.h"
#include "linux/socket.h"

/* Descriptors in flight. */
struct fd_pack {
	struct list node;
	unsigned count;
	struct file *files[SCM_MAX_FD]; /* referenced */
};

struct unix_sock {
	int type;
	struct unix_sock *peer;      /* NULL: never connected, or gone */
	bool connected;              /* has, or had, a peer */
	bool shut_read, shut_write;
	bool passcred;
	bool busy;                   /* somebody takes from the queue; idle is woken at the end */
	int err;                     /* what the next call reports, once; positive */
	struct list queue;           /* struct message, to be read here */
	size_t queued;               /* memory they hold: against the sender's sndbuf */
	unsigned count;
	struct waitq readable, writable, idle;
	struct ucred peer_cred;
	size_t sndbuf, rcvbuf;
	nsec_t rcv_timeout, snd_timeout; /* NSEC_NEVER: none */
};

/* One transfer: what goes with the bytes. */
struct unix_io {
	struct iov_iter *iter;
	unsigned flags;              /* MSG_* */
	bool nonblock;
	struct fd_pack *fds;         /* sending: goes with the first byte, NULL once taken over; receiving: for the caller */
	struct ucred cred;           /* of the sender */
	bool has_cred;               /* received one */
	unsigned out_flags;          /* MSG_TRUNC */
};

/* Bytes or -errno; -EPIPE comes with SIGPIPE unless MSG_NOSIGNAL. May sleep. */
ssize_t unix_send(struct unix_sock *s, struct unix_io *io);
ssize_t unix_recv(struct unix_sock *s, struct unix_io *io);
void unix_shutdown(struct unix_sock *s, bool read, bool write);
int unix_take_error(struct unix_sock *s); /* pending error as -errno, or 0 */
/* An unconnected socket's file; flags O_NONBLOCK. */
int unix_open(int type, unsigned flags, struct file **out) must_check;
void unix_connect_pair(struct file *a, struct file *b);
/* NULL: not a socket. */
struct unix_sock *file_unix_sock(const struct file *f);
/* Referenced file of a socket; NULL with *err -EBADF or -ENOTSOCK. */
struct file *socket_get(int fd, long *err) must_check;
struct ucred unix_current_cred(void);

/* unix_control.c: control messages. */
/* Reads what sendmsg is given: descriptors into io->fds, checked credentials into io->cred. May sleep. */
int control_read(struct unix_io *io, uaddr_t control, size_t len) must_check;
/* Writes what recvmsg got, into control; *used bytes, MSG_CTRUNC in io->out_flags. Takes over io->fds. May sleep. */
void control_write(struct unix_io *io, uaddr_t control, size_t room, size_t *used);
void fd_pack_free(struct fd_pack *pack);           /* may sleep */
struct fd_pack *fd_pack_copy(const struct fd_pack *pack) must_check;
