/* path.h: a place in the tree: a mount and a dentry in it. Both referenced by whoever keeps a path. */
#pragma once
#include "base/types.h"

struct mount;
struct dentry;

struct path {
	struct mount *mnt;
	struct dentry *dentry;
};

void path_get(const struct path *p);
void path_put(const struct path *p);
static inline bool path_equal(const struct path *a, const struct path *b)
{
	return a->mnt == b->mnt && a->dentry == b->dentry;
}

#define PATH_MAX 4096
#define NAME_MAX 255
#define SYMLINK_MAX_DEPTH 40
#define AT_FDCWD (-100)

/* Flags of path_lookup. */
#define LOOKUP_FOLLOW 1u    /* follow a symlink in the last component */
#define LOOKUP_DIRECTORY 2u /* the result must be a directory (-ENOTDIR) */
#define LOOKUP_EMPTY 4u     /* "" names dirfd itself (AT_EMPTY_PATH) */
#define LOOKUP_NO_SYMLINKS 8u

/* Resolves name relative to dirfd (or to the current root/cwd). On success *out is referenced.
 * -ENOENT -ENOTDIR -ELOOP -EACCES -ENAMETOOLONG -EBADF... May sleep. */
int path_lookup(int dirfd, const char *name, unsigned flags, struct path *out) must_check;
/* The absolute name as seen from the current root; writes into buf and returns a pointer inside it.
 * "(unreachable)" is prefixed as getcwd(2) says; " (deleted)" appended if deleted. -ENAMETOOLONG. */
int path_name(const struct path *p, char *buf, size_t size, char **out) must_check;
/* The name within its own file system, mounts aside. -ENAMETOOLONG. */
int dentry_path(const struct dentry *d, char *buf, size_t size, char **out) must_check;
