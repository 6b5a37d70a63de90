/* tree.h: intrusive balanced (AVL) tree. The user searches by walking left/right, links a new node
 *at the leaf place found and lets the tree balance itself:
 *
 *	struct tree_node **link = &t->root, *parent = NULL;
 *	while (*link) {
 *		parent = *link;
 *		link = key < key_of(parent) ? &parent->left : &parent->right;
 *	}
 *	tree_link(t, &obj->node, parent, link);
 *
 * t->update, if set, recomputes what a node caches about its subtree from the node and its two
 *children. */
#pragma once
#include "base/types.h"

struct tree_node {
	struct tree_node *parent, *left, *right;
	int height; /* of a leaf: 1 */
};

struct tree {
	struct tree_node *root;
	void (*update)(struct tree_node *n);
};

#define tree_entry(ptr, type, member) container_of(ptr, type, member)
/* The entry of a node pointer that may be NULL. */
#define tree_entry_or_null(ptr, type, member)                                                      \
	({                                                                                         \
		struct tree_node *_n = (ptr);                                                      \
		_n ? tree_entry(_n, type, member) : NULL;                                          \
	})

void tree_link(struct tree *t, struct tree_node *n, struct tree_node *parent,
	       struct tree_node **link);
void tree_erase(struct tree *t, struct tree_node *n);
/* The caller changed something the cached value of n depends on. */
void tree_update(struct tree *t, struct tree_node *n);
struct tree_node *tree_first(const struct tree *t);
struct tree_node *tree_next(const struct tree_node *n);
struct tree_node *tree_prev(const struct tree_node *n);
