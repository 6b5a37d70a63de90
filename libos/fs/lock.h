/* lock.h: file locks (flock, POSIX record locks, open-file-description locks). */
#pragma once
#include "base/types.h"

struct inode;
struct file;
struct fdtable;

/* A descriptor of the inode was closed in this table: its record locks there are gone. */
void lock_drop_posix(struct inode *inode, struct fdtable *owner);
/* The last reference of an open file goes: its flock and OFD locks with it. */
void lock_drop_file(struct file *f);
/* fcntl's F_GETLK ... F_OFD_SETLKW; arg: user struct flock. May sleep. */
long lock_fcntl(struct file *f, int cmd, uaddr_t arg);
