/* pipe.h: pipes between enclaves (eip/ internal, and ipc/pipe.c): each is a pair of host sockets that carries sealed records.
 *
 * With multiprocess = eip every pipe(2) is one from the start, as nobody can know who will get its ends. A write of at most
 * PIPE_BUF bytes is one record, so it arrives whole, whoever else writes; longer ones are cut at RECORD_MAX. */
#pragma once
#include "eip/records.h"
#include "fs/file.h"

/* pipe2(2)'s two files, reading end first. flags: O_NONBLOCK, O_DIRECT. May sleep: no. */
int eip_pipe_create(unsigned flags, struct file *ends[2]) must_check;
bool eip_file_is_pipe(const struct file *f);
/* Handing on: the host descriptor, which stays f's, and what else the other side needs. */
int eip_pipe_pack(const struct file *f, struct pack *p);
/* Takes over fd, also on failure. NULL: no memory, or what was packed makes no sense. */
struct file *eip_pipe_unpack(struct unpack *u, int fd) must_check;
/* An end of it that is here is opened once more, through /proc/PID/fd. -ENXIO. */
int eip_pipe_open(struct inode *inode, struct file *f) must_check;
/* F_SETPIPE_SZ to so many bytes, a power of two of pages, or F_GETPIPE_SZ. -EBUSY, -EPERM: the host's sockets hold less. */
long eip_pipe_fcntl(struct file *f, int cmd, size_t size);
/* Its reading half; NULL: an end for writing, or no pipe. */
struct records_in *eip_pipe_in(const struct file *f);
