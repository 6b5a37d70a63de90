/* ramfs.h: inside of the memory file system: what hangs on an inode's priv. */
#pragma once
#include "fs/inode.h"

struct ram_super {
	uint64_t magic;
	size_t max_pages, used_pages;
	size_t max_inodes, used_inodes;
};

/* One name in a directory; holds a reference on its inode. */
struct ram_entry {
	struct list order;   /* by pos */
	struct ram_entry *hash_next;
	loff_t pos;          /* readdir position: never reused */
	struct inode *inode;
	uint32_t hash;
	uint8_t len;
	char name[];
};

struct ram_dir {
	struct list order;
	struct ram_entry **buckets;
	size_t nbuckets, count;
	loff_t next_pos;
};

struct ram_xattr {
	struct list node;
	char *name;
	void *value;
	size_t size;
};

struct ram_node {
	struct ram_dir dir;
	char *target; /* symlinks */
	struct list xattrs;
};

static inline struct ram_node *ram_node(const struct inode *i)
{
	return i->priv;
}

/* dir.c: the table of names of a directory */
void ram_dir_init(struct ram_dir *d);
struct ram_entry *ram_dir_find(const struct ram_dir *d, const char *name);
struct ram_entry *ram_entry_alloc(const char *name) must_check;
/* Room for one more name: false if there is no memory. Ask before anything is changed. */
bool ram_dir_room(struct ram_dir *d) must_check;
/* The entry holds the reference on inode from now on. */
void ram_dir_insert(struct ram_dir *d, struct ram_entry *e, struct inode *inode);
void ram_dir_remove(struct ram_dir *d, struct ram_entry *e); /* frees e, not its inode's reference */
/* Drops all entries, and those of directories only they hold, without recursion. */
void ram_dir_destroy(struct ram_dir *d);
int ram_dir_iterate(struct file *f, struct dir_context *ctx);

/* xattr.c */
ssize_t ram_getxattr(struct inode *inode, const char *name, void *buf, size_t size);
int ram_setxattr(struct inode *inode, const char *name, const void *buf, size_t size, int flags);
ssize_t ram_listxattr(struct inode *inode, char *buf, size_t size);
int ram_removexattr(struct inode *inode, const char *name);
void ram_xattr_destroy(struct ram_node *n);
