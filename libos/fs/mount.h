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
/* NULL-terminated; fs/fs_types.c. */
extern const struct fs_type *const fs_types[];
