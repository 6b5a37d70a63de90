/* level.h: how much is in the pipes that several enclaves have open, so that each holds what a pipe of Linux holds: words in
 * untrusted memory that all enclaves of an instance share.
 *
 * They decide when a writer goes on, no more: that is the host's to decide anyway, by not running somebody. Whatever is read
 * there is taken for a number of bytes and bounded. A level without a place (LEVEL_NONE: the host gave no memory, or all places
 * are taken) never fills up: then a pipe holds what its host sockets hold. Nothing here sleeps. */
#pragma once
#include "base/types.h"

#define LEVEL_NONE (-1)
#define LEVEL_DEFAULT 65536u

/* At boot: the memory that the host offers; 0: none. */
void host_level_init(haddr_t at, uint64_t size);
/* A level of 0, of LEVEL_DEFAULT bytes, with a reader and a writer. */
int host_level_create(void) must_check;
void host_level_share(int level, bool writer); /* one user more */
bool host_level_drop(int level, bool writer);  /* one less; was it the last writer? */
/* How much fits, if there were room for `ahead` bytes more: at most `want` bytes, all of them (or 0) if whole. They count
 * from now on. */
size_t host_level_add(int level, size_t want, bool whole, size_t ahead);
void host_level_sub(int level, size_t n);
/* n bytes were fetched, at `now` (us); was something fetched in the last `us`? */
void host_level_fetched(int level, size_t n, uint32_t now);
bool host_level_busy(int level, uint32_t now, uint32_t us);
size_t host_level_room(int level);
/* The size; LEVEL_DEFAULT if there is no place. */
size_t host_level_size(int level);
int host_level_resize(int level, size_t size) must_check; /* -EBUSY: more is in it; -EPERM: it has no place */
/* Somebody waits for room: he looks again after this. */
void host_level_wait(int level);
bool host_level_has_waiter(int level);
/* Is somebody waiting, and is there room for `least` bytes? He is not any more: the caller wakes him. */
bool host_level_waited(int level, size_t least);

/* Who wakes sends a word: one more waits to be read. */
void host_level_word(int level);
/* How many of them the caller shall read now; 0: not yet. At least one always stays: an event for a socket is dropped when
 * there is nothing to be read any more, and it may be meant for a writer in another enclave. */
unsigned host_level_words_take(int level);
