/* inode.h: the objects of the VFS: super block, inode, dentry, mount; and what a file system provides.
 *
 * Lifetimes: a mount holds its super block and root dentry; a dentry holds its parent and its inode;
 * an open file holds a path. A dentry with inode NULL is negative (name known not to exist).
 * Everything under the giant lock; inode_ops may sleep (host files) unless said otherwise. */
#pragma once
#include "base/list.h"
#include "fs/path.h"
#include "sync/waitq.h"

struct file;
struct filemap;
struct cred;
struct inode;
struct site_table;
struct super_block;
struct file_ops;
struct pipe;

struct timespec64 {
	int64_t sec;
	int64_t nsec;
};

struct kstat {
	uint64_t dev, ino;
	uint32_t mode, nlink, uid, gid;
	uint64_t rdev, size, blksize, blocks; /* blocks of 512 bytes */
	struct timespec64 atime, mtime, ctime, btime;
	uint64_t attributes; /* STATX_ATTR_* */
};

/* What setattr changes: bits of valid. */
#define ATTR_MODE 1u
#define ATTR_UID 2u
#define ATTR_GID 4u
#define ATTR_SIZE 8u
#define ATTR_ATIME 16u
#define ATTR_MTIME 32u
struct iattr {
	unsigned valid;
	uint32_t mode, uid, gid;
	uint64_t size;
	struct timespec64 atime, mtime;
};

struct kstatfs {
	uint64_t type, bsize, blocks, bfree, bavail, files, ffree, fsid, namelen, frsize, flags;
};

struct dir_context {
	loff_t pos; /* position of the next entry; ops advance it */
	/* Takes one entry; false when the buffer is full (then ops stop without advancing). */
	bool (*emit)(struct dir_context *ctx, const char *name, size_t len, uint64_t ino, unsigned d_type);
};

struct inode_ops {
	/* Finds name in dir. 0: *out is a referenced inode; -ENOENT. */
	int (*lookup)(struct inode *dir, const char *name, struct inode **out);
	/* Make a child; *out referenced. mode has the type bits (S_IFREG, S_IFDIR, S_IFIFO, S_IFSOCK, S_IFCHR...). */
	int (*create)(struct inode *dir, const char *name, uint32_t mode, uint64_t rdev, struct inode **out);
	int (*symlink)(struct inode *dir, const char *name, const char *target, struct inode **out);
	int (*link)(struct inode *dir, const char *name, struct inode *target);
	int (*unlink)(struct inode *dir, const char *name, struct inode *victim); /* not for directories */
	int (*rmdir)(struct inode *dir, const char *name, struct inode *victim);
	/* flags: RENAME_NOREPLACE, RENAME_EXCHANGE; the VFS has checked types and permissions. target may be NULL. */
	int (*rename)(struct inode *olddir, const char *oldname, struct inode *victim, struct inode *newdir,
		      const char *newname, struct inode *target, unsigned flags);
	/* Target string into buf (not terminated); its length. */
	ssize_t (*readlink)(struct inode *inode, char *buf, size_t size);
	/* Magic links (/proc/PID/fd/N, exe, cwd): jump to a path instead of a string. 0 = *out referenced. */
	int (*follow)(struct inode *inode, struct path *out);
	int (*getattr)(struct inode *inode, struct kstat *st); /* NULL: from the inode's fields */
	int (*setattr)(struct inode *inode, const struct iattr *attr);
	/* An unnamed regular file (O_TMPFILE). */
	int (*tmpfile)(struct inode *dir, uint32_t mode, struct inode **out);
	ssize_t (*getxattr)(struct inode *inode, const char *name, void *buf, size_t size);
	int (*setxattr)(struct inode *inode, const char *name, const void *buf, size_t size, int flags);
	ssize_t (*listxattr)(struct inode *inode, char *buf, size_t size);
	int (*removexattr)(struct inode *inode, const char *name);
	/* Fills one page (PAGE_SIZE bytes at index) of a regular file: for the page cache. Zero-fills past EOF. */
	int (*readpage)(struct inode *inode, uint64_t index, void *page);
	int (*writepage)(struct inode *inode, uint64_t index, const void *page, size_t len);
	/* Called when the last reference goes. nlink == 0: storage may be freed. */
	void (*evict)(struct inode *inode);
	/* dentry check before a cached entry is used (procfs, hostfs): false = look it up anew. NULL: always valid. */
	bool (*revalidate)(struct inode *inode);
	/* Optional: fills count consecutive pages at once (read-ahead); pages wholly past EOF are zeroed. */
	int (*readpages)(struct inode *inode, uint64_t index, size_t count, void **pages);
	/* Optional, for files that live in the page cache itself: delta pages come (-ENOSPC) or go. Must not sleep. */
	int (*charge)(struct inode *inode, long delta);
	/* Optional: the file's syscall sites (abi/sites.h), kmalloc'ed and size-checked, for the caller to kfree; NULL: none.
	 * Asked once per inode version by loader/rewrite.c, which trusts none of it. May sleep. */
	struct site_table *(*sites)(struct inode *inode);
};

/* Something another part keeps with an inode (loader/rewrite.c: its syscall sites). When the inode is freed and
 * sites is not NULL: sites->drop(sites). */
struct inode_extra {
	void (*drop)(struct inode_extra *extra);
};

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFLNK 0120000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define S_ISUID 04000
#define S_ISGID 02000
#define S_ISVTX 01000
#define S_ISREG(m) (((m)&S_IFMT) == S_IFREG)
#define S_ISDIR(m) (((m)&S_IFMT) == S_IFDIR)
#define S_ISLNK(m) (((m)&S_IFMT) == S_IFLNK)
#define S_ISCHR(m) (((m)&S_IFMT) == S_IFCHR)
#define S_ISBLK(m) (((m)&S_IFMT) == S_IFBLK)
#define S_ISFIFO(m) (((m)&S_IFMT) == S_IFIFO)
#define S_ISSOCK(m) (((m)&S_IFMT) == S_IFSOCK)
#define MKDEV(major, minor) ((uint64_t)(((major) << 8) | (minor)))

struct super_ops {
	int (*statfs)(struct super_block *sb, struct kstatfs *out);
	int (*sync)(struct super_block *sb);
	void (*put)(struct super_block *sb); /* last mount gone */
};

struct super_block {
	const char *fstype;          /* "ramfs", "proc" ... */
	const struct super_ops *ops;
	struct dentry *root;
	unsigned ref;
	uint64_t dev;                /* st_dev; unique */
	bool readonly, noexec;
	/* Names come and go by themselves (procfs): no negative dentries, none kept once unused. */
	bool dcache_off;
	uint64_t next_ino;
	void *priv;
};

struct inode {
	unsigned ref;
	struct super_block *sb;
	uint64_t ino;
	uint32_t mode, nlink, uid, gid;
	uint64_t rdev;
	uint64_t size;
	uint64_t version;            /* changes whenever content may have changed: tags of parked images */
	struct timespec64 atime, mtime, ctime, btime;
	const struct inode_ops *ops;
	const struct file_ops *fops; /* for regular files, directories, devices of this fs */
	struct filemap *map;         /* page cache, NULL until used */
	struct list locks;           /* struct file_lock (fs/lock.c) */
	struct list dentries;        /* aliases, by dentry.alias */
	struct list watches;         /* inotify.c */
	struct pipe *pipe;           /* FIFOs: ipc/pipe.c */
	struct inode *data;          /* unions: the inode whose pages hold the content (referenced); NULL: this one */
	bool linkable;               /* O_TMPFILE without O_EXCL: link(2) may give it its first name */
	uint32_t seals;              /* F_SEAL_*; F_SEAL_SEAL unless made by memfd_create */
	struct list leases;          /* lease.c */
	unsigned readers;            /* open for reading only */
	uint32_t fsflags;            /* FS_IMMUTABLE_FL ... (linux/fs.h): chattr */
	int deny_write;              /* >0: being executed, open for write gives ETXTBSY; <0: writers */
	void *priv;
	struct inode_extra *sites;   /* loader/rewrite.c; dropped when the inode is freed */
};

struct dentry {
	unsigned ref;
	struct dentry *parent;       /* itself for a root */
	char *name;                  /* name_len bytes and NUL; may be inline_name */
	struct inode *inode;         /* NULL: negative */
	struct super_block *sb;
	struct list children, sibling, alias, hash;
	struct list lru;             /* dcache.c: unused or recently unused entries */
	uint32_t name_hash;
	uint8_t name_len;
	bool recent;                 /* used since the pruner saw it */
	unsigned mounts;             /* mount points on it */
	bool unhashed;               /* deleted */
	char inline_name[32];
};

struct mount {
	unsigned ref;
	struct super_block *sb;
	struct dentry *root;
	struct mount *parent;        /* NULL for the root mount */
	struct dentry *mountpoint;   /* in parent */
	struct list all_node;
	const char *source;          /* for /proc/mounts */
	unsigned flags;              /* MS_RDONLY, MS_NOEXEC, MS_NOSUID, MS_NODEV */
	int id;
	struct mount_ns *ns;         /* the namespace whose tree it is in; NULL: the first one */
	int group, master;           /* mount_peers.c: peer group if shared, group it follows; 0: none */
	bool unbindable;
};
extern struct list mount_all;

struct inode *inode_alloc(struct super_block *sb, uint32_t mode) must_check; /* ref 1, times now, ino next */
/* Owner and mode of a new child of dir made by the current process (set-group-id directories). */
void inode_init_owner(struct inode *i, const struct inode *dir, uint32_t mode);
struct inode *inode_get(struct inode *i);
void inode_put(struct inode *i);
/* Where the content lives, and its size: always right, also for unions. */
static inline struct inode *inode_content(struct inode *i)
{
	while (i->data)
		i = i->data;
	return i;
}
static inline uint64_t inode_size(struct inode *i) { return inode_content(i)->size; }
/* Immutable or append-only: neither attributes nor names of it change. */
static inline bool inode_is_fixed(const struct inode *i) { return i->fsflags & 0x30; }
/* rwx bits: 4 read, 2 write, 1 execute, against the current fsuid/fsgid and capabilities. */
int inode_permission(struct inode *i, int mask) must_check;
int inode_permission_as(struct inode *i, int mask, const struct cred *cred) must_check;
int inode_getattr(struct inode *i, struct kstat *st) must_check; /* through ops->getattr if there is one */
void inode_getattr_default(struct inode *i, struct kstat *st);
void inode_touch(struct inode *i, unsigned attr_bits); /* now into atime/mtime (+ctime) */
struct timespec64 inode_now(void);
/* setattr for inodes that are all in memory: stores the fields, truncates the page cache, ctime. */
int inode_setattr_default(struct inode *i, const struct iattr *attr);
bool cred_in_group(const struct cred *cred, uint32_t gid);

struct super_block *super_alloc(const char *fstype, const struct super_ops *ops, void *priv) must_check;
struct super_block *super_get(struct super_block *sb);
void super_put(struct super_block *sb); /* the last put drops its names and root and calls ops->put */
/* root inode's reference is taken over. */
int super_set_root(struct super_block *sb, struct inode *root) must_check;
struct dentry *dentry_get(struct dentry *d);
void dentry_put(struct dentry *d);
/* Drops cached children (after a change below that did not go through the VFS). */
void dentry_invalidate(struct dentry *d);

/* fs types known to mount(2) and the boot configuration. */
struct fs_type {
	const char *name;
	int (*mount)(const char *source, const char *options, struct super_block **out);
};
extern const struct fs_type ramfs_type, tmpfs_type, devfs_type, procfs_type, hostfs_type, hashfs_type, unionfs_type,
	sysfs_type, mqueue_type;
/* Mounts take over the caller's reference on sb, on success only; on top of what is mounted there. */
int mount_at(struct super_block *sb, const struct path *where, const char *source, unsigned flags) must_check;
/* Boot: the first mount; becomes root of everybody. */
int mount_root(struct super_block *sb, const char *source) must_check;
/* Takes over both references on success. A union of an upper (writable) and a lower super block. */
int unionfs_create(struct super_block *upper, struct super_block *lower, struct super_block **out) must_check;
/* hostfs over an untrusted host directory; flags: read-only or not. */
int hostfs_create(const char *host_dir, bool readonly, struct super_block **out) must_check;
/* hashed image stored in an untrusted host file, root hash from the measured configuration. */
int hashfs_create(const char *host_file, const uint8_t root_hash[32], struct super_block **out) must_check;
int ramfs_create(struct super_block **out) must_check;
