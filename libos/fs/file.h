/* file.h: open files (file descriptions) and descriptor tables.
 *
 * A struct file is shared by every descriptor made by dup, spawn or SCM_RIGHTS; the last file_put calls
 * ops->release. pos is shared as POSIX says. */
#pragma once
#include "fs/path.h"
#include "ipc/poll.h"
#include "syscall/usercopy.h"

struct inode;
struct file;
struct dir_context;
struct vm_space;
struct file_owner;

#define O_ACCMODE 03
#define O_RDONLY 00
#define O_WRONLY 01
#define O_RDWR 02
#define O_CREAT 0100
#define O_EXCL 0200
#define O_NOCTTY 0400
#define O_TRUNC 01000
#define O_APPEND 02000
#define O_NONBLOCK 04000
#define O_DSYNC 010000
#define O_ASYNC 020000
#define O_DIRECT 040000
#define O_LARGEFILE 0100000
#define O_DIRECTORY 0200000
#define O_NOFOLLOW 0400000
#define O_NOATIME 01000000
#define O_CLOEXEC 02000000
#define O_SYNC (04000000 | O_DSYNC)
#define O_PATH 010000000
#define O_TMPFILE (020000000 | O_DIRECTORY)

struct file_ops {
	const char *name;
	/* pos: where to read/write; advanced by the callee by what it moved. Streams ignore it.
	 * Nonblocking is f->flags & O_NONBLOCK: -EAGAIN. -ERESTARTSYS when a signal interrupts. May sleep. */
	ssize_t (*read)(struct file *f, struct iov_iter *to, loff_t *pos);
	ssize_t (*write)(struct file *f, struct iov_iter *from, loff_t *pos);
	loff_t (*lseek)(struct file *f, loff_t off, int whence); /* NULL: -ESPIPE */
	unsigned (*poll)(struct file *f, struct poll_table *pt); /* NULL: always readable and writable */
	long (*ioctl)(struct file *f, unsigned cmd, uaddr_t arg); /* NULL or -ENOIOCTLCMD: -ENOTTY */
	int (*iterate)(struct file *f, struct dir_context *ctx); /* directories */
	int (*open)(struct inode *inode, struct file *f);
	void (*release)(struct file *f);
	void (*unmapped)(struct file *f); /* a mapping of it is gone; NULL: of no interest. Must not sleep. */
	int (*flush)(struct file *f);   /* each close(2) */
	int (*fsync)(struct file *f, bool data_only);
	int (*fallocate)(struct file *f, int mode, loff_t off, loff_t len);
	/* Character devices that can be mapped; NULL: regular files go through the page cache, others -ENODEV. */
	long (*mmap)(struct file *f, struct vm_space *s, uaddr_t addr, size_t len, int prot, int flags, uint64_t off);
	/* for /proc/PID/fdinfo; may be NULL */
	size_t (*show_fdinfo)(struct file *f, char *buf, size_t size);
};
#define ENOIOCTLCMD 515

/* F_SETOWN: who gets SIGIO. */
struct file_owner {
	int type;  /* F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP */
	kpid_t id;
	int sig;   /* F_SETSIG; 0: SIGIO */
	int fd;    /* what si_fd tells */
	uint32_t uid, euid; /* of who set it: signal permission */
	struct file *file;
	struct list node;   /* file_owners */
};

struct file {
	unsigned ref;
	const struct file_ops *ops;
	unsigned flags;         /* O_* status flags and access mode; O_CLOEXEC lives in the table */
	struct path path;       /* NULL members for pipes, eventfds... */
	struct inode *inode;    /* of path, or an anonymous inode, or NULL ("anon_inode:[eventfd]" from ops->name) */
	loff_t pos;
	void *priv;
	struct list epolls;     /* epoll items watching this file: ipc/epoll.c drops them on last put */
	struct file_owner *owner; /* F_SETOWN */
	uint64_t seals_or_id;   /* unique number of this open file (kcmp, fdinfo) */
	uint32_t eip_index;     /* 1 + its place among what the parent's enclave handed on (eip/files.c); 0: made here */
	bool wrote_access;      /* counted in inode->deny_write */
	bool read_access;       /* counted in inode->readers */
	bool nonotify;          /* made by fanotify for its listener: no events */
	bool created;           /* by the open(2) that made it: F_CREATED_QUERY */
	bool opened;            /* by name: watchers were told, and hear of the close */
};

/* ref 1. path and inode may be NULL; both are referenced here, the caller keeps its own references.
 * inode NULL with a path: the path's inode. */
struct file *file_alloc(const struct file_ops *ops, unsigned flags, const struct path *path, struct inode *inode) must_check;
struct file *file_get(struct file *f);
void file_put(struct file *f); /* may sleep */
static inline bool file_readable(const struct file *f) { return (f->flags & O_ACCMODE) != O_WRONLY && !(f->flags & O_PATH); }
static inline bool file_writable(const struct file *f) { return (f->flags & O_ACCMODE) != O_RDONLY && !(f->flags & O_PATH); }
/* Whole-kernel helpers, on LibOS buffers: for exec, loaders, sendfile. */
ssize_t file_pread(struct file *f, void *buf, size_t n, loff_t off) must_check;
ssize_t file_pwrite(struct file *f, const void *buf, size_t n, loff_t off) must_check;
/* Opens like open(2) with the current process' credentials; flags O_*; *out referenced. May sleep. */
int file_open(int dirfd, const char *name, unsigned flags, uint32_t mode, struct file **out) must_check;
int file_open_path(const struct path *p, unsigned flags, struct file **out) must_check;
/* On an inode, without a path: for file systems that stack on others. No checks. */
int file_open_inode(struct inode *inode, unsigned flags, struct file **out) must_check;
/* What read(2)/write(2) do with an iterator: access mode, limits, times, then ops. pos NULL: f->pos. May sleep. */
ssize_t file_read_iter(struct file *f, struct iov_iter *to, loff_t *pos) must_check;
ssize_t file_write_iter(struct file *f, struct iov_iter *from, loff_t *pos) must_check;
/* An unlinked empty regular file in memory named "/name (deleted)", O_RDWR: memfd_create, shared memory. */
int file_open_anon(const char *name, unsigned flags, struct file **out) must_check;
/* A path for what a descriptor names, for magic links: pathless files with an inode get a detached one. -ENXIO. */
int file_magic_path(struct file *f, struct path *out) must_check;
/* A path that is nowhere in the tree, to this inode, whose reference is taken over. */
int file_detached_path(const char *name, struct inode *inode, struct path *out) must_check;
/* SIGIO to the owner if O_ASYNC is set; band: EPOLL* bits. */
void file_sigio(struct file *f, unsigned band);
/* The same whatever O_ASYNC says; code: POLL_*. */
void file_signal_owner(struct file *f, int code, unsigned band);
void file_sigurg(struct file *f); /* SIGURG to the owner */
/* The current process owns f, unless another owner was chosen; fd is what the signals tell. */
int file_owner_default(struct file *f, int fd) must_check;
/* The same for every file whose ops->priv this is and that can read (EPOLLIN in band) or write. */
void file_sigio_all(const void *priv, unsigned band);
extern struct list file_owners; /* empty: there is nobody to be told */
struct file_owner *file_owner_get(struct file *f) must_check; /* made if need be */
void file_owner_free(struct file *f);
/* F_SETOWN and F_GETOWN: a negative id is a process group's. */
long file_set_owner(struct file *f, int fd, int id) must_check;
long file_get_owner(const struct file *f);

/* Over RLIMIT_FSIZE: SIGXFSZ for the current thread, -EFBIG for the call. */
int file_too_big(void);

/* Descriptor tables */
struct fdtable;
#define FD_MAX 1048576
struct fdtable *fdtable_create(void) must_check;
struct fdtable *fdtable_get(struct fdtable *t);
struct fdtable *fdtable_copy(struct fdtable *t) must_check;
void fdtable_put(struct fdtable *t);
void fdtable_close_on_exec(struct fdtable *t);
/* The current thread shares its descriptors with nobody any more; alone in its process, they are the process'. */
int files_unshare(void) must_check;
/* Referenced file or NULL. O_PATH files only if allow_path. */
struct file *fd_get(int fd, bool allow_path) must_check;
struct file *fdtable_lookup(struct fdtable *t, int fd); /* borrowed, any process; for procfs */
int fdtable_next(struct fdtable *t, int fd);             /* first open fd >= fd or -1 */
bool fdtable_cloexec(struct fdtable *t, int fd);
/* Lowest free fd >= from (RLIMIT_NOFILE: -EMFILE); takes over the file's reference on success only. */
int fd_install(struct file *f, unsigned from, bool cloexec) must_check;
int fd_install_in(struct fdtable *t, struct file *f, int fd); /* exact slot, boot and host spawn */
int fd_close(int fd);
/* dup2: closes what is there. Returns fd or -errno (-EBADF beyond RLIMIT_NOFILE); takes over the reference on success. */
int fd_replace(struct file *f, int fd, bool cloexec) must_check;
/* Reserves nothing: free descriptors left under RLIMIT_NOFILE, for SCM_RIGHTS and pipe(2): true if n fit. */
bool fd_room(unsigned n);
int fd_set_cloexec(int fd, bool on);
void fdtable_set_cloexec(struct fdtable *t, int fd); /* open */

/* seeks for files with a size: SEEK_SET CUR END DATA HOLE */
loff_t file_lseek_regular(struct file *f, loff_t off, int whence);
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define SEEK_DATA 3
#define SEEK_HOLE 4
/* The last reference of f goes: ipc/epoll.c takes it out of every epoll that watches it (f->epolls). */
void epoll_forget_file(struct file *f);
/* What the epoll instance f watches as descriptor fd; of several, the one after skip others. Not referenced. */
struct file *epoll_target(const struct file *f, int fd, unsigned skip, int *err);
/* What the VFS needs of pipes (ipc/pipe.c); a pipe is a file whose inode has ->pipe. */
extern const struct file_ops fifo_ops;                               /* opening a FIFO */
long pipe_fcntl(struct file *f, int cmd, unsigned long arg);         /* F_SETPIPE_SZ, F_GETPIPE_SZ */
ssize_t pipe_tee(struct file *in, struct file *out, size_t n, unsigned flags); /* SPLICE_F_*; may sleep */
/* A file system whose regular files need nothing special uses these. */
extern const struct file_ops filemap_file_ops;

/* Page cache of an inode (fs/filemap.c). Pages are LibOS memory (or windows shared with processes). */
ssize_t filemap_read(struct file *f, struct iov_iter *to, loff_t *pos);
ssize_t filemap_write(struct file *f, struct iov_iter *from, loff_t *pos);
/* The page at index, filled; NULL + *err: -EFAULT wholly past the end of file, -EIO, -ENOMEM, -ENOSPC.
 * Borrowed: valid until the next sleep. For reading only (holes give a shared zero page). May sleep. */
void *filemap_page(struct inode *inode, uint64_t index, int *err);
/* Sets the size; pages behind it go, what comes into view reads as zeros. */
void filemap_truncate(struct inode *inode, uint64_t size);
/* MAP_SHARED: puts the pages of [index, index+count) at `window` (user memory already committed, R+W), keeping contents;
 * from then on the cache uses them there, until filemap_window_close gives them back (copies them to LibOS pages). */
int filemap_window_open(struct inode *inode, uint64_t index, size_t count, uaddr_t window) must_check;
/* Mappings may store through the windows from now on, until the last one is closed: what lies in them is written back. Without
 * windows nothing happens. */
void filemap_window_stores(struct inode *inode);
void filemap_window_close(struct inode *inode, uint64_t index, size_t count);
int filemap_writeback(struct inode *inode, uint64_t index, size_t count);
/* Forgets clean cached pages (content changed behind our back, posix_fadvise). */
void filemap_invalidate(struct inode *inode, uint64_t index, size_t count);
/* Frees up to `pages` clean pages, least recently used first; how many it freed. Must not sleep. */
size_t filemap_shrink(size_t pages);
/* Pages of this inode in the cache, of all inodes, and the cap on the latter. */
size_t filemap_resident(struct inode *inode);
size_t filemap_total_pages(void);
void filemap_set_cap(size_t pages);
void filemap_free(struct inode *inode); /* last reference of the inode is going */
/* The page at index if it is in the cache now (mincore), else NULL. */
void *filemap_peek(struct inode *inode, uint64_t index);
