/* pipe_internal.h: what pipe.c and fifo.c share. */
#pragma once
#include "ipc/pipe.h"

struct pipe {
	char *ring;                 /* NULL until the first write */
	size_t ring_pages, size;    /* size: a power of two, bytes */
	uint64_t head, tail;        /* bytes ever written and read */
	unsigned readers, writers;  /* open ends */
	bool busy;                  /* a copy is going on; idle is woken when it ends */
	bool packets;
	struct waitq readable, writable, idle;
	/* Opens so far, so that a blocking open of a FIFO sees one that has come and gone. */
	uint64_t reader_opens, writer_opens; /* a reader's file.pos: writer_opens at its open, if nobody was writing */
	struct waitq opened;
};

ssize_t pipe_read(struct file *f, struct iov_iter *to, loff_t *pos);
ssize_t pipe_write(struct file *f, struct iov_iter *from, loff_t *pos);
unsigned pipe_poll(struct file *f, struct poll_table *pt);
long pipe_ioctl(struct file *f, unsigned cmd, uaddr_t arg);
/* One end of f is gone; the last one frees the pipe. */
void pipe_release(struct file *f);
