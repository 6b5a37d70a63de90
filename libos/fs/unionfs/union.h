/* union.h: inside of the union file system: a writable upper layer over a read-only lower one.
 *
 * Each union inode has a node that names the real inodes: upper, lower, or for directories both. An inode
 * with an upper one is pinned (an extra reference) until its upper inode has no names left: the node holds
 * what is kept in memory only: whiteouts, the lower half of a renamed directory, the inode number from
 * before copy-up. A lower-only inode needs no memory; it is made by lookup and remembers its parent and
 * name, the place where copy-up puts it. The cache finds a union inode by its upper (else lower) inode. */
#pragma once
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/pagetree.h"

#define UNION_BUCKETS 4096 /* 2^12; node.c */

struct union_super {
	struct super_block *upper, *lower; /* referenced */
	struct list buckets[UNION_BUCKETS];
};

struct whiteout {
	struct whiteout *next; /* of the same name hash */
	char name[];
};

struct union_node {
	struct inode *inode;
	struct list hash;
	struct inode *upper, *lower; /* referenced */
	struct inode *parent;        /* lower-only: the union directory it was found in; referenced */
	char *name;                  /* lower-only: in there */
	struct pagetree whiteouts;   /* directories: by name hash */
	bool pinned;
	bool gone;                   /* lower-only, and its name was removed */
};

static inline struct union_node *union_node(const struct inode *i)
{
	return i->priv;
}

static inline struct union_super *union_super(const struct super_block *sb)
{
	return sb->priv;
}

/* The inode that answers for this one now. */
static inline struct inode *union_real(const struct inode *i)
{
	struct union_node *n = union_node(i);

	return n->upper ? n->upper : n->lower;
}

extern const struct inode_ops union_dir_ops, union_file_ops;
extern const struct file_ops union_dir_fops, union_file_fops;

/* node.c */
/* The union inode of these (references taken over, one may be NULL); referenced. parent and name where found. */
int union_inode(struct super_block *sb, struct inode *upper, struct inode *lower, struct inode *parent,
		const char *name, struct inode **out) must_check;
struct inode *union_cached(struct super_block *sb, const struct inode *real); /* borrowed or NULL */
void union_pin(struct inode *i);
void union_unpin(struct inode *i);
/* Mode, owner, size, times as the real inode has them. */
void union_sync(struct inode *i);
bool union_whiteout_has(const struct union_node *n, const char *name);
int union_whiteout_add(struct union_node *n, const char *name) must_check;
/* Would the lower layer show name in this directory? 1, 0 or -errno. */
int union_lower_has(struct inode *dir, const char *name) must_check;
int union_lookup(struct inode *dir, const char *name, struct inode **out);
void union_evict(struct inode *i);
bool union_revalidate(struct inode *i);

void union_now_upper(struct inode *i);

/* copyup.c: afterwards the inode (and all above it) has an upper one. May sleep. */
int union_copy_up(struct inode *i) must_check;
/* Mode, owner, times and extended attributes of low for up. */
int union_copy_attrs(struct inode *low, struct inode *up) must_check;

/* readdir.c */
int union_dir_empty(struct inode *dir) must_check; /* 0, or -ENOTEMPTY */

/* attr.c */
int union_getattr(struct inode *i, struct kstat *st);
int union_setattr(struct inode *i, const struct iattr *attr);
ssize_t union_readlink(struct inode *i, char *buf, size_t size);
ssize_t union_getxattr(struct inode *i, const char *name, void *buf, size_t size);
int union_setxattr(struct inode *i, const char *name, const void *buf, size_t size, int flags);
ssize_t union_listxattr(struct inode *i, char *buf, size_t size);
int union_removexattr(struct inode *i, const char *name);
