/* unix.h: local sockets (AF_UNIX), as seen by their own files. Overview: README.md.
 *
 * A struct unix_sock lives while it has a file or sits in a backlog, has a peer that points to it, or has sent a message
 * that nobody has read yet. `dead` says that the file is gone. */
#pragma once
#include "base/list.h"
#include "fs/path.h"
#include "net/socket.h"
#include "process/process.h"

/* Descriptors in flight. */
struct fd_pack {
	struct list node;              /* in a queue: of the packs the collector knows; else: to be freed */
	struct unix_sock *holder;      /* in whose queue it is; NULL: on the way */
	unsigned count;
	struct file *files[SCM_MAX_FD]; /* referenced */
};

/* A name somebody has bound; accepted sockets share their listener's. */
struct unix_name {
	unsigned ref;
	unsigned live;                 /* sockets that are not dead: they hold the path */
	struct sock_name addr;         /* a path with its NUL, however long */
	struct path path;              /* of the socket file, referenced; dentry NULL: abstract */
	struct inode *inode;           /* of path */
};

enum unix_state { UNIX_UNCONNECTED, UNIX_LISTENING, UNIX_CONNECTED };

struct unix_peer_id {
	struct ucred cred;
	bool known;                    /* somebody has connected, paired or listened */
	struct group_list *groups;     /* referenced; NULL: none */
};

struct unix_sock {
	struct socket sk;              /* first */
	unsigned ref;
	struct landlock_layer *landlock; /* of who made it; referenced */
	enum unix_state state;
	bool dead, shut_read, shut_write;
	bool nospace;                  /* somebody was told that it cannot be written to */
	bool busy;                     /* somebody takes from the queue; idle is woken at the end */
	struct waitq idle;
	struct unix_sock *peer;        /* referenced; NULL: never connected */
	struct eip_pair *far;          /* the host carries the connection, between enclaves (eip/pair.c): no queue; else NULL */
	struct unix_peer_id peer_id;   /* SO_PEERCRED; of a listener: of who called listen */

	struct list queue;             /* struct message, to be read here */
	unsigned count;                /* messages in it */
	size_t sent;                   /* memory of own messages in others' queues: against sk.sndbuf */
	struct waitq space;            /* for room in queue or backlog: senders without connection, connectors */
	struct list clients;           /* datagram sockets connected to this one, by client_node */
	struct list client_node;

	struct unix_name *name;        /* NULL: unbound */
	struct list bound_node;        /* in the table of names; self-linked: not found by name */

	struct list backlog;           /* of a listener: connections to be accepted, by backlog_node */
	struct list backlog_node;
	unsigned backlog_count, backlog_max;
	struct unix_sock *listener;    /* while in its backlog; not a reference */

	struct list all_node;          /* unix_all */
	unsigned gc_flights;           /* unix_gc.c */
	bool gc_live;
	struct list gc_node;
};

struct message {
	struct list node;
	size_t len, off;               /* off: read so far, streams */
	size_t charge;                 /* part of from->sent */
	struct unix_sock *from;        /* referenced */
	struct ucred cred;
	struct fd_pack *fds;
	char data[];
};

/* What travels beside the bytes. */
struct scm {
	struct ucred cred;             /* of the sender */
	bool has_cred;                 /* received one */
	struct fd_pack *fds;           /* sending: goes with the first byte, NULL once taken over; receiving: for the caller */
};

extern const struct socket_family unix_family;
extern const struct socket_ops unix_ops; /* of sockets whose messages stay in this enclave */
extern struct list unix_all;

static inline struct unix_sock *unix_of(struct socket *s) { return (struct unix_sock *)s; }
static inline bool unix_is_stream(const struct unix_sock *s) { return s->sk.type == SOCK_STREAM; }

/* unix.c */
struct unix_sock *unix_alloc(int type) must_check;
struct unix_sock *unix_get(struct unix_sock *s);
void unix_put(struct unix_sock *s);
struct unix_sock *file_unix_sock(const struct file *f); /* NULL: not one */
struct ucred unix_current_cred(void);
/* For calls on the queues that find s->far set: what they return to be started again, with its other operations. */
int unix_start_again(void);

/* unix_name.c */
int unix_bind(struct socket *s, const struct sock_name *name) must_check;
int unix_autobind(struct unix_sock *s) must_check;
void unix_unbind(struct unix_sock *s);                    /* s is found no more; its peer still sees the name. May sleep */
void unix_name_share(struct unix_sock *s, struct unix_name *n);
void unix_name_put(struct unix_name *n);
int unix_getname(struct socket *s, bool peer, struct sock_name *name) must_check;
void unix_name_copy(const struct unix_sock *s, struct sock_name *out);
/* Whom a name means: *out referenced. -ECONNREFUSED, -EPROTOTYPE, errors of the lookup. May sleep. */
int unix_find(const struct sock_name *name, int type, struct unix_sock **out) must_check;

/* unix_path.c: names in the file system. May sleep. */
int unix_path_create(const char *name, struct path *out) must_check;          /* -EADDRINUSE */
int unix_path_lookup(const char *name, struct path *out) must_check;

/* unix_connect.c */
int unix_connect(struct socket *s, const struct sock_name *name, bool nonblock) must_check;
int unix_pair(struct socket *a, struct socket *b) must_check;
int unix_listen(struct socket *s, int backlog) must_check;
int unix_accept(struct socket *s, bool nonblock, struct socket **out) must_check;
bool unix_may_send(const struct unix_sock *s, const struct unix_sock *to);
void unix_disconnect(struct unix_sock *s);                 /* a datagram socket leaves its peer */

/* unix_send.c, unix_recv.c */
ssize_t unix_sendmsg(struct socket *s, struct msg_io *io) must_check;
ssize_t unix_recvmsg(struct socket *s, struct msg_io *io) must_check;
bool unix_has_room(const struct unix_sock *s);             /* for poll: s may send */
size_t unix_unread(const struct unix_sock *s);
void unix_queue_purge(struct unix_sock *s);                /* may sleep */

/* unix_control.c */
int scm_read(struct scm *scm, const struct msg_io *io) must_check;
/* Gives what was received to the caller, as far as s wants it and there is room. Frees the rest. May sleep. */
void scm_write(struct unix_sock *s, struct scm *scm, struct msg_io *io);
void fd_pack_free(struct fd_pack *pack);                   /* may sleep */
struct fd_pack *fd_pack_copy(const struct fd_pack *pack) must_check;
void fd_pack_enqueue(struct fd_pack *pack, struct unix_sock *holder);
void fd_pack_dequeue(struct fd_pack *pack);
bool fd_pack_freeing(void);                                /* somebody is in fd_pack_free */
extern struct list fd_packs_queued;                        /* packs that are in queues */

/* unix_gc.c */
void unix_gc(void);                                        /* may sleep */

/* unix_proc.c */
struct text;
void unix_proc_show(struct text *out);                     /* /proc/net/unix */
