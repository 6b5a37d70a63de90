/* chrdev.h: character devices by number, for device nodes wherever they are (mknod). */
#pragma once

#define RANDOM_POOL_BITS 256 /* what /dev/random says it holds, always */
#include "fs/file.h"

struct tty;
extern const struct file_ops host_pts_fops; /* hosttty.c */

/* NULL: no such device (-ENXIO at open). */
const struct file_ops *chrdev_ops(uint64_t rdev);

/* Inside devfs. */
extern const struct file_ops null_fops, zero_fops, full_fops, random_fops, userfault_fops;
extern const struct file_ops console_fops, ctty_fops, ptmx_fops, pts_fops;
int pty_open_slave(struct tty *t, struct file *f) must_check;
/* The directory /dev/pts shows the ptys through these. */
struct inode;
void devpts_attach(struct inode *dir);
