/* internal.h: between the files of the link. */
#pragma once
#include "crypto/gcm.h"
#include "crypto/x25519.h"
#include "eip/link.h"
#include "entry/report.h"
#include "sync/waitq.h"

/* A stream of bytes to the other enclave, by the host. Tests put another one under it that loses, repeats and changes. */
struct eip_stream {
	int (*write)(struct eip_stream *s, const void *buf, size_t n);   /* all of it: 0 or -errno; may sleep */
	ssize_t (*read)(struct eip_stream *s, void *buf, size_t n);      /* 1..n, 0: ended, -errno; may sleep */
	int fd;
};

/* attest.c: who is at the other end. */
enum eip_role { EIP_PARENT = 1, EIP_CHILD };

struct eip_attest {
	enum eip_role role;                 /* ours */
	uint8_t secret[X25519_SIZE];
	uint8_t public[3][X25519_SIZE];     /* by role */
};

void attest_begin(struct eip_attest *a, enum eip_role role);
/* Our REPORT about both public keys and our role, for an enclave like this one. SGX_REPORT_SIZE bytes. */
void attest_report(const struct eip_attest *a, uint8_t *out);
/* Is that the REPORT of an enclave like this one in the other role, about the same keys? 0 or -EACCES. */
int attest_check(const struct eip_attest *a, const uint8_t *report) must_check;
/* The keys of what we send and what we receive; a's secret is gone then. 0 or -EACCES. */
int attest_keys(struct eip_attest *a, struct gcm_key *send, struct gcm_key *recv) must_check;

/* link.c */
#define LINK_READ_AHEAD 0x4000u

struct eip_link {
	struct eip_stream stream;
	struct gcm_key send_key, recv_key;
	uint64_t sent, received; /* records so far: the nonces */
	struct eip_attest attest; /* until there are keys */
	int broken;              /* 0 or the -errno of all further calls */
	bool sending;
	struct waitq send_turn;
	unsigned at, end;        /* bytes read ahead */
	uint8_t ahead[LINK_READ_AHEAD];
};

/* NULL: no memory. The stream's fd is the link's to close. */
struct eip_link *link_create(const struct eip_stream *s);
/* The four steps of getting to know each other, in this order: the parent says its key; the child says its key and proves
 * itself; the parent checks and proves itself; the child checks. May sleep. 0, -EACCES, -EPIPE, -EBADMSG. */
int link_parent_begin(struct eip_link *l) must_check;
int link_child_answer(struct eip_link *l) must_check;
int link_parent_finish(struct eip_link *l) must_check;
int link_child_finish(struct eip_link *l) must_check;
