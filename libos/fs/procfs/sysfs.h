/* sysfs.h: /sys: the little of it that programs ask for: CPUs, memory nodes, transparent huge pages. */
#pragma once
#include "fs/inode.h"

extern const struct fs_type sysfs_type;
