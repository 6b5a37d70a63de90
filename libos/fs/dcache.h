/* dcache.h: the tree of names known so far, inside the VFS. See inode.h for struct dentry. */
#pragma once
#include "fs/inode.h"

/* A hashed dentry for name (NUL not needed) in parent with inode (reference taken over, may be NULL).
 * If the name is already there (it appeared while the caller slept), that one is returned. ref +1. */
struct dentry *dentry_add(struct dentry *parent, const char *name, size_t len, uint32_t hash,
			  struct inode *inode) must_check;
/* Never hashed, "deleted" from the start: O_TMPFILE, memfd, detached pipes. parent NULL: a root of its own. */
struct dentry *dentry_detached(struct super_block *sb, struct dentry *parent, const char *name,
			       struct inode *inode) must_check;
/* The cached entry, referenced, or NULL. Does not revalidate. */
struct dentry *dentry_find(struct dentry *parent, const char *name, size_t len, uint32_t hash);
uint32_t dentry_name_hash(const char *name, size_t len);
/* A negative dentry gets its inode (reference taken over). */
void dentry_instantiate(struct dentry *d, struct inode *inode);
/* The name is gone: negative if nobody else uses it, else out of the tree ("deleted"). */
void dentry_delete(struct dentry *d);
/* Out of the tree: found no more by lookups, shown as deleted. */
void dentry_unhash(struct dentry *d);
/* d takes the place of target, a dentry in the new directory: negative, or just replaced and now deleted. */
void dentry_move(struct dentry *d, struct dentry *target);
void dentry_exchange(struct dentry *a, struct dentry *b);
bool dentry_is_below(const struct dentry *d, const struct dentry *ancestor); /* or equal */
/* Drops what is unused; keeps at most keep entries unused. */
void dcache_prune(size_t keep);
/* Drops every unused dentry of sb (umount). */
void dcache_drop_super(struct super_block *sb);
size_t dcache_count(void);
