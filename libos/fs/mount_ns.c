/* mount_ns.c: mount namespaces: a tree of mounts of one's own.
 *
 * A namespace is a copy of another's tree; its mounts are separate objects over the same super blocks and
 * dentries, so a walk that starts in one tree stays in it. Whoever has the namespace in its fs_info holds a
 * reference; the last one takes the whole tree down. NULL stands for the first namespace, which
 * never goes. Giant lock. */
#include "base/heap.h"
#include "base/types.h"
#include "fs/dcache.h"
#include "fs/mount.h"
#include "linux/errno.h"
#include "process/process.h"

#define FIRST_NUMBER 4026531841u /* as Linux numbers its first mount namespace */

struct mount_ns {
	unsigned ref;
	uint64_t number;
};

/* A mount of the old tree and its copy. */
struct pair {
	struct mount *old, *copy;
};

uint64_t mount_ns_number(const struct mount_ns *ns)
{
	return ns ? ns->number : FIRST_NUMBER;
}

struct mount_ns *mount_ns_get(struct mount_ns *ns)
{
	if (ns)
		ns->ref++;
	return ns;
}

static struct mount *any_mount_of(const struct mount_ns *ns)
{
	struct mount *m;

	list_for_each(m, &mount_all, all_node)
	{
		if (m->ns == ns)
			return m;
	}
	return NULL;
}

/* Roots of trees have no parent to be detached from. */
static void take_down(struct mount *top)
{
	while (mount_child(top))
		mount_detach_tree(mount_child(top));
	if (top->parent) {
		mount_detach(top);
		return;
	}
	list_remove(&top->all_node);
	top->ns = NULL;
	mount_put(top);
}

void mount_ns_put(struct mount_ns *ns)
{
	struct mount *m;

	if (!ns || --ns->ref)
		return;
	while ((m = any_mount_of(ns)))
		take_down(m);
	kfree(ns);
}

static struct mount *copy_of(const struct pair *pairs, size_t n, const struct mount *old)
{
	for (size_t i = 0; i < n; i++) {
		if (pairs[i].old == old)
			return pairs[i].copy;
	}
	return NULL;
}

static int copy_mounts(const struct mount_ns *from, struct pair *pairs, size_t *n)
{
	struct mount *m;
	int err;

	list_for_each(m, &mount_all, all_node)
	{
		if (m->ns != from)
			continue;
		err = mount_clone(m, &pairs[*n].copy);
		if (err)
			return err;
		pairs[*n].copy->unbindable = m->unbindable;
		pairs[(*n)++].old = m;
	}
	return 0;
}

/* In the same order, which says what lies on top. */
static void link_copies(struct mount_ns *ns, struct pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pairs[i].copy->ns = ns;
	for (size_t i = 0; i < n; i++) {
		struct path at = {copy_of(pairs, n, pairs[i].old->parent), pairs[i].old->mountpoint};

		if (at.mnt)
			mount_link(pairs[i].copy, &at);
		else
			list_push_back(&mount_all, &pairs[i].copy->all_node);
	}
}

static void move_path(struct path *p, const struct pair *pairs, size_t n)
{
	struct mount *copy = copy_of(pairs, n, p->mnt);

	if (!copy)
		return; /* in no tree */
	mount_get(copy);
	mount_put(p->mnt);
	p->mnt = copy;
}

int mount_ns_unshare(struct fs_info *fs)
{
	static uint64_t next_number = 4026532200u;
	struct mount_ns *ns = kzalloc(sizeof(*ns));
	struct pair *pairs;
	struct mount *m;
	size_t n = 0;
	int err;

	list_for_each(m, &mount_all, all_node)
		n += m->ns == fs->ns;
	pairs = kzalloc(n * sizeof(*pairs));
	n = 0;
	err = ns && pairs ? copy_mounts(fs->ns, pairs, &n) : -ENOMEM;
	if (err) {
		while (n)
			mount_put(pairs[--n].copy);
		kfree(pairs);
		kfree(ns);
		return err;
	}
	ns->ref = 1;
	ns->number = next_number++;
	link_copies(ns, pairs, n);
	move_path(&fs->root, pairs, n);
	move_path(&fs->cwd, pairs, n);
	kfree(pairs);
	mount_ns_put(fs->ns);
	fs->ns = ns;
	return 0;
}
