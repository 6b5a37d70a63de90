/* netlink.h: route netlink sockets: netlink.c is the socket, netlink_route.c what the "kernel" answers. */
#pragma once
#include "linux/netlink.h"
#include "net/socket.h"

#define DATAGRAM_SIZE 4096u
#define DATAGRAMS_MAX 64u

struct nl_datagram {
	struct list node;
	uint32_t len;
	char data[DATAGRAM_SIZE];
};

struct nl_sock {
	struct socket sock;
	uint32_t pid;          /* its name; 0: none yet */
	uint32_t groups;       /* joined; nothing is ever announced */
	struct list queue;     /* struct nl_datagram */
	unsigned count;
};

extern const struct socket_family netlink_family;

/* For message queues, which tell libc's threads in this way: is f a netlink socket? Puts a datagram into its queue. */
bool netlink_is_socket(const struct file *f);
void netlink_deliver(struct file *f, const void *data, uint32_t n);

/* Appends a message with this payload; NULL if there is no room. Aligned; the header is filled in but for what
 * nl_attribute adds to its length. */
struct nlmsghdr *nl_message(struct nl_sock *s, const struct nlmsghdr *request, int type, unsigned flags,
			    const void *payload, uint32_t size);
/* To the message made last. */
void nl_attribute(struct nl_sock *s, struct nlmsghdr *m, int type, const void *data, uint32_t size);

/* Answers one request, of h->len bytes. Error for an error message, or 0. */
int netlink_route(struct nl_sock *s, const struct nlmsghdr *h);
