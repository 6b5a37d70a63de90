/* records.h: bytes between enclaves as sealed records on a pair of host sockets (eip/ internal): what pipes, socket pairs
 * and event descriptors that several enclaves have open are made of.
 *
 * On the socket, each record: struct record_head, then the sealed bytes and their tag. Any enclave that was given an end has the
 * key of its direction. Who writes has a number of its own, drawn at random where the end was made or arrived, and counts; both
 * together are the nonce: the host cannot change a record, nor give a reader one twice or out of its writer's order. It can
 * leave records out and end, as it can anyway by not running us.
 *
 * Nothing here waits or locks: one call at a time for each struct, which the caller sees to. */
#pragma once
#include "crypto/gcm.h"
#include "eip/pack.h"
#include "syscall/usercopy.h"

#define RECORD_MAX 65536UL /* bytes in one */

struct writer_seen;

/* Zeroed memory aligned as gcm_key wants it, then records_in_init. */
struct records_in {
	struct gcm_key gcm;
	int fd;               /* borrowed */
	bool one;             /* fetch one record at a time, and only when all of the last has been taken: borders are kept */
	bool have;            /* `one`: there is a record, even if it is empty */
	struct writer_seen *seen;
	unsigned seen_count;
	char *left;           /* [left_at, left_end) was fetched and not taken yet */
	size_t left_at, left_end, left_cap;
	bool failed;          /* behind what is left: for the next fetch to tell */
	loff_t taken;         /* bytes, ever */
	bool busy;            /* the caller's: somebody takes at this moment */
	char *buf;
};

struct records_out {
	struct gcm_key gcm;
	int fd;               /* borrowed */
	uint64_t writer;
	uint32_t seq;
	char *buf;
};

void records_in_init(struct records_in *in, int fd, const uint8_t key[GCM_KEY_SIZE], bool one);
void records_in_free(struct records_in *in);
/* One record more, or so many as wait and `want` has use for. How many; 0: nobody writes any more; -EAGAIN; -EIO: not
 * what a writer sent; -ENOMEM; -ECONNRESET: nobody writes any more, and something that went there was not read. */
ssize_t records_fetch(struct records_in *in, size_t want) must_check;
static inline size_t records_left(const struct records_in *in) { return in->left_end - in->left_at; }
static inline const char *records_data(const struct records_in *in) { return in->left + in->left_at; }
/* n bytes of what is left were taken; of a record on its own, all. */
void records_take(struct records_in *in, size_t n);
/* An enclave that got this end when `came` bytes were taken has taken `taken` in all and had these left, which come next. */
void records_take_back(struct records_in *in, loff_t came, loff_t taken, const void *data, size_t n);
/* Behind what is left. -ENOMEM. */
int records_append(struct records_in *in, const void *data, size_t n) must_check;
/* What is left and who was heard of, for another enclave. */
void records_in_pack(const struct records_in *in, struct pack *p);
void records_in_unpack(struct records_in *in, struct unpack *u);

void records_out_init(struct records_out *out, int fd, const uint8_t key[GCM_KEY_SIZE]);
void records_out_free(struct records_out *out);
/* Makes the next record, of up to n bytes (at most RECORD_MAX) that come by `plain`, room for n. Its bytes, or -errno. */
ssize_t records_seal(struct records_out *out, struct iov_iter *from, size_t n, char *plain) must_check;
/* The same of n bytes at data. 0 or -ENOMEM. */
int records_seal_bytes(struct records_out *out, const void *data, size_t n) must_check;
/* Sends the record of n bytes that was made last; again after -EAGAIN, if it shall go. 0, -EAGAIN, -EPIPE, -errno. */
int records_send(struct records_out *out, size_t n) must_check;
