/* mount.h: the mount tree, for the VFS and procfs. struct mount is in inode.h. */
#pragma once
#include "fs/inode.h"

const struct path *mount_root_path(void);
/* The topmost mount on p, or NULL. Borrowed. */
struct mount *mount_covering(const struct path *p);
struct mount *mount_get(struct mount *m);
void mount_put(struct mount *m);
/* A mount that is in no tree: for files without a name (memfd, pipes seen through /proc). */
struct mount *mount_internal(struct super_block *sb) must_check;
/* "rw,nosuid,relatime" as /proc/mounts shows. */
size_t mount_show_options(const struct mount *m, char *buf, size_t size);
/* statmount(2) and statx(2): never used again, not even when the short number is. */
static inline uint64_t mount_unique_id(const struct mount *m)
{
	return (1UL << 32) + (unsigned)m->id;
}

/* A copy of m that is in no tree yet: same root, source, flags; *out has one reference. */
int mount_clone(const struct mount *m, struct mount **out) must_check;
/* Puts m, which is in no tree, on top of where, and on the places that follow it (mount_peers.c). */
int mount_attach(struct mount *m, const struct path *where) must_check;
/* The same without its followers. Takes over the caller's reference. */
void mount_link(struct mount *m, const struct path *where);
/* Out of the tree, the last reference of which goes. Children must be gone. */
void mount_detach(struct mount *m);
void mount_detach_tree(struct mount *m);
struct mount *mount_child(struct mount *m); /* one of those mounted on m; NULL */

/* A copy of what lies at from, in no tree yet; recursive: with what is mounted below. */
int mount_copy(const struct path *from, bool recursive, struct mount **out) must_check;
void mount_drop(struct mount *m);                              /* a copy that is not wanted */
void mount_adopt(struct mount *m, struct mount_ns *ns);        /* before a copy is attached */
void mount_reparent(struct mount *m, const struct path *where); /* an attached mount moves */

/* Counts changes of the trees of mounts, and wakes who watches /proc/PID/mounts. */
extern uint64_t mount_changes;
extern struct waitq mounts_changed;

/* mount_peers.c: shared subtrees. */
int mount_propagate(struct mount *m) must_check;   /* m was mounted */
void mount_propagate_gone(struct mount *m);        /* m is about to be unmounted */
int mount_set_propagation(struct mount *m, unsigned type, bool recursive) must_check; /* MS_SHARED... */

/* mount_ns.c: mount namespaces: trees of their own. */
struct fs_info;
struct mount_ns *mount_ns_get(struct mount_ns *ns); /* NULL is the first one and fine */
void mount_ns_put(struct mount_ns *ns);             /* the last one takes the tree down */
/* fs gets a copy of its tree: root and working directory are the same places in it. */
int mount_ns_unshare(struct fs_info *fs) must_check;
uint64_t mount_ns_number(const struct mount_ns *ns);

/* What statfs calls the type. */
uint64_t super_magic(struct super_block *sb);
/* NULL-terminated; fs/fs_types.c. */
extern const struct fs_type *const fs_types[];
