/* namei.h: walking a name, for the VFS' own calls; other code uses path_lookup() of path.h.
 *
 *	err = walk_start(&w, dirfd, name, 0);          // referenced start point
 *	err = walk_parent(&w, name);                   // w.at is the directory, w.last... the last component
 *	err = walk_last(&w, follow, &child);           // child referenced; its dentry may be negative
 *	...
 *	walk_end(&w);                                  // always, also after errors
 */
#pragma once
#include "fs/inode.h"

struct cred;

enum walk_last { LAST_NAME, LAST_DOT, LAST_DOTDOT, LAST_ROOT };

struct walk {
	struct path at;          /* referenced: the directory reached */
	struct path root;        /* referenced: "/" and the end of ".." */
	const struct cred *cred; /* whose permissions count; NULL: no checks (boot) */
	uint64_t resolve;        /* RESOLVE_* of openat2 */
	unsigned links;          /* symlinks followed */
	const char *last;        /* last component, not terminated */
	size_t last_len;
	uint32_t last_hash;
	enum walk_last last_type;
	bool creating;           /* walk_last: "name/" at the end of a link is -EISDIR */
	bool slash;              /* slashes follow it: it must be a directory */
	char *text;              /* rest of the name after a symlink; owned */
};

int walk_start(struct walk *w, int dirfd, const char *name, uint64_t resolve) must_check;
int walk_parent(struct walk *w, const char *name) must_check;
int walk_last(struct walk *w, bool follow, struct path *child) must_check;
void walk_end(struct walk *w);
/* A name's parent, to change it: walk_start + walk_parent; walk_end is due also after an error. */
int walk_to_parent(struct walk *w, int dirfd, const char *name) must_check;

/* The dentry of one name, looked up in the fs if need be; referenced, maybe negative. May sleep. */
int dentry_lookup(struct dentry *dir, const char *name, size_t len, uint32_t hash, struct dentry **out) must_check;
/* Crosses the mounts that cover p. */
void mount_cross(struct path *p);
int path_lookup_as(int dirfd, const char *name, unsigned flags, const struct cred *cred, struct path *out) must_check;
/* -EROFS if nothing may be written through this mount. */
int mount_writable(const struct mount *m) must_check;

/* Changes to the tree, permissions and dcache included (fs/namei.c). */
int vfs_create(struct path *dir, struct dentry *d, uint32_t mode, uint64_t rdev) must_check;
int vfs_symlink(struct path *dir, struct dentry *d, const char *target) must_check;
int vfs_link(struct path *dir, struct dentry *d, struct dentry *old) must_check;
int vfs_unlink(struct path *dir, struct dentry *d) must_check;
int vfs_rmdir(struct path *dir, struct dentry *d) must_check;
int vfs_rename(struct path *olddir, struct dentry *old, struct path *newdir, struct dentry *target,
	       unsigned flags) must_check;
/* chmod, chown, truncate, utimes: permissions are the caller's; set-id clearing happens here. */
int vfs_setattr(struct path *p, struct iattr *attr) must_check;
int vfs_truncate(struct path *p, uint64_t size) must_check;
/* Clears set-id bits after a write by somebody without CAP_FSETID. */
void vfs_clear_suid(struct inode *i);
void path_touch_atime(const struct mount *m, struct inode *i);
/* The walk stands at a name to be made; *d is a negative, referenced dentry. -EEXIST... */
int walk_new_name(struct walk *w, bool is_dir, struct path *child) must_check;
/* path_from_user + path_lookup. */
int user_path_at(int dirfd, uint64_t uname, unsigned flags, struct path *out) must_check;
/* sys_fileattr.c: the ioctls of chattr; -ENOIOCTLCMD: another one, or a file that has no such flags. May sleep. */
long file_attr_ioctl(struct file *f, unsigned cmd, uint64_t arg);
/* open(2) of a place already found, with all its checks: a descriptor. flags O_*. May sleep. */
long open_place(const struct path *p, unsigned flags) must_check;
