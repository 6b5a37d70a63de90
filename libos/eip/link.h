/* link.h: the connection between two enclaves of one instance: the parent that started another, and that child.
 *
 * A link carries whole messages, in order, each at most once. What it says is believed: before eip_link_spawn() returns, and
 * before a child's eip_link_parent() is there, both sides have proved by local attestation that the other is the same
 * LibOS with the same configuration (same MRENCLAVE) on the same processor, and have agreed on keys that only they know;
 * each message is an AES-256-GCM record whose nonce counts. The host that carries it can delay and cut it off, no more.
 * A link that broke (-EPIPE, -EBADMSG) stays broken; close it.
 *
 * Any number of threads may send; one thread at a time receives. Waits are not ended by signals: receive in a
 * LibOS thread. Under the giant lock, as all else. */
#pragma once
#include "base/types.h"

#define EIP_MESSAGE_MAX 0x100000UL /* bytes of a body */
#define EIP_FDS_MAX 256u           /* descriptors a new enclave can inherit */

struct eip_link;

struct eip_message {
	uint32_t type;
	size_t len;
	void *body; /* kmalloc'ed, the receiver's to kfree; NULL if len is 0 */
};

/* This instance runs with multiprocess = eip. */
bool eip_enabled(void);
/* Asks the host for a new process with a new enclave of the same image and configuration, which inherits these host
 * descriptors in this order (the caller keeps and closes its own), and attests mutually. May sleep.
 * 0 or -errno: -EAGAIN the host cannot, -EACCES the other is not who it should be, -EINVAL n > EIP_FDS_MAX. */
int eip_link_spawn(const int *host_fds, unsigned int n, struct eip_link **out) must_check;
/* In a child enclave, after boot; NULL in the first enclave. */
struct eip_link *eip_link_parent(void);
/* Host descriptor i of the list given at spawn, now this enclave's to close; -1: there is none. Which descriptor it really
 * is, the host decides: it is as untrusted as any. */
int eip_link_inherited(unsigned int i);
/* body: len bytes, at most EIP_MESSAGE_MAX (-EMSGSIZE). May sleep. 0, -EPIPE, -ENOMEM. */
int eip_link_send(struct eip_link *l, uint32_t type, const void *body, size_t len) must_check;
/* The next message. May sleep. 0; -EPIPE: the other side is gone; -EBADMSG: forged, replayed, reordered or cut off
 * in the middle; -ENOMEM. */
int eip_link_recv(struct eip_link *l, struct eip_message *out) must_check;
/* The other side sees -EPIPE once it has read what was sent. Nobody may be sending or receiving. */
void eip_link_close(struct eip_link *l);

/* By pid 1 at boot, before it serves anything: takes the connection that the host says there is. In the first enclave nothing
 * happens. A child whose parent does not prove itself stops the enclave. May sleep. */
void eip_boot(void);
/* By whoever starts a child enclave's program, just before its first instruction: ends the phase "load" of the
 * statistics (OCCLUM_EIP_STATS). */
void eip_running(void);
