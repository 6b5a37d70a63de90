/* image.h: the hashed image: a read-only file system in one file, made by host/image/mkhash.c, read by
 * libos/fs/hashfs. What it means and why is in libos/fs/hashfs/SPEC.md.
 *
 *   block 0                 struct image_super; its SHA-256 is the root hash in the measured configuration
 *   blocks 1 .. blocks      data: inode table, file contents, directories, symlinks, attributes, sites
 *   then, level by level    the hash tree: SHA-256 of 128 blocks of the level below in each block
 *
 * Little-endian. Places inside the data are byte offsets in the file. Unused bytes are zero. */
#pragma once
#include <stdint.h>

#define IMAGE_MAGIC 0x31474d494d4c434fUL /* "OCLMIMG1" */
#define IMAGE_VERSION 1
#define IMAGE_BLOCK 4096UL
#define IMAGE_HASH 32
#define IMAGE_FANOUT (IMAGE_BLOCK / IMAGE_HASH)
#define IMAGE_LEVELS_MAX 6                  /* of the tree: 128^6 blocks are more than a file can have */
#define IMAGE_BLOCKS_MAX (1UL << 40)
#define IMAGE_ROOT_INO 1
#define IMAGE_NAME_MAX 255
#define IMAGE_XATTRS_MAX 0x20000UL          /* bytes of one inode's attributes */
#define IMAGE_SITES_MAX 0x4000000UL         /* bytes of one inode's site table */

struct image_super {
	uint64_t magic;
	uint32_t version, levels; /* levels: of the tree, at least 1; the last one is one block */
	uint64_t blocks;          /* of data */
	uint64_t inodes;          /* numbered from 1 */
	uint64_t inode_table;     /* offset, a multiple of IMAGE_BLOCK */
	uint64_t reserved[3];
	uint8_t top_hash[IMAGE_HASH]; /* of the last level's block */
};

struct image_inode {
	uint32_t mode, nlink, uid, gid;
	uint64_t size;
	int64_t mtime_sec;
	uint32_t mtime_nsec, xattrs_size;
	uint64_t data;      /* offset; of regular files a multiple of IMAGE_BLOCK; 0 if size is 0 */
	uint64_t xattrs;    /* offset of xattrs_size bytes of struct image_xattr */
	uint64_t sites;     /* offset of a struct site_table (sites.h) of sites_size bytes */
	uint64_t sites_size;
	uint64_t reserved[7];
};
_Static_assert(sizeof(struct image_inode) == 128, "a block holds a whole number of inodes");

/* A directory's data: count entries in the order of their names' bytes, then the names. */
struct image_dirent {
	uint32_t ino;
	uint32_t name;      /* offset in the directory's data */
	uint8_t name_len;   /* 1 .. IMAGE_NAME_MAX */
	uint8_t type;       /* DT_* */
	uint16_t reserved;
};

struct image_dir {
	uint32_t count, reserved;
	struct image_dirent entries[];
};

struct image_xattr { /* name and value follow, then the next record */
	uint16_t name_len, reserved;
	uint32_t value_len;
	char bytes[];
};
