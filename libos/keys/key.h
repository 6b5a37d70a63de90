/* key.h: keys and keyrings (keyrings(7)). Giant lock; nothing here sleeps. */
#pragma once
#include "base/list.h"

struct process;

#define KEY_VIEW 0x01u
#define KEY_READ 0x02u
#define KEY_WRITE 0x04u
#define KEY_SEARCH 0x08u
#define KEY_LINK 0x10u
#define KEY_SETATTR 0x20u
#define KEY_PERM_ALL 0x3f3f3f3fu /* four groups of the six: possessor, user, group, others */

#define KEY_SPEC_THREAD (-1)
#define KEY_SPEC_PROCESS (-2)
#define KEY_SPEC_SESSION (-3)
#define KEY_SPEC_USER (-4)
#define KEY_SPEC_USER_SESSION (-5)
#define KEY_SPEC_GROUP (-6)

struct key_type {
	const char *name;
	size_t min, max; /* bytes of payload */
	bool ring, readable, updatable;
	bool described;  /* the description needs a prefix: "service:name" */
};

struct key {
	struct list node; /* in the table; in the list of those to be freed */
	int serial;
	unsigned ref;
	const struct key_type *type;
	char *description;
	uint32_t uid, gid, perm;
	bool revoked, invalidated;
	int error;        /* of a negative key: what looking it up gives */
	nsec_t expires;   /* monotonic; NSEC_NEVER */
	void *payload;
	size_t size;
	struct list links; /* keyrings: struct key_link */
};

struct key_link {
	struct list node;
	struct key *key; /* referenced */
};

/* A key as somebody came to it: possessed or not decides about permission. */
struct key_ref {
	struct key *key; /* borrowed: valid until the next sleep unless key_get */
	bool possessed;
};

/* key.c */
extern const struct key_type keyring_type;
extern uint64_t key_max_keys, key_max_bytes, key_root_max_keys, key_root_max_bytes;
const struct key_type *key_type_find(const char *name);
/* ref 1, in no ring, for the caller's ids. NULL: *err -ENOMEM or -EDQUOT. Payload is taken over on success. */
struct key *key_create(const struct key_type *type, const char *description, uint32_t perm, void *payload, size_t size,
		       int *err);
struct key *key_get(struct key *k);
void key_put(struct key *k);
struct key *key_find(int serial);
struct key *key_find_ring(const char *name); /* any keyring of that name that may be searched */
int key_validate(const struct key *k);       /* 0 -EKEYREVOKED -EKEYEXPIRED -ENOKEY */
void key_revoke(struct key *k);
void key_invalidate(struct key *k);          /* out of every ring */
uint32_t key_default_perm(const struct key_type *type);
bool key_allows(const struct key_ref *r, uint32_t wanted);

/* ring.c */
struct key_link *ring_find_link(const struct key *ring, const struct key *k);
struct key *ring_find(const struct key *ring, const struct key_type *type, const char *description);
/* In place of one of the same type and description. -ENOTDIR -EDEADLK -ENOMEM. */
int ring_link(struct key *ring, struct key *k) must_check;
void ring_unlink(struct key_link *l);
void ring_clear(struct key *ring);
/* Depth first below `top`, where searching is allowed. 0 or -ENOKEY, -EKEYREVOKED...: the most telling failure. */
int ring_search(struct key_ref top, const struct key_type *type, const char *description, struct key_ref *out) must_check;
bool ring_reaches(struct key *top, const struct key *k, int depth);

/* current.c: the rings of the caller. */
/* By number or KEY_SPEC_*; create: special rings are made. wanted: permission, 0 for none. */
int key_lookup(int id, bool create, uint32_t wanted, struct key_ref *out) must_check;
int key_search_mine(const struct key_type *type, const char *description, struct key_ref *out) must_check;
int key_join_session(const char *name) must_check; /* NULL: a new one. Its number. */
