/* loop.h: loopback inside the enclave: two internet sockets of this enclave reach each other without the host. README.md
 * says how; loop.c who is found where, loop_connect.c and loop_stream.c TCP, loop_dgram.c UDP.
 *
 * A port is what can be found: a listener or a socket for datagrams. It remains the host's socket, too, so others are
 * served beside us. A connection has two ends; an end's socket has a socket of the host only to keep its port from
 * others (who connected) or its options (who accepted, when it asks for any). All fields: giant lock. */
#pragma once
#include "base/list.h"
#include "net/inet.h"

/* Bytes or a datagram that wait for their reader. */
struct loop_chunk {
	struct list node;
	size_t len, off;
	bool urgent;             /* a stream's one byte of urgent data; the mark is before it */
	struct loop_addr from;   /* of a datagram */
	char data[];
};

/* Reading copies to the program, which may sleep: `busy` keeps other readers out; writers only append. */
struct loop_queue {
	struct list chunks;
	size_t bytes, charge;    /* unread; with what holds them */
	bool busy;
	struct waitq idle;
};

struct loop_port {
	unsigned ref;            /* the socket, who reads */
	struct list node;        /* in the table */
	struct inet_sock *sock;
	struct loop_addr at;
	bool v6only;
	struct loop_addr peer;   /* datagrams: who alone is heard; port 0: anybody */
	unsigned turn;           /* taken from inside since the host was asked */
	struct loop_queue queue; /* datagrams */
	struct list backlog;     /* listener: struct loop_conn; those beyond `max` are pending */
	unsigned count, max;     /* connections, datagrams */
};

struct loop_end {
	struct inet_sock *sock;  /* NULL: not accepted yet, or closed */
	struct loop_conn *conn;
	struct loop_addr name;
	struct loop_queue queue; /* to be read here */
	bool closed;
	bool fin;                /* the other end sends no more */
	bool shut_read, shut_write;
	bool reset;              /* the connection is gone */
	int err;                 /* of an end that nobody accepted yet */
	bool nospace;            /* the other end was told that it cannot write */
	int urgent;              /* the byte, -1: none, or taken */
};

struct loop_conn {
	unsigned ref;            /* open ends, operations */
	bool pending;            /* not yet connected: the backlog is full */
	struct loop_port *listener; /* in whose backlog it is */
	struct list node;
	struct loop_end end[2];  /* who connected; who accepts */
};

#define LOOP_OUTSIDE 1       /* not for us: the host's */

static inline struct loop_end *loop_peer(struct loop_end *e)
{
	return &e->conn->end[e == &e->conn->end[0]];
}

/* loop.c */
void loop_init(bool inside);
bool loop_inside(void);
bool loop_addr_of(const struct sock_name *name, struct loop_addr *out); /* false: no internet address */
void loop_addr_name(const struct loop_addr *a, int family, struct sock_name *out);
bool loop_is_wildcard(const struct loop_addr *a);
bool loop_is_loopback(const struct loop_addr *a);
void loop_set_loopback(struct loop_addr *a); /* the address, of the same kind */
/* Where the program sends to, if that is in this enclave's reach: a loopback address or a wildcard. */
bool loop_target(const struct inet_sock *s, const struct sock_name *name, struct loop_addr *out);
int loop_port_open(struct inet_sock *s, const struct loop_addr *at) must_check;
void loop_port_close(struct inet_sock *s);
void loop_port_put(struct loop_port *p);
struct loop_port *loop_find(const struct inet_sock *s, const struct loop_addr *to, const struct loop_addr *from);
/* The host's socket's own address; asks the host. */
int loop_host_name(struct inet_sock *s, struct loop_addr *out) must_check;
/* Binds it where `at` says, which becomes what it got. */
int loop_host_bind(struct inet_sock *s, struct loop_addr *at) must_check;
void loop_queue_init(struct loop_queue *q);
int loop_queue_lock(struct loop_queue *q) must_check; /* may sleep; -ERESTARTSYS */
void loop_queue_unlock(struct loop_queue *q);
void loop_queue_add(struct loop_queue *q, struct loop_chunk *c);
void loop_queue_drop(struct loop_queue *q, struct loop_chunk *c);
void loop_queue_purge(struct loop_queue *q);
/* len bytes of the iterator; NULL and *err. May sleep. */
struct loop_chunk *loop_chunk_read(struct iov_iter *it, size_t len, bool whole, int *err) must_check;

/* loop_connect.c. connect: 0, -errno, or LOOP_OUTSIDE. */
int loop_connect(struct inet_sock *s, const struct sock_name *name, bool nonblock) must_check;
void loop_listen(struct inet_sock *s, int backlog);
/* A connection of listener s from inside waits; it is its turn. */
bool loop_accept_ready(const struct inet_sock *s);
void loop_accept(struct inet_sock *s, struct inet_sock *got);
int loop_getname(struct inet_sock *s, bool peer, struct sock_name *name) must_check;
int loop_shutdown(struct inet_sock *s, bool read, bool write) must_check;
void loop_close(struct inet_sock *s);
void loop_refuse_all(struct loop_port *l);
void loop_conn_put(struct loop_conn *c);

/* loop_stream.c */
ssize_t loop_send(struct inet_sock *s, struct msg_io *io) must_check;
ssize_t loop_recv(struct inet_sock *s, struct msg_io *io) must_check;
unsigned loop_poll(struct inet_sock *s);
int loop_at_mark(const struct loop_end *e);
size_t loop_unread(const struct loop_end *e);
void loop_reset(struct loop_end *e);
void loop_wake(struct loop_end *e);
uint8_t loop_tcp_state(const struct loop_end *e); /* as in TCP_INFO */

/* loop_dgram.c. send: bytes, -errno; *outside: the host's matter. */
ssize_t loop_dgram_send(struct inet_sock *s, struct msg_io *io, bool *outside) must_check;
/* A datagram from inside waits, and it is its turn. */
bool loop_dgram_ready(const struct inet_sock *s);
ssize_t loop_dgram_recv(struct inet_sock *s, struct msg_io *io) must_check;
void loop_dgram_bound(struct inet_sock *s, const struct sock_name *name);
void loop_dgram_connected(struct inet_sock *s, const struct sock_name *name);
size_t loop_dgram_unread(const struct inet_sock *s);
