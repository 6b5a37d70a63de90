/* hosttty.h: what descriptors of the host (hostfd.c) and its terminals (hosttty.c) share. */
#pragma once
#include "abi/ocall.h"
#include "fs/devfs/tty.h"

struct host_tty {
	struct tty tty;
	uint64_t dev, ino;  /* of the terminal on the host */
	struct list hostfds; /* struct hostfd.in_tty, never empty */
	struct list node;   /* host_ttys */
};

struct hostfd {
	unsigned ref;
	int fd;
	uint32_t type;          /* S_IFMT bits */
	struct host_tty *tty;   /* referenced, or NULL */
	struct list in_tty;
	struct waitq waitq;     /* readers, writers, pollers; woken by the watch */
	int watch;              /* handle or -1 */
	unsigned watch_events;
};

/* The terminal that is this file of the host, referenced for a new hostfd; NULL: no memory. */
struct host_tty *host_tty_get(const struct host_stat *st) must_check;
/* A file on h, a terminal, under the name it has on the host, or on /dev/console, so that ttyname(3) finds one. NULL: there is
 * none, or no memory. f->priv is for the caller to set. */
struct file *host_tty_file(const struct hostfd *h, unsigned flags) must_check;

const struct file_ops *hostfd_ops(const struct hostfd *h);
/* f, which is being opened, becomes another file on h. */
void hostfd_share(struct hostfd *h, struct file *f);
