/* fs_types.c: the file systems mount(2) knows. A file of its own so that tests can bring another
 * list. */
#include "fs/inode.h"
#include "fs/mount.h"

const struct fs_type *const fs_types[] = {
	&ramfs_type,  &tmpfs_type,   &devfs_type, &procfs_type, &hostfs_type,
	&hashfs_type, &unionfs_type, &sysfs_type, &mqueue_type, NULL,
};
