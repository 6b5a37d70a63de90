/* procfs.h: how /proc and /sys are described: tables of entries, walked by tree.c.
 *
 * An entry is a file (show), a symlink (target, or follow for magic ones) or a directory (children, and
 * numbered children made by dir). Files are made anew at each open and each read from offset 0. Nothing is
 * cached: the super blocks have dcache_off, and an inode of a process that is gone is not valid any more. */
#pragma once
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/procfs/text.h"
#include "process/process.h"

/* Whose file: both NULL for those of the system. thread: the one of task/TID, or the leading one; NULL in a
 * zombie. fd: of fd/N and fdinfo/N, else -1. Held by references where show functions may sleep. */
struct proc_at {
	struct process *process;
	struct thread *thread;
	bool of_thread; /* below task/TID */
	int fd;
};

/* The descriptors of the thread, or of the process; NULL: none any more. */
static inline struct fdtable *proc_files(const struct proc_at *at)
{
	return at->thread ? thread_files(at->thread) : at->process->files;
}

struct proc_node;

/* Directories whose names are numbers. */
struct proc_dir {
	int (*next)(const struct proc_at *at, int from); /* smallest number >= from, or -1 */
	/* The child's description; may change at (process, thread, fd). NULL: no such name. */
	const struct proc_entry *(*child)(struct proc_at *at, int number);
};

struct proc_entry {
	const char *name;
	uint32_t mode; /* type and permissions */
	int (*show)(struct text *out, const struct proc_at *at);
	int (*target)(struct text *out, const struct proc_at *at);
	int (*follow)(const struct proc_at *at, struct path *out);
	ssize_t (*store)(const struct proc_at *at, const char *buf, size_t n); /* buf is terminated */
	/* Instead of show: content that is not text, at any position. May sleep. */
	ssize_t (*read)(const struct proc_at *at, struct iov_iter *to, loff_t *pos);
	long (*ioctl)(const struct proc_at *at, unsigned cmd, uaddr_t arg); /* optional; may sleep */
	/* Optional: what poll says, given what the file has seen (an event counter of the entry's own). */
	unsigned (*poll)(uint64_t *seen, struct poll_table *pt);
	const struct proc_entry *children; /* ends with a NULL name */
	const struct proc_dir *dir;
	const char *prefix; /* before the numbers of dir ("cpu0"); NULL: none */
	bool inspect;  /* only for those who may look into the process */
	uint64_t *number, min, max; /* instead of show and store: a line with this number, that may be set within limits */
};

#define PROC_FILE(n, fn) { .name = n, .mode = S_IFREG | 0444, .show = fn }
#define PROC_NUMBER(n, var, low, high) \
	{ .name = n, .mode = S_IFREG | 0644, .number = &(var), .min = low, .max = high }
#define PROC_DIR(n, list) { .name = n, .mode = S_IFDIR | 0555, .children = list }

/* tree.c: a super block over a table. */
int proc_super_create(const char *fstype, const struct proc_entry *root, struct super_block **out) must_check;

/* The process whose /proc/PID directory f is; -EBADF: f is none; -ESRCH: it is gone. */
int procfs_dir_process(const struct file *f, struct process **out) must_check;

/* Ticks of the user ABI (USER_HZ 100). */
static inline uint64_t ns_to_ticks(nsec_t ns) { return ns / (NSEC_PER_SEC / 100); }

/* pid.c and neighbours */
extern const struct proc_entry pid_entries[], task_entries[], net_entries[], sysctl_entries[], sysvipc_entries[];
extern const struct proc_dir pid_dir, task_dir, fd_dir, fdinfo_dir;
int show_maps(struct text *out, const struct proc_at *at);
int show_smaps(struct text *out, const struct proc_at *at);
long ioctl_maps(const struct proc_at *at, unsigned cmd, uaddr_t arg);
int show_timens_offsets(struct text *out, const struct proc_at *at); /* time/timens.c */
ssize_t store_timens_offsets(const struct proc_at *at, const char *buf, size_t n);
ssize_t read_config(const struct proc_at *at, struct iov_iter *to, loff_t *pos);
ssize_t read_pagemap(const struct proc_at *at, struct iov_iter *to, loff_t *pos);
int show_smaps_rollup(struct text *out, const struct proc_at *at);
int show_cmdline(struct text *out, const struct proc_at *at);
int show_environ(struct text *out, const struct proc_at *at);
int show_auxv(struct text *out, const struct proc_at *at);
int show_mounts(struct text *out, const struct proc_at *at);
unsigned poll_mounts(uint64_t *seen, struct poll_table *pt);
int show_mountinfo(struct text *out, const struct proc_at *at);
int show_cpuinfo(struct text *out, const struct proc_at *at);
/* The name of a path, in text; -ENAMETOOLONG and the like. */
int text_path(struct text *out, const struct path *p);
/* A set of CPUs as "0-3", and as hexadecimal words. */
void text_cpu_list(struct text *out, uint64_t mask);
uint64_t cpu_mask_all(void);
/* "0": scheduler state letter as Linux shows. */
char proc_state(const struct process *p, const struct thread *t);
