/* mount.h: statmount and listmount of the Linux ABI. MS_* are in linux/fs.h. */
#pragma once
#include "base/types.h"

struct mnt_id_req {
	uint32_t size;
	uint32_t mnt_ns_fd;
	uint64_t mnt_id;
	uint64_t param;
	uint64_t mnt_ns_id; /* from MNT_ID_REQ_SIZE_VER1 */
};
#define MNT_ID_REQ_SIZE_VER0 24
#define LSMT_ROOT UINT64_MAX
#define LISTMOUNT_REVERSE 1u

struct statmount {
	uint32_t size, mnt_opts;
	uint64_t mask;
	uint32_t sb_dev_major, sb_dev_minor;
	uint64_t sb_magic;
	uint32_t sb_flags, fs_type;
	uint64_t mnt_id, mnt_parent_id;
	uint32_t mnt_id_old, mnt_parent_id_old;
	uint64_t mnt_attr, mnt_propagation, mnt_peer_group, mnt_master, propagate_from;
	uint32_t mnt_root, mnt_point;
	uint64_t mnt_ns_id;
	uint32_t fs_subtype, sb_source;
	uint32_t opt_num, opt_array, opt_sec_num, opt_sec_array;
	uint64_t supported_mask;
	uint32_t mnt_uidmap_num, mnt_uidmap, mnt_gidmap_num, mnt_gidmap;
	uint64_t spare[43];
};
_Static_assert(sizeof(struct statmount) == 512, "struct statmount layout");

#define STATMOUNT_SB_BASIC 1u
#define STATMOUNT_MNT_BASIC 2u
#define STATMOUNT_PROPAGATE_FROM 4u
#define STATMOUNT_MNT_ROOT 8u
#define STATMOUNT_MNT_POINT 0x10u
#define STATMOUNT_FS_TYPE 0x20u
#define STATMOUNT_MNT_NS_ID 0x40u
#define STATMOUNT_MNT_OPTS 0x80u
#define STATMOUNT_SB_SOURCE 0x200u
#define STATMOUNT_SUPPORTED_MASK 0x1000u

#define OPEN_TREE_CLONE 1u
#define OPEN_TREE_CLOEXEC 02000000u
#define MOVE_MOUNT_F_SYMLINKS 1u
#define MOVE_MOUNT_F_EMPTY_PATH 4u
#define MOVE_MOUNT_T_SYMLINKS 0x10u
#define MOVE_MOUNT_T_EMPTY_PATH 0x40u
#define MOVE_MOUNT_BENEATH 0x200u
#define MOVE_MOUNT_KNOWN 0x277u /* those, and automounts */

#define MOUNT_ATTR_RDONLY 1u
#define MOUNT_ATTR_NOSUID 2u
#define MOUNT_ATTR_NODEV 4u
#define MOUNT_ATTR_NOEXEC 8u
#define MOUNT_ATTR_NOATIME 0x10u
#define MOUNT_ATTR_STRICTATIME 0x20u
#define MOUNT_ATTR_ATIME 0x70u
#define MOUNT_ATTR_NODIRATIME 0x80u
#define MOUNT_ATTR_IDMAP 0x100000u
#define MOUNT_ATTR_NOSYMFOLLOW 0x200000u
