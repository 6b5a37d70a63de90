/* inet.h: internet sockets: each is a socket of the host. See inet.c; shared by inet_*.c. */
#pragma once
#include "base/list.h"
#include "hostcall/net.h"
#include "net/socket.h"

struct loop_end;
struct loop_port;

/* An address inside the enclave (loop.h). */
struct loop_addr {
	uint8_t ip[16];          /* IPv4: mapped */
	uint16_t port;           /* of the CPU's byte order; 0: none */
};

/* What is known of the host socket's state. `ready`: EPOLL* bits; those in `doubt` may have changed since. Until it is
 * watched nothing is known. */
struct inet_sock {
	struct socket sock;
	uint32_t id;             /* towards the host */
	bool watched;
	unsigned ready, doubt;
	uint32_t events;         /* taken so far: an operation sees that something happened while it was outside */
	uint64_t changed_at;     /* net clock of the last operation that may have taken data or room */
	struct sock_name peer;   /* of an accepted connection; len 0: ask the host */
	char *kept;              /* a stream's bytes that a reader's bad buffer did not take, or read ahead; come first; kmalloc'ed */
	size_t kept_len;
	unsigned readers;        /* in the host just now */
	bool ahead;              /* may be read ahead */
	bool later;              /* bytes wait to be sent: inet_later.c */
	bool flows, shut;        /* a stream over which bytes went, without an end or error since; shut down by a program */
	struct list options;     /* that were set: struct inet_option; a connection inside has them from its listener */

	/* loopback inside the enclave */
	struct loop_end *loop;   /* connected inside; NULL: not */
	struct loop_port *port;  /* can be found inside */
	struct loop_addr bound;  /* what the program asked for */
	struct sock_name to;     /* datagrams: whom the program connected to; len 0: nobody */
	bool no_host;            /* there is no socket of the host (yet) */
	bool is_bound;
	bool on_host;            /* a stream that is or was to be connected by the host */
	bool connecting;         /* the program was told that connecting goes on */
	bool device;             /* SO_BINDTODEVICE */
	bool host_only;          /* all datagrams go the host's way */
};

static inline struct inet_sock *inet_of(struct socket *s)
{
	return (struct inet_sock *)s;
}

extern const struct socket_family inet_family, inet6_family;

/* inet.c: a socket of the host for s if there is none, with the options that were set. */
int inet_host_make(struct inet_sock *s) must_check;

/* A socket on the host descriptor fd, which becomes its own on success. May not sleep. */
int inet_adopt(int family, int type, int protocol, int fd, struct inet_sock **out) must_check;

/* inet_state.c */
int inet_id_take(struct inet_sock *s) must_check; /* names s; -ENOBUFS, -ENOMEM */
void inet_id_give(struct inet_sock *s);           /* closed, or never open */
/* Every bit may have changed. */
void inet_doubt(struct inet_sock *s);
/* An operation that began when s->events was `seen` used up some of what bits stand for; exhausted: all. */
void inet_used(struct inet_sock *s, unsigned bits, uint32_t seen, bool exhausted);
/* After -EAGAIN: sleeps until one of bits may be there. As socket_wait. */
int inet_wait(struct inet_sock *s, unsigned bits, uint32_t seen, bool nonblock, nsec_t deadline) must_check;
/* The host has nothing for these bits, without asking it. */
bool inet_idle(const struct inet_sock *s, unsigned bits);
/* Nor could anybody inside know better: since the last look, a moment ago, nothing was heard from outside. */
bool inet_surely_idle(const struct inet_sock *s, unsigned bits);
unsigned inet_poll(struct socket *sock, struct poll_table *pt);

/* inet_ahead.c. Streams to be read ahead, while the lock is held. */
struct inet_ahead {
	struct inet_sock *socks[NET_AHEAD_MAX];
	unsigned count;
};
void inet_ahead_add(struct inet_ahead *a, struct inet_sock *s, unsigned events); /* if s and the events that came are fit */
void inet_ahead_read(struct inet_ahead *a);
/* A plain read of the program's brought n of `asked` bytes. */
void inet_was_read(struct inet_sock *s, ssize_t n, size_t asked);
/* Of kept bytes, len of them in buf, which is kmalloc'ed and becomes the socket's. */
void inet_kept_set(struct inet_sock *s, char *buf, size_t len);
void inet_kept_drop(struct inet_sock *s);
extern unsigned inet_at_hand; /* sockets with kept bytes */
void inet_kept_abandon(struct inet_sock *s);      /* before closing: the peer learns that bytes were not read */

/* inet_later.c. The current thread is about to send: may that be done later, with others'? What waits of s is sent. */
bool inet_later_fits(struct inet_sock *s, size_t len);
/* The len bytes of net buffer b are to be sent; the buffer is given back when they were. */
void inet_later_add(struct inet_sock *s, int b, size_t len);
/* Before another operation on s. */
void inet_later_finish(const struct inet_sock *s);

/* inet_data.c */
ssize_t inet_sendmsg(struct socket *sock, struct msg_io *io);
ssize_t inet_recvmsg(struct socket *sock, struct msg_io *io);

/* inet_option.c */
int inet_setsockopt(struct socket *sock, int level, int opt, const void *val, unsigned size);
int inet_getsockopt(struct socket *sock, int level, int opt, void *val, unsigned *size);
int inet_option_number(const struct inet_sock *s, int level, int opt); /* as it was set; 0: it was not */
void inet_options_copy(struct inet_sock *to, const struct inet_sock *from);
void inet_options_apply(struct inet_sock *s);     /* to a new socket of the host */
void inet_options_free(struct inet_sock *s);
