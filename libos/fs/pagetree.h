/* pagetree.h: a sparse array of pointers indexed by 64-bit numbers: radix tree, 64 slots a node.
 *
 * Index 0 alone costs no node. NULL means absent. Nodes that become empty are freed at once. */
#pragma once
#include "base/types.h"

struct pagetree {
	void *root;      /* height 0: the entry of index 0; else a node */
	unsigned height; /* levels of nodes */
};

void *pagetree_get(const struct pagetree *t, uint64_t index);
int pagetree_set(struct pagetree *t, uint64_t index, void *entry) must_check; /* entry not NULL; -ENOMEM */
void *pagetree_remove(struct pagetree *t, uint64_t index);                    /* what was there */
/* The first entry at or after *index, which becomes its index; NULL if none. */
void *pagetree_next(const struct pagetree *t, uint64_t *index);
