/* hashfs.h: inside of the hashed image file system. Format: abi/image.h, SPEC.md.
 *
 * The image file belongs to the untrusted host. verify.c is the only reader of it: what it hands out is what
 * the builder wrote, or -EIO. The rest still checks everything it reads, because a right hash only proves who
 * made an image, not that it is well-formed. Nothing here sleeps. */
#pragma once
#include "abi/image.h"
#include "fs/inode.h"
#include "fs/pagetree.h"

#define HASHFS_CACHE_MAX 2048 /* blocks of the tree and of metadata kept: 8 MiB */

struct hash_super {
	int fd;
	char *source;
	uint64_t blocks, inodes, inode_table;
	unsigned levels;
	uint64_t level_start[IMAGE_LEVELS_MAX + 1]; /* first block of each level; level 0 is the data */
	uint8_t top_hash[IMAGE_HASH];
	uint64_t tag;             /* from the root hash: same image, same inode versions */
	struct pagetree cache;    /* file block -> struct hash_block */
	struct list lru;          /* most recently used first */
	unsigned cached, complaints;
	uint64_t bad_block;       /* complained about last, plus 1 */
	struct pagetree nodes;    /* inode number -> struct inode, while somebody refers to it */
};

struct hash_node {
	struct image_inode d;
	struct inode *parent; /* referenced; NULL for the root */
	uint32_t entries;     /* of a directory */
	char name[];          /* the first one it was found by, for messages */
};

/* What is being read, for the message if it is bad. */
struct hash_purpose {
	const char *what;     /* "content", "directory"... */
	struct inode *inode;  /* NULL: none yet */
};

static inline struct hash_super *hash_super(const struct super_block *sb) { return sb->priv; }
static inline struct hash_node *hash_node(const struct inode *i) { return i->priv; }

/* verify.c */
int image_open(struct hash_super *hs, const uint8_t root_hash[IMAGE_HASH]) must_check; /* reads the superblock */
/* n bytes at offset off of the data area, through the cache. */
int image_read(struct hash_super *hs, uint64_t off, void *buf, size_t n, struct hash_purpose why) must_check;
/* count whole data blocks from the one at offset off, not cached. On error pages hold zeros. */
int image_read_pages(struct hash_super *hs, uint64_t off, size_t count, void **pages,
		     struct hash_purpose why) must_check;
bool image_range_ok(const struct hash_super *hs, uint64_t off, uint64_t n); /* inside the data area */
void image_close(struct hash_super *hs);
/* -EIO, after saying that the image's builder made nonsense. */
int image_malformed(struct hash_super *hs, struct hash_purpose why, const char *problem);

/* hashfs.c: the inode numbered ino, found as name in parent; referenced. */
int hash_inode(struct super_block *sb, uint64_t ino, struct inode *parent, const char *name,
	       struct inode **out) must_check;
/* Absolute path of inode inside the image into buf, cut off at the front if it does not fit. */
const char *hash_path(const struct inode *inode, char *buf, size_t size);

/* dir.c */
int hash_dir_lookup(struct inode *dir, const char *name, struct inode **out);
extern const struct inode_ops hash_dir_ops, hash_file_ops, hash_symlink_ops, hash_special_ops;
extern const struct file_ops hash_dir_fops;
ssize_t hash_getxattr(struct inode *inode, const char *name, void *buf, size_t size);
ssize_t hash_listxattr(struct inode *inode, char *buf, size_t size);
