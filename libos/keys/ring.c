/* ring.c: keyrings: links, cycles, searching. */
#include "base/heap.h"
#include "base/string.h"
#include "keys/key.h"
#include "linux/errno.h"

#define DEPTH_MAX 6

struct key_link *ring_find_link(const struct key *ring, const struct key *k)
{
	struct key_link *l;

	list_for_each(l, &ring->links, node) {
		if (l->key == k)
			return l;
	}
	return NULL;
}

static struct key_link *link_named(const struct key *ring, const struct key_type *type, const char *description)
{
	struct key_link *l;

	list_for_each(l, &ring->links, node) {
		if (l->key->type == type && !strcmp(l->key->description, description))
			return l;
	}
	return NULL;
}

struct key *ring_find(const struct key *ring, const struct key_type *type, const char *description)
{
	struct key_link *l = link_named(ring, type, description);

	return l && !l->key->revoked && !l->key->invalidated ? l->key : NULL;
}

bool ring_reaches(struct key *top, const struct key *k, int depth)
{
	struct key_link *l;

	if (top == k)
		return true;
	if (depth > DEPTH_MAX)
		return false;
	list_for_each(l, &top->links, node) {
		if (l->key == k || (l->key->type->ring && ring_reaches(l->key, k, depth + 1)))
			return true;
	}
	return false;
}

int ring_link(struct key *ring, struct key *k)
{
	struct key_link *old, *l;

	if (!ring->type->ring)
		return -ENOTDIR;
	if (k->type->ring && ring_reaches(k, ring, 0))
		return -EDEADLK;
	old = link_named(ring, k->type, k->description);
	if (old && old->key == k)
		return 0;
	l = kmalloc(sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->key = key_get(k);
	list_push_back(&ring->links, &l->node);
	if (old)
		ring_unlink(old);
	return 0;
}

void ring_unlink(struct key_link *l)
{
	struct key *k = l->key;

	list_remove(&l->node);
	kfree(l);
	key_put(k);
}

void ring_clear(struct key *ring)
{
	while (!list_empty(&ring->links))
		ring_unlink(list_first(&ring->links, struct key_link, node));
}

/* -ENOKEY gives way to what says more. */
static int worse(int err, int other)
{
	return err == -ENOKEY ? other : err;
}

/* A key that matches: is it of use? */
static int usable(const struct key_ref *r)
{
	int err = key_validate(r->key);

	if (err)
		return err;
	if (!key_allows(r, KEY_SEARCH))
		return -EACCES;
	return r->key->error;
}

static int search(struct key_ref top, const struct key_type *type, const char *description, int depth,
		  struct key_ref *out)
{
	struct key_link *l;
	int err = -ENOKEY;

	if (!top.key->type->ring || key_validate(top.key) || depth > DEPTH_MAX)
		return -ENOKEY;
	if (!key_allows(&top, KEY_SEARCH))
		return -EACCES;
	l = link_named(top.key, type, description);
	if (l) {
		*out = (struct key_ref){ l->key, top.possessed };
		err = usable(out);
		if (!err)
			return 0;
	}
	list_for_each(l, &top.key->links, node) {
		struct key_ref below = { l->key, top.possessed };
		int below_err = l->key->type->ring ? search(below, type, description, depth + 1, out) : -ENOKEY;
		if (!below_err)
			return 0;
		if (below_err != -EACCES)
			err = worse(err, below_err);
	}
	return err;
}

int ring_search(struct key_ref top, const struct key_type *type, const char *description, struct key_ref *out)
{
	return search(top, type, description, 0, out);
}
