/* lease.h: file leases (fcntl F_SETLEASE): the holder is told before somebody else opens the file. */
#pragma once
#include "base/types.h"

struct file;
struct inode;

/* type: F_RDLCK, F_WRLCK, F_UNLCK. */
long lease_set(struct file *f, int fd, unsigned long type);
long lease_get(const struct file *f);
/* Somebody is about to open (or truncate) the inode, and is counted among its readers or writers already. Waits for the
 * holders to give way, or -EAGAIN. -ERESTARTSYS. May sleep. */
int lease_break(struct inode *inode, bool write, bool nonblock) must_check;
/* The last reference of the open file goes. */
void lease_drop_file(struct file *f);

extern uint64_t lease_break_time; /* seconds; /proc/sys/fs/lease-break-time */
