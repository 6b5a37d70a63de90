/* pagetree.c: see pagetree.h. Each level consumes 6 bits of the index; the tree grows at the root
 * when an index does not fit and shrinks only when it becomes empty. */
#include "fs/pagetree.h"
#include "base/heap.h"
#include "linux/errno.h"

#define BITS	   6
#define SLOTS	   (1u << BITS)
#define MAX_HEIGHT 11 /* 66 bits */

struct node {
	void *slots[SLOTS];
	unsigned used;
};

static bool index_fits(const struct pagetree *t, uint64_t index)
{
	return t->height * BITS >= 64 || index >> (t->height * BITS) == 0;
}

static unsigned slot_of(uint64_t index, unsigned level)
{
	return index >> (level * BITS) & (SLOTS - 1);
}

void *pagetree_get(const struct pagetree *t, uint64_t index)
{
	void *p = t->root;

	if (!index_fits(t, index))
		return NULL;
	for (unsigned level = t->height; level-- && p;)
		p = ((struct node *)p)->slots[slot_of(index, level)];
	return p;
}

static int tree_grow(struct pagetree *t, uint64_t index)
{
	while (!index_fits(t, index)) {
		if (t->root) {
			struct node *n = kzalloc(sizeof(*n));

			if (!n)
				return -ENOMEM;
			n->slots[0] = t->root;
			n->used = 1;
			t->root = n;
		}
		t->height++;
	}
	return 0;
}

static void tree_prune(struct pagetree *t, uint64_t index);

int pagetree_set(struct pagetree *t, uint64_t index, void *entry)
{
	struct node *above = NULL;
	void **slot = &t->root;
	int err = tree_grow(t, index);

	for (unsigned level = t->height; !err && level--;) {
		if (!*slot) {
			*slot = kzalloc(sizeof(struct node));
			if (!*slot) {
				tree_prune(t, index);
				return -ENOMEM;
			}
			if (above)
				above->used++;
		}
		above = *slot;
		slot = &above->slots[slot_of(index, level)];
	}
	if (err)
		return err;
	if (!*slot && above)
		above->used++;
	*slot = entry;
	return 0;
}

/* Frees empty nodes on the way to index. */
static void tree_prune(struct pagetree *t, uint64_t index)
{
	void **path[MAX_HEIGHT];
	void **slot = &t->root;
	unsigned depth = 0;

	for (unsigned level = t->height; level-- && *slot; depth++) {
		path[depth] = slot;
		slot = &((struct node *)*slot)->slots[slot_of(index, level)];
	}
	while (depth-- && !((struct node *)*path[depth])->used) {
		kfree(*path[depth]);
		*path[depth] = NULL;
		if (depth)
			((struct node *)*path[depth - 1])->used--;
	}
	if (!t->root)
		t->height = 0;
}

void *pagetree_remove(struct pagetree *t, uint64_t index)
{
	struct node *above = NULL;
	void **slot = &t->root;
	void *entry;

	if (!index_fits(t, index))
		return NULL;
	for (unsigned level = t->height; level--;) {
		above = *slot;
		if (!above)
			return NULL;
		slot = &above->slots[slot_of(index, level)];
	}
	entry = *slot;
	if (!entry)
		return NULL;
	*slot = NULL;
	if (above)
		above->used--;
	tree_prune(t, index);
	return entry;
}

/* The first entry at or after *index below a node of `level`+1 levels. */
static void *next_below(struct node *n, unsigned level, uint64_t *index)
{
	for (unsigned s = slot_of(*index, level); s < SLOTS; s++) {
		void *p = n->slots[s];

		if (!p) /* on to the start of the next slot's range */
			*index = (*index >> (level * BITS) << (level * BITS)) +
				 (1UL << (level * BITS));
		else if (level)
			p = next_below(p, level - 1,
				       index); /* leaves *index there too if it finds nothing */
		if (p)
			return p;
	}
	return NULL;
}

void *pagetree_next(const struct pagetree *t, uint64_t *index)
{
	if (!t->root || !index_fits(t, *index))
		return NULL;
	return t->height ? next_below(t->root, t->height - 1, index) : t->root;
}
