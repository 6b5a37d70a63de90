/* pipe.h: pipes and FIFOs: a ring of bytes between writers and readers. See pipe.c. */
#pragma once
#include "fs/file.h"

#define PIPE_BUF 4096UL
#define PIPE_DEFAULT_SIZE 65536UL
#define PIPE_MAX_SIZE 1048576UL /* F_SETPIPE_SZ without CAP_SYS_RESOURCE */

struct pipe;

struct pipe *pipe_create(void) must_check;
/* A new inode such as each pipe has; NULL: no memory. */
struct inode *pipe_inode(void) must_check;
/* F_SETPIPE_SZ, F_GETPIPE_SZ. -EBADF if f is no pipe. */
long pipe_fcntl(struct file *f, int cmd, unsigned long arg);
/* tee(2): copies without consuming; both are pipes. May sleep. */
ssize_t pipe_tee(struct file *in, struct file *out, size_t n, unsigned flags);
