/* pack.h: the bodies of messages between enclaves: values one after the other, without padding.
 *
 * Both ends are the same measured code on the same machine, so numbers and structs travel as they lie in memory. The reader
 * checks every length all the same: a mistake of ours must not become an overrun. Neither side has to test each step: after the
 * first failure (no memory; message too short) the rest does nothing, `failed` says so at the end. Giant lock; never sleeps. */
#pragma once
#include "base/types.h"

struct pack {
	uint8_t *data; /* owned */
	size_t len, cap;
	bool failed;
};

void pack_bytes(struct pack *p, const void *data, size_t n);
void pack_u32(struct pack *p, uint32_t v);
void pack_u64(struct pack *p, uint64_t v);
void pack_blob(struct pack *p, const void *data, size_t n); /* with its length */
void pack_string(struct pack *p, const char *s);
/* Room for n bytes that the caller fills at once; NULL: no memory. */
void *pack_room(struct pack *p, size_t n) must_check;
void pack_free(struct pack *p);

struct unpack {
	const uint8_t *at, *end; /* borrowed */
	bool failed;
};

void unpack_bytes(struct unpack *u, void *to, size_t n); /* zeros if it is not there */
uint32_t unpack_u32(struct unpack *u);
uint64_t unpack_u64(struct unpack *u);
/* Both point into the message. A blob of *n bytes; NULL with *n 0 on failure. A string with its NUL; "" on failure. */
const void *unpack_blob(struct unpack *u, size_t *n);
const char *unpack_string(struct unpack *u);
