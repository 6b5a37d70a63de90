/* tree.c: AVL tree with parent pointers.
 *
 * Invariant: the heights of a node's two subtrees differ by at most one; height and the user's
 * cached value (tree.update) of every node agree with its children. Both are restored from the
 * place of a change up to the root. */
#include "base/tree.h"

static int height_of(const struct tree_node *n)
{
	return n ? n->height : 0;
}

static int balance_of(const struct tree_node *n)
{
	return height_of(n->left) - height_of(n->right);
}

static void node_refresh(struct tree *t, struct tree_node *n)
{
	n->height = 1 + MAX(height_of(n->left), height_of(n->right));
	if (t->update)
		t->update(n);
}

/* Puts `with` (may be NULL) where n hangs on its parent. */
static void node_replace(struct tree *t, struct tree_node *n, struct tree_node *with)
{
	if (!n->parent)
		t->root = with;
	else if (n->parent->left == n)
		n->parent->left = with;
	else
		n->parent->right = with;
	if (with)
		with->parent = n->parent;
}

static struct tree_node *rotate_left(struct tree *t, struct tree_node *n)
{
	struct tree_node *up = n->right;

	node_replace(t, n, up);
	n->right = up->left;
	if (n->right)
		n->right->parent = n;
	up->left = n;
	n->parent = up;
	node_refresh(t, n);
	node_refresh(t, up);
	return up;
}

static struct tree_node *rotate_right(struct tree *t, struct tree_node *n)
{
	struct tree_node *up = n->left;

	node_replace(t, n, up);
	n->left = up->right;
	if (n->left)
		n->left->parent = n;
	up->right = n;
	n->parent = up;
	node_refresh(t, n);
	node_refresh(t, up);
	return up;
}

static void rebalance(struct tree *t, struct tree_node *n)
{
	for (; n; n = n->parent) {
		node_refresh(t, n);
		int balance = balance_of(n);
		if (balance > 1) {
			if (balance_of(n->left) < 0)
				rotate_left(t, n->left);
			n = rotate_right(t, n);
		} else if (balance < -1) {
			if (balance_of(n->right) > 0)
				rotate_right(t, n->right);
			n = rotate_left(t, n);
		}
	}
}

void tree_link(struct tree *t, struct tree_node *n, struct tree_node *parent,
	       struct tree_node **link)
{
	n->parent = parent;
	n->left = n->right = NULL;
	*link = n;
	rebalance(t, n);
}

void tree_erase(struct tree *t, struct tree_node *n)
{
	struct tree_node *start;

	if (n->left && n->right) {
		struct tree_node *next = tree_next(n);
		start = next->parent == n ? next : next->parent;
		if (next->parent != n) {
			node_replace(t, next, next->right);
			next->right = n->right;
			next->right->parent = next;
		}
		next->left = n->left;
		next->left->parent = next;
		node_replace(t, n, next);
	} else {
		start = n->parent;
		node_replace(t, n, n->left ? n->left : n->right);
	}
	rebalance(t, start);
	n->parent = n->left = n->right = NULL;
}

void tree_update(struct tree *t, struct tree_node *n)
{
	for (; t->update && n; n = n->parent)
		t->update(n);
}

struct tree_node *tree_first(const struct tree *t)
{
	struct tree_node *n = t->root;

	while (n && n->left)
		n = n->left;
	return n;
}

struct tree_node *tree_next(const struct tree_node *n)
{
	struct tree_node *up;

	if (n->right) {
		for (n = n->right; n->left;)
			n = n->left;
		return (struct tree_node *)n;
	}
	for (up = n->parent; up && up->right == n; up = up->parent)
		n = up;
	return up;
}

struct tree_node *tree_prev(const struct tree_node *n)
{
	struct tree_node *up;

	if (n->left) {
		for (n = n->left; n->right;)
			n = n->right;
		return (struct tree_node *)n;
	}
	for (up = n->parent; up && up->left == n; up = up->parent)
		n = up;
	return up;
}
