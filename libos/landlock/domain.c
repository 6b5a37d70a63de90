/* domain.c: the questions. Reads layers, changes nothing, never sleeps.
 *
 * Rights of a path are what the rules of all directories above it allow together; layers are asked one by one. */
#include "fs/inode.h"
#include "landlock/landlock.h"
#include "linux/errno.h"

static uint64_t rules_of_inode(const struct landlock_layer *l, const struct inode *inode)
{
	const struct landlock_rule *r;
	uint64_t allowed = 0;

	list_for_each(r, &l->rules, node) {
		if (r->inode && r->inode == inode)
			allowed |= r->allowed;
	}
	return allowed;
}

/* One step up, over mount points; false at the very root (of the tree of mounts, not the process'). */
static bool step_up(struct path *p)
{
	while (p->dentry == p->mnt->root) {
		if (!p->mnt->parent)
			return false;
		*p = (struct path){ p->mnt->parent, p->mnt->mountpoint };
	}
	if (p->dentry->parent == p->dentry)
		return false;
	p->dentry = p->dentry->parent;
	return true;
}

/* Pipes and memory files seen through /proc have no place in the tree that a rule could name. */
static bool is_detached(const struct path *p)
{
	return !p->mnt->parent && list_empty(&p->mnt->all_node);
}

static uint64_t rights_of(const struct landlock_layer *l, struct path at)
{
	uint64_t allowed = 0;

	do {
		allowed |= rules_of_inode(l, at.dentry->inode);
		while (at.dentry == at.mnt->root && at.mnt->parent) {
			at = (struct path){ at.mnt->parent, at.mnt->mountpoint };
			allowed |= rules_of_inode(l, at.dentry->inode);
		}
	} while (step_up(&at));
	return allowed;
}

int landlock_path_(const struct landlock_layer *l, const struct path *p, uint64_t access)
{
	if (is_detached(p))
		return 0;
	for (; l; l = l->parent) {
		if ((access & l->fs) && (access & l->fs & ~rights_of(l, *p)))
			return -EACCES;
	}
	return 0;
}

/* REFER is handled by every layer that handles files at all. */
int landlock_refer_(const struct landlock_layer *l, const struct path *from, const struct path *to, uint64_t of_what)
{
	for (; l; l = l->parent) {
		uint64_t before = rights_of(l, *from), after = rights_of(l, *to);

		if (!l->fs)
			continue;
		if (!(before & after & LANDLOCK_ACCESS_FS_REFER))
			return -EXDEV;
		if (after & ~before & l->fs & of_what)
			return -EXDEV;
	}
	return 0;
}

int landlock_port_(const struct landlock_layer *l, unsigned port, uint64_t access)
{
	const struct landlock_rule *r;

	for (; l; l = l->parent) {
		uint64_t allowed = 0;

		if (!(access & l->net))
			continue;
		list_for_each(r, &l->rules, node) {
			if (!r->inode && r->port == port)
				allowed |= r->allowed;
		}
		if (access & l->net & ~allowed)
			return -EACCES;
	}
	return 0;
}

/* A scoped layer reaches those that are in it: whose stack has it. */
bool landlock_in_scope_(const struct landlock_layer *l, const struct landlock_layer *other, uint64_t scope)
{
	for (; l; l = l->parent) {
		const struct landlock_layer *o = other;

		if (!(l->scoped & scope))
			continue;
		while (o && o != l)
			o = o->parent;
		if (!o)
			return false;
	}
	return true;
}
