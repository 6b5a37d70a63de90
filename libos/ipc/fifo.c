/* fifo.c: opening pipes by name, fifo(7), or through /proc/PID/fd. The pipe hangs on the inode while anybody has an
 * end of it open. Opening waits for the other side; but not through /proc, of a pipe that pipe(2) made. */
#include "base/string.h"
#include "eip/eip.h"
#include "eip/pipe.h"
#include "fs/inode.h"
#include "ipc/pipe_internal.h"
#include "linux/errno.h"
#include "signal/signal.h"

/* Waits until the counter has moved from what it was, unless the other side is there already. */
static int wait_for_other(struct pipe *p, const unsigned *present, const uint64_t *opens)
{
	uint64_t before = *opens;

	while (!*present && *opens == before)
		if (waitq_wait(&p->opened, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	return 0;
}

static int open_end(struct file *f, struct pipe *p)
{
	if (f->flags & O_NONBLOCK)
		return 0;
	switch (f->flags & O_ACCMODE) {
	case O_RDONLY:
		return wait_for_other(p, &p->writers, &p->writer_opens);
	case O_WRONLY:
		return wait_for_other(p, &p->readers, &p->reader_opens);
	default:
		return 0;
	}
}

static int fifo_open(struct inode *inode, struct file *f)
{
	bool named = strcmp(inode->sb->fstype, "pipefs") != 0; /* an end of pipe(2) waits for nobody */
	struct pipe *p = inode->pipe;
	int err;

	if (!named && eip_enabled())
		return eip_pipe_open(inode, f);
	if (named && (f->flags & O_ACCMODE) == O_WRONLY && (f->flags & O_NONBLOCK) && (!p || !p->readers))
		return -ENXIO;
	if (!p)
		p = inode->pipe = pipe_create();
	if (!p)
		return -ENOMEM;
	f->priv = p;
	/* Until a writer has come, a reader does not see hang-up: poll(2). */
	f->pos = p->writers || !named ? 0 : (loff_t)p->writer_opens;
	if (file_readable(f)) {
		p->readers++;
		p->reader_opens++;
	}
	if (file_writable(f)) {
		p->writers++;
		p->writer_opens++;
	}
	waitq_wake_all(&p->opened, 0);
	err = named ? open_end(f, p) : 0;
	if (err)
		pipe_release(f);
	return err;
}

const struct file_ops fifo_ops = {
	.name = "fifo", .read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl,
	.open = fifo_open, .release = pipe_release,
};
