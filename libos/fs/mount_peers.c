/* mount_peers.c: shared subtrees: mounts that follow each other.
 *
 * Mounts with the same group are peers: what is mounted on one is mounted on the others at the same place;
 * a mount with a master follows that group but is not followed. Groups are numbers; a group exists while a
 * mount has it. A copy of a mount (bind, new namespace) is a peer of it. Giant lock. */
#include "base/types.h"
#include "fs/dcache.h"
#include "fs/mount.h"
#include "linux/errno.h"
#include "linux/fs.h"

static int next_group = 1;

/* Does m follow what happens on parent? */
static bool follows(const struct mount *m, const struct mount *parent)
{
	return m != parent && parent->group && (m->group == parent->group || m->master == parent->group);
}

static bool group_has_others(const struct mount *m)
{
	const struct mount *o;

	list_for_each(o, &mount_all, all_node)
	{
		if (o != m && o->group == m->group)
			return true;
	}
	return false;
}

/* A copy of m on a follower of its parent. */
static int follow_mount(struct mount *m, struct mount *follower)
{
	struct path at = {follower, m->mountpoint};
	struct mount *copy;
	int err = mount_clone(m, &copy);

	if (err)
		return err;
	if (!follower->group) {
		copy->master = copy->group;
		copy->group = 0;
	}
	mount_link(copy, &at);
	return 0;
}

int mount_propagate(struct mount *m)
{
	struct mount *f, *last = list_last(&mount_all, struct mount, all_node);
	int err;

	if (!m->parent->group)
		return 0;
	if (!m->group)
		m->group = next_group++; /* on a shared mount all are shared */
	list_for_each(f, &mount_all, all_node)
	{
		if (f != m && follows(f, m->parent) && dentry_is_below(m->mountpoint, f->root)) {
			err = follow_mount(m, f);
			if (err) {
				mount_propagate_gone(m);
				return err;
			}
		}
		if (f == last) /* what comes now was mounted here */
			break;
	}
	return 0;
}

void mount_propagate_gone(struct mount *m)
{
	struct mount *f, *next;

	list_for_each_safe(f, next, &mount_all, all_node)
	{
		if (f != m && f->parent && m->parent && follows(f->parent, m->parent) &&
		    f->mountpoint == m->mountpoint && f->root == m->root && !mount_child(f))
			mount_detach(f);
	}
}

static void set_one(struct mount *m, unsigned type)
{
	if (type == MS_SHARED) {
		if (!m->group)
			m->group = next_group++;
		m->unbindable = false;
		return;
	}
	if (type == MS_SLAVE) {
		if (m->group && group_has_others(m))
			m->master = m->group;
		m->group = 0;
		return;
	}
	m->group = m->master = 0;
	m->unbindable = type == MS_UNBINDABLE;
}

static bool is_below(const struct mount *m, const struct mount *top)
{
	while (m && m != top)
		m = m->parent;
	return m;
}

int mount_set_propagation(struct mount *m, unsigned flags, bool recursive)
{
	unsigned type = flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE);
	struct mount *c;

	if ((type & (type - 1)) || (flags & ~(type | MS_REC | MS_SILENT)))
		return -EINVAL;
	list_for_each(c, &mount_all, all_node)
	{
		if (c == m || (recursive && is_below(c, m)))
			set_one(c, type);
	}
	return 0;
}
