/* net.h: sockets of the host; libos/abi/net.h says what the calls mean. What comes back has sane lengths: counts at most
 * what was asked, addresses of a known family and its size, whole control messages of known kinds, errors of Linux.
 *
 * Data goes through net buffers in untrusted memory; whoever takes one may sleep before it gives it back. Calls marked
 * "unlocks" let go of the giant lock while the host works: all but the caller's references may have changed. */
#pragma once
#include "abi/net.h"
#include "syscall/usercopy.h"

void host_net_init(haddr_t buffers);

/* Counts calls that may have brought the enclave to know something of the outside: all but the sending of a stream's bytes. */
extern uint64_t host_news;

/* a->ret, checked; for calls that give an address its length in a->addr_len. */
long host_net_op(struct ocall_net_op *a);
long host_net_op_unlocked(struct ocall_net_op *a); /* unlocks */
/* Closes a socket that may linger: a worker waits. May sleep. */
void host_net_close_slowly(uint32_t id);

/* A buffer of NET_BUFFER_SIZE; -ERESTARTSYS. May sleep. */
int net_buffer_get(void) must_check;
void net_buffer_put(int b);
/* n bytes from or to the iterator; as copy_from_iter, copy_to_iter. May sleep. */
ssize_t net_buffer_fill(int b, size_t n, struct iov_iter *from) must_check;
ssize_t net_buffer_drain(int b, size_t n, struct iov_iter *to) must_check;
void net_buffer_copy(int b, size_t from, void *dst, size_t n);

/* Of buffer b. Bytes or -errno. recv: m->len is the room; the result is larger only with MSG_TRUNC. Unlocks. */
ssize_t host_net_send(struct ocall_net_msg *m, int b);
ssize_t host_net_recv(struct ocall_net_msg *m, int b);
/* A stream's, without names and control messages. Unlocks. */
ssize_t host_net_write(uint32_t id, int b, size_t n, unsigned flags);
ssize_t host_net_read(uint32_t id, int b, size_t n, unsigned flags);
/* Sends the first n net buffers' bytes, of a stream each (at most NET_LATER_MAX); fills ret. Keeps the lock. */
struct net_later {
	uint32_t id;
	int buffer;
	size_t len;
	long ret;
};
void host_net_later(struct net_later *writes, unsigned n);
/* Fills ret of n (at most NET_AHEAD_MAX) streams: bytes, 0 at the end, or -errno. The bytes of one can be copied until
 * the next call to the host. Keeps the lock. */
void host_net_ahead(struct net_read *reads, unsigned n);
void host_net_ahead_copy(unsigned index, void *dst, size_t n);
/* get: *size is the room and becomes the value's size, at most NET_OPTION_MAX. */
int host_net_getoption(uint32_t id, int level, int name, void *val, unsigned *size);
int host_net_setoption(uint32_t id, int level, int name, const void *val, unsigned size);
/* Checked records; how many, or -errno. */
int host_net_interfaces(struct net_record *out, unsigned max);

/* What happened to watched sockets, up to NET_EVENTS_MAX; parks the vCPU until then, looking for `spin` before it sleeps.
 * timeout 0: look once. Ids are not checked. */
unsigned host_net_events(struct net_event *out, nsec_t timeout, nsec_t spin);
