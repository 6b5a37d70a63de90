/* hostfs.h: inside of the host file system: an untrusted host directory shown as a file system.
 *
 * Each inode has a node: where it is on the host (parent and name, so that renaming a directory moves
 * all below it), who it is there (device and number), and what was last seen of it. Nothing the host
 * says is more than a claim: types are fixed when a node is made, sizes and names are checked, and a
 * directory is never shared between two places, so that lies cannot make loops.
 *
 * Invariants: nodes in super.hash have distinct (hdev, hino); a node holds its parent's inode; at most
 * HOSTFS_FDS_MAX unpinned nodes keep a host descriptor (super.open_nodes, most recent first). */
#pragma once
#include "abi/ocall.h"
#include "eip/eip.h"
#include "fs/file.h"
#include "fs/inode.h"

#define HOSTFS_HASH 1024
#define HOSTFS_FDS_MAX 256
/* How long what the host said is taken as current. */
#define HOSTFS_AGE_WALK (100 * 1000 * 1000UL) /* ns: for a cached name on a path */
#define HOSTFS_AGE_OPEN (10 * 1000 * 1000UL)  /* ns: for open, and reads at the end */

struct host_super {
	char *root; /* absolute host path without trailing slash; "" for "/" */
	uint64_t root_dev;
	struct list hash[HOSTFS_HASH];
	struct list open_nodes;
	unsigned open_count;
};

struct host_node {
	struct inode *inode;
	struct inode *parent; /* referenced; NULL for the root */
	char *name;
	uint64_t hdev, hino;
	uint64_t blocks, blksize;
	struct timespec64 seen_mtime; /* with seen_size: the last state of the content we know */
	uint64_t seen_size;
	bool wrote;   /* we changed the content since: the next difference is ours */
	bool removed; /* has no name on the host any more; lives through fd */
	int fd;       /* host descriptor or -1 */
	bool fd_write;
	char *target; /* of a symlink, cached */
	size_t target_len;
	nsec_t checked;
	struct list hash, open;
};

static inline struct host_node *host_node(const struct inode *inode)
{
	return inode->priv;
}

static inline struct host_super *host_super(const struct super_block *sb)
{
	return sb->priv;
}

extern const struct inode_ops hostfs_dir_ops, hostfs_file_ops, hostfs_symlink_ops, hostfs_special_ops;
extern const struct file_ops hostfs_dir_fops, hostfs_file_fops, hostfs_special_fops;

/* Other enclaves of this instance change these files, and programs rely on seeing it: nothing is kept of them. */
static inline bool hostfs_others_write(const struct inode *inode)
{
	return eip_enabled() && !inode->sb->readonly;
}

static inline nsec_t hostfs_age(const struct inode *inode, nsec_t age)
{
	return hostfs_others_write(inode) ? 0 : age;
}

/* node.c */
/* The inode for what st describes at dir/name (NULL, "": the root); referenced. */
int hostfs_inode(struct super_block *sb, struct inode *dir, const char *name, const struct host_stat *st,
		 struct inode **out) must_check;
/* The number shown: distinct for the host's other file systems below our root, or find(1) sees loops. */
uint64_t hostfs_ino(const struct super_block *sb, uint64_t dev, uint64_t ino);
/* Host path of inode, or of name in it if name is not NULL. In one of two static buffers (which = 0, 1):
 * good until the next call or sleep. NULL: too long. */
const char *hostfs_path(struct inode *inode, const char *name, int which) must_check;
/* Asks the host again if the last answer is older than max_age (0: in any case). -ESTALE: something else is
 * there now. */
int hostfs_refresh(struct inode *inode, nsec_t max_age) must_check;
/* After a change of ours in inode: takes the new state as known. */
void hostfs_restamp(struct inode *inode);
void hostfs_moved(struct inode *inode, struct inode *dir, const char *name);
/* A host descriptor good for what is asked; stays the node's. */
int hostfs_fd(struct inode *inode, bool write) must_check;
void hostfs_adopt_fd(struct inode *inode, int fd); /* open for reading and writing */
void hostfs_evict(struct inode *inode);
bool hostfs_revalidate(struct inode *inode);
int hostfs_getattr(struct inode *inode, struct kstat *st);
int hostfs_setattr(struct inode *inode, const struct iattr *attr);
