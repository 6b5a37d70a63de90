/* layer.c: the life of a layer: shared by the processes that have it in their stack, kept by the layers above it. */
#include "base/heap.h"
#include "fs/inode.h"
#include "landlock/landlock.h"

struct landlock_layer *landlock_get(struct landlock_layer *l)
{
	if (l)
		l->ref++;
	return l;
}

static void rules_free(struct landlock_layer *l)
{
	while (!list_empty(&l->rules)) {
		struct landlock_rule *r = list_first(&l->rules, struct landlock_rule, node);

		list_remove(&r->node);
		if (r->inode)
			inode_put(r->inode);
		kfree(r);
	}
}

void landlock_put(struct landlock_layer *l)
{
	while (l && !--l->ref) {
		struct landlock_layer *parent = l->parent;

		rules_free(l);
		kfree(l);
		l = parent;
	}
}
