/* landlock.h: what the rest of the LibOS asks before it does something for a process that has restricted itself.
 *
 * A domain is a stack of layers, one per landlock_restrict_self; each must allow what it handles. A process without one
 * costs one test per question. Accesses: LANDLOCK_* of linux/landlock.h. */
#pragma once
#include "base/list.h"
#include "fs/path.h"
#include "linux/landlock.h"
#include "process/process.h"

struct inode;

struct landlock_rule {
	struct list node;
	struct inode *inode; /* referenced; NULL: a port */
	uint64_t port, allowed;
};

struct landlock_layer {
	unsigned ref;
	unsigned depth;                /* of the stack up to here, from 1 */
	struct landlock_layer *parent; /* referenced; NULL: the lowest */
	uint64_t fs, net, scoped;      /* what is handled: refused unless a rule allows it */
	struct list rules;
};

/* layer.c */
struct landlock_layer *landlock_get(struct landlock_layer *l); /* NULL is fine */
void landlock_put(struct landlock_layer *l);

/* domain.c: slow paths. */
int landlock_path_(const struct landlock_layer *l, const struct path *p, uint64_t access) must_check;
int landlock_refer_(const struct landlock_layer *l, const struct path *from, const struct path *to, uint64_t of_what) must_check;
int landlock_port_(const struct landlock_layer *l, unsigned port, uint64_t access) must_check;
bool landlock_in_scope_(const struct landlock_layer *l, const struct landlock_layer *other, uint64_t scope);

static inline struct landlock_layer *landlock_current(void)
{
	return current_process() ? current_process()->landlock : NULL;
}

/* May the current process do this with what p names (or, for names made and removed, in it)? -EACCES. */
static inline int landlock_path(const struct path *p, uint64_t access)
{
	return landlock_current() ? landlock_path_(landlock_current(), p, access) : 0;
}

/* May a file (rights of_what) be moved or linked from one directory to another? -EXDEV: the move would need, or give,
 * more rights than there are. */
static inline int landlock_refer(const struct path *from, const struct path *to, bool is_dir)
{
	if (!landlock_current() || from->dentry == to->dentry)
		return 0;
	return landlock_refer_(landlock_current(), from, to, is_dir ? LANDLOCK_ACCESS_FS_ALL : LANDLOCK_ACCESS_FS_OF_FILES);
}

/* TCP ports. -EACCES. */
static inline int landlock_port(unsigned port, uint64_t access)
{
	return landlock_current() ? landlock_port_(landlock_current(), port, access) : 0;
}

/* Is another process' domain within the reach of the current one (LANDLOCK_SCOPE_*)? */
static inline bool landlock_in_scope(const struct landlock_layer *other, uint64_t scope)
{
	return !landlock_current() || landlock_in_scope_(landlock_current(), other, scope);
}

/* Has the current process given up changes of the mount tree (any layer that handles files)? */
static inline bool landlock_no_mounts(void)
{
	const struct landlock_layer *l = landlock_current();

	while (l && !l->fs)
		l = l->parent;
	return l;
}

/* May the current process look into or trace one that has this domain? Only if it is nested in its own. */
static inline bool landlock_may_trace(const struct landlock_layer *of)
{
	const struct landlock_layer *mine = landlock_current();

	while (of && of != mine)
		of = of->parent;
	return !mine || of;
}
