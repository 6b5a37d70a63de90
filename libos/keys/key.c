/* key.c: keys: numbers, quota, state, permission. A key lives while a ring, a process or a running call refers to it. */
#include "keys/key.h"
#include "base/heap.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "linux/errno.h"
#include "process/process.h"
#include "time/clock.h"

#define BUCKETS 256u

const struct key_type keyring_type = { .name = "keyring", .ring = true, .readable = true };
static const struct key_type types[] = {
	{ .name = "user", .min = 1, .max = 32767, .readable = true, .updatable = true },
	{ .name = "logon", .min = 1, .max = 32767, .updatable = true, .described = true },
	{ .name = "big_key", .min = 1, .max = (1 << 20) - 1, .readable = true, .updatable = true },
};

uint64_t key_max_keys = 200, key_max_bytes = 20000, key_root_max_keys = 1000000, key_root_max_bytes = 25000000;

static struct list table[BUCKETS];

static struct list *bucket_of(int serial)
{
	struct list *b = &table[(unsigned)serial % BUCKETS];

	if (!b->next)
		list_init(b);
	return b;
}

const struct key_type *key_type_find(const char *name)
{
	if (!strcmp(name, keyring_type.name))
		return &keyring_type;
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		if (!strcmp(name, types[i].name))
			return &types[i];
	}
	return NULL;
}

struct key *key_find(int serial)
{
	struct key *k;

	list_for_each(k, bucket_of(serial), node) {
		if (k->serial == serial)
			return k;
	}
	return NULL;
}

struct key *key_find_ring(const char *name)
{
	struct key *k;

	for (unsigned i = 0; i < BUCKETS; i++) {
		list_for_each(k, bucket_of((int)i), node) {
			struct key_ref r = { k, false };
			if (k->type->ring && !strcmp(k->description, name) && !key_validate(k) &&
			    key_allows(&r, KEY_SEARCH))
				return k;
		}
	}
	return NULL;
}

static size_t key_bytes(const struct key *k)
{
	return strlen(k->description) + 1 + k->size;
}

static bool quota_allows(uint32_t uid, size_t more)
{
	uint64_t keys = 0, bytes = 0;
	struct key *k;

	for (unsigned i = 0; i < BUCKETS; i++) {
		list_for_each(k, bucket_of((int)i), node) {
			keys += k->uid == uid;
			bytes += k->uid == uid ? key_bytes(k) : 0;
		}
	}
	return keys < (uid ? key_max_keys : key_root_max_keys) &&
	       bytes + more < (uid ? key_max_bytes : key_root_max_bytes);
}

/* Positive, and not to be guessed from others. */
static int next_serial(void)
{
	int serial;

	do
		serial = (int)(rng_u64() & 0x7fffffff);
	while (serial < 3 || key_find(serial));
	return serial;
}

struct key *key_create(const struct key_type *type, const char *description, uint32_t perm, void *payload, size_t size,
		       int *err)
{
	const struct cred *c = &current_process()->cred;
	struct key *k;

	*err = quota_allows(c->fsuid, strlen(description) + 1 + size) ? -ENOMEM : -EDQUOT;
	k = *err == -ENOMEM ? kzalloc(sizeof(*k)) : NULL;
	if (!k)
		return NULL;
	k->description = kstrdup(description);
	if (!k->description) {
		kfree(k);
		return NULL;
	}
	k->ref = 1;
	k->serial = next_serial();
	k->type = type;
	k->uid = c->fsuid;
	k->gid = c->fsgid;
	k->perm = perm;
	k->expires = NSEC_NEVER;
	k->payload = payload;
	k->size = size;
	list_init(&k->links);
	list_push_back(bucket_of(k->serial), &k->node);
	*err = 0;
	return k;
}

struct key *key_get(struct key *k)
{
	k->ref++;
	return k;
}

/* Rings may hold rings without end: those that die are freed from a list, not by recursion. */
void key_put(struct key *k)
{
	static struct list dying = LIST_INIT(dying);
	static bool busy;

	if (!k || --k->ref)
		return;
	list_remove(&k->node);
	list_push_back(&dying, &k->node);
	if (busy)
		return;
	busy = true;
	while (!list_empty(&dying)) {
		k = list_first(&dying, struct key, node);
		list_remove(&k->node);
		ring_clear(k);
		kfree(k->payload);
		kfree(k->description);
		kfree(k);
	}
	busy = false;
}

int key_validate(const struct key *k)
{
	if (k->invalidated)
		return -ENOKEY;
	if (k->revoked)
		return -EKEYREVOKED;
	return clock_mono() >= k->expires ? -EKEYEXPIRED : 0;
}

void key_revoke(struct key *k)
{
	k->revoked = true;
	ring_clear(k);
	kfree(k->payload);
	k->payload = NULL;
	k->size = 0;
}

void key_invalidate(struct key *k)
{
	struct key *ring;

	key_get(k);
	k->invalidated = true;
	for (unsigned i = 0; i < BUCKETS; i++) {
		list_for_each(ring, bucket_of((int)i), node) {
			struct key_link *l = ring_find_link(ring, k);
			if (l)
				ring_unlink(l); /* k has a reference more: nothing is freed here */
		}
	}
	key_put(k);
}

uint32_t key_default_perm(const struct key_type *type)
{
	uint32_t possessor = KEY_VIEW | KEY_SEARCH | KEY_LINK | KEY_SETATTR;

	if (type->readable)
		possessor |= KEY_READ;
	if (type->ring || type->updatable)
		possessor |= KEY_WRITE;
	return possessor << 24 | KEY_VIEW << 16;
}

bool key_allows(const struct key_ref *r, uint32_t wanted)
{
	const struct cred *c = &current_process()->cred;
	const struct key *k = r->key;
	uint32_t granted = k->perm;

	if (k->uid == c->fsuid)
		granted >>= 16;
	else if (k->gid == c->fsgid || cred_in_groups(c, k->gid))
		granted >>= 8;
	if (r->possessed)
		granted |= k->perm >> 24;
	return !(wanted & ~granted);
}
