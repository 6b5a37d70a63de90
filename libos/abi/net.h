/* net.h: sockets of the host. The LibOS names a socket by an id that it chooses: the low bits are an index into
 * both sides' tables, the rest a count that tells a socket from its predecessor at the same index. So the host returns no
 * names, and an event that comes late is known to be old. All sockets are non-blocking; a call that would block returns
 * -EAGAIN. From the first NET_WATCH on, changes of a socket's state come as events, once per change (edge-triggered), with
 * the state they found. Addresses, options, flags and control messages have the layout of Linux. */
#pragma once
#include "ocall.h"

#define NET_INDEX_BITS 16
#define NET_SOCKETS_MAX (1u << NET_INDEX_BITS)
#define NET_ADDR_MAX 128
#define NET_CONTROL_MAX 256
#define NET_OPTION_MAX 512
#define NET_EVENTS_MAX 64 /* per call */

enum net_op {
	NET_SOCKET = 1,  /* a: domain, b: type, c: protocol */
	NET_BIND,        /* addr */
	NET_CONNECT,     /* addr */
	NET_LISTEN,      /* a: backlog */
	NET_ACCEPT,      /* a: id of the new socket; addr out */
	NET_SHUTDOWN,    /* a: how */
	NET_GETSOCKNAME, /* addr out */
	NET_GETPEERNAME, /* addr out */
	NET_WATCH,       /* ret: the state now, as from NET_POLL */
	NET_POLL,        /* ret: EPOLL* bits */
	NET_QUEUED,      /* a: 0 bytes to be read, 1 not yet sent, 2 at the mark of urgent data? */
	NET_CLOSE,
	NET_WATCH_FD,    /* a: a host descriptor, which is no socket of the table; its events come under id */
	NET_WATCH_MASK,  /* a: the same; b: only these of its events, EPOLL* bits, and EPOLLHUP, EPOLLERR */
	NET_DESCRIPTOR,  /* ret: the host descriptor, which stays the table's: another process is to inherit it */
	NET_ADOPT,       /* a: a host descriptor that becomes the socket's; it is non-blocking */
	NET_UNWATCH_FD,  /* a: the same; before it is closed */
};
OCALL_STRUCT(ocall_net_op) {
	uint32_t op, id; int32_t a, b, c; uint32_t addr_len; uint8_t addr[NET_ADDR_MAX]; int64_t ret;
};
/* WRITE, READ: of a stream, with neither names nor control messages: the common case, and small. */
OCALL_STRUCT(ocall_net_data) { uint32_t id, flags; uint64_t buf, len; int64_t ret; };
/* AHEAD: up to NET_AHEAD_SIZE bytes of each of `count` streams: at buf as many net_reads, whose ret are READ's, and
 * NET_AHEAD_DATA behind buf the bytes of the first, NET_AHEAD_SIZE further those of the next, and so on. */
#define NET_AHEAD_MAX 16
#define NET_AHEAD_SIZE 2048
#define NET_AHEAD_DATA 4096
OCALL_STRUCT(net_read) { uint32_t id, unused; int64_t ret; };
OCALL_STRUCT(ocall_net_ahead) { uint64_t buf; uint32_t count; int64_t ret; };
/* LATER: the bytes of `count` streams, in order, each once: at buf as many net_writes. What a stream does not take at once
 * the host keeps and sends when it can; until then the stream takes nothing else and is not ready for writing, and
 * shutting it down or closing it waits for that, on the host's side. ret of each: the bytes taken at once, or WRITE's error. */
#define NET_LATER_MAX 16
OCALL_STRUCT(net_write) { uint32_t id, flags; uint64_t buf, len; int64_t ret; };
OCALL_STRUCT(ocall_net_later) { uint64_t buf; uint32_t count; int64_t ret; };
/* SEND, RECV: one sendmsg or recvmsg. RECV: lengths are room before, and what came after. */
OCALL_STRUCT(ocall_net_msg) {
	uint32_t id, flags; uint64_t buf, len; uint32_t out_flags, addr_len, control_len;
	uint8_t addr[NET_ADDR_MAX], control[NET_CONTROL_MAX]; int64_t ret;
};
OCALL_STRUCT(ocall_net_option) {
	uint32_t id, set; int32_t level, name; uint32_t len; uint8_t value[NET_OPTION_MAX]; int64_t ret;
};
OCALL_STRUCT(net_event) { uint32_t id, events; };

/* Interfaces and their addresses, as records into buf; ret: how many. */
OCALL_STRUCT(ocall_net_interfaces) { uint64_t buf; uint32_t max; int64_t ret; };
enum net_record_kind { NET_LINK = 1, NET_ADDRESS };
OCALL_STRUCT(net_record) {
	uint32_t kind, index;
	char name[16];              /* NUL-terminated */
	uint32_t flags;             /* IFF_*; ADDRESS: of the interface */
	uint32_t mtu, hw_type;      /* LINK */
	uint32_t family, prefix;    /* ADDRESS: AF_INET or AF_INET6 */
	uint8_t addr[16], other[16]; /* LINK: hardware address and broadcast; ADDRESS: own, and broadcast or peer */
	uint32_t addr_len, other_len;
};
