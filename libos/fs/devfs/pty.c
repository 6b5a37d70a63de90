/* pty.c: pseudo terminals: what is read and written at both sides. Their names: devpts.c.
 *
 * A pty is a tty (its slave side) with a line discipline and two kinds of files: one master, any number of
 * slaves; each holds a reference. When the master closes, the slave side hangs up for good; when the last
 * slave closes, the master reads EIO until one opens again. Both sides sleep on tty.waitq. */
#include "fs/devfs/pty.h"

#include "base/heap.h"
#include "base/string.h"
#include "fs/devfs/chrdev.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/fs.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"
#include "time/clock.h"

#define PTY_CHUNK 4096UL
#define TIOCSIG 0x40045436
#define DECISECOND (NSEC_PER_SEC / 10)

static const struct file_ops ptmx_open_ops;

static struct pty *pty_of(struct tty *t)
{
	return container_of(t, struct pty, tty);
}

static void pty_wake(struct pty *p, unsigned events)
{
	waitq_wake_all(&p->tty.waitq, events);
}

/* ---- what tty.c asks ---- */

static int pty_get_termios(struct tty *t, struct termios *out)
{
	*out = pty_of(t)->ld.tio;
	return 0;
}

static int pty_set_termios(struct tty *t, const struct termios *tio, unsigned cmd)
{
	struct pty *p = pty_of(t);

	if (cmd == TCSETSF)
		ldisc_flush_input(&p->ld);
	ldisc_set_termios(&p->ld, tio);
	pty_wake(p, EPOLLIN | EPOLLOUT);
	return 0;
}

static int pty_get_winsize(struct tty *t, struct winsize *out)
{
	*out = pty_of(t)->ws;
	return 0;
}

static int pty_set_winsize(struct tty *t, const struct winsize *ws)
{
	struct pty *p = pty_of(t);

	if (memcmp(&p->ws, ws, sizeof(*ws)) == 0)
		return 0;
	p->ws = *ws;
	tty_signal(t, SIGWINCH);
	return 0;
}

static int pty_pending(struct tty *t)
{
	return (int)ldisc_pending(&pty_of(t)->ld);
}

static void pty_flush(struct tty *t, bool input, bool output)
{
	struct pty *p = pty_of(t);

	if (input)
		ldisc_flush_input(&p->ld);
	if (output)
		ldisc_flush_output(&p->ld);
	pty_wake(p, EPOLLOUT);
}

static void pty_flow(struct tty *t, bool stop)
{
	struct pty *p = pty_of(t);

	p->ld.stopped = stop;
	if (!stop)
		pty_wake(p, EPOLLOUT);
}

static void pty_free(struct tty *t)
{
	struct pty *p = pty_of(t);

	devpts_forget(p);
	kfree(p);
}

static const struct tty_ops pty_ops = {
	.get_termios = pty_get_termios, .set_termios = pty_set_termios, .get_winsize = pty_get_winsize,
	.set_winsize = pty_set_winsize, .pending = pty_pending, .flush = pty_flush, .flow = pty_flow,
	.free = pty_free,
};

/* ---- slave ---- */

struct tty *pty_file_tty(const struct file *f)
{
	struct pty *p = f->priv;

	return f->ops == &pts_fops && p ? &p->tty : NULL;
}

int pty_open_slave(struct tty *t, struct file *f)
{
	struct pty *p = pty_of(t);

	if (p->locked || t->hung_up)
		return -EIO;
	tty_get(t);
	p->slaves++;
	p->slave_was_open = true;
	f->ops = &pts_fops;
	f->priv = p;
	tty_opened(t, f);
	return 0;
}

static int pts_open(struct inode *inode, struct file *f)
{
	struct pty *p = devpts_find(pts_index(inode->rdev));

	return p ? pty_open_slave(&p->tty, f) : -ENXIO;
}

static void pts_release(struct file *f)
{
	struct pty *p = f->priv;

	if (--p->slaves == 0)
		pty_wake(p, EPOLLIN | EPOLLHUP);
	tty_put(&p->tty);
}

/* Bytes that must be there before a read of n returns, and how long to wait for (more of) them. */
static size_t read_goal(const struct pty *p, size_t n, nsec_t *timeout)
{
	const struct termios *t = &p->ld.tio;
	size_t pending = ldisc_pending(&p->ld);

	*timeout = NSEC_NEVER;
	if (t->c_lflag & ICANON)
		return 1;
	if (!t->c_cc[VMIN]) {
		*timeout = t->c_cc[VTIME] * DECISECOND;
		return 1;
	}
	if (t->c_cc[VTIME] && pending) /* between bytes */
		*timeout = t->c_cc[VTIME] * DECISECOND;
	return MIN((size_t)t->c_cc[VMIN], n);
}

/* 0: ldisc_read now (it may find nothing: end of time); else an error. May sleep. */
static int pts_wait_input(struct file *f, size_t n)
{
	struct pty *p = f->priv;

	for (;;) {
		int err = tty_check_background(&p->tty, SIGTTIN);
		nsec_t timeout;
		size_t goal = read_goal(p, n, &timeout);

		if (err || p->tty.hung_up || ldisc_pending(&p->ld) >= goal || !timeout)
			return err;
		if (f->flags & O_NONBLOCK)
			return ldisc_pending(&p->ld) ? 0 : -EAGAIN;
		err = waitq_wait(&p->tty.waitq, WAIT_INTERRUPTIBLE,
				 timeout == NSEC_NEVER ? NSEC_NEVER : clock_mono() + timeout);
		if (err == -ETIMEDOUT)
			return 0;
		if (err)
			return -ERESTARTSYS;
	}
}

static ssize_t pts_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct pty *p = f->priv;
	size_t n = MIN(to->count, PTY_CHUNK);
	uint8_t *buf;
	ssize_t got;
	int err;

	(void)pos;
	if (!n)
		return 0;
	err = pts_wait_input(f, n);
	if (err)
		return err;
	buf = kmalloc(n);
	if (!buf)
		return -ENOMEM;
	got = p->tty.hung_up ? 0 : ldisc_read(&p->ld, buf, n);
	if (got == -EAGAIN)
		got = 0;
	if (got > 0)
		got = copy_to_iter(buf, (size_t)got, to);
	kfree(buf);
	pty_wake(p, EPOLLOUT);
	return got;
}

/* The line discipline takes what it can, from the master's side (input) or the slave's. */
static size_t take(struct pty *p, const uint8_t *s, size_t n, bool input)
{
	return input ? ldisc_input(&p->ld, s, n) : ldisc_output(&p->ld, s, n);
}

/* Moves n bytes into the line discipline, sleeping while it takes nothing. */
static ssize_t pty_push(struct file *f, const uint8_t *buf, size_t n, bool input)
{
	struct pty *p = f->priv;
	size_t done = 0;

	while (done < n) {
		size_t took = p->tty.hung_up ? 0 : take(p, buf + done, n - done, input);
		int err = 0;

		done += took;
		if (took)
			pty_wake(p, EPOLLIN | EPOLLOUT);
		if (p->tty.hung_up)
			err = -EIO;
		else if (!took && f->flags & O_NONBLOCK)
			err = -EAGAIN;
		else if (!took && waitq_wait(&p->tty.waitq, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			err = -ERESTARTSYS;
		if (err)
			return done ? (ssize_t)done : err;
	}
	return (ssize_t)done;
}

static ssize_t pty_write(struct file *f, struct iov_iter *from, bool input)
{
	size_t size = MIN(from->count, PTY_CHUNK), done = 0;
	uint8_t *buf = size ? kmalloc(size) : NULL;

	if (!buf)
		return size ? -ENOMEM : 0;
	while (from->count) {
		ssize_t n = copy_from_iter(buf, MIN(from->count, size), from);
		ssize_t put = n > 0 ? pty_push(f, buf, (size_t)n, input) : n;

		if (put > 0)
			done += (size_t)put;
		if (put <= 0 || put < n) {
			kfree(buf);
			return done ? (ssize_t)done : put;
		}
	}
	kfree(buf);
	return (ssize_t)done;
}

static ssize_t pts_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct pty *p = f->priv;
	int err = p->ld.tio.c_lflag & TOSTOP ? tty_check_background(&p->tty, SIGTTOU) : 0;

	(void)pos;
	return err ? err : pty_write(f, from, false);
}

static unsigned pts_poll(struct file *f, struct poll_table *pt)
{
	struct pty *p = f->priv;
	const struct termios *t = &p->ld.tio;
	bool by_count = !(t->c_lflag & ICANON) && t->c_cc[VMIN] && !t->c_cc[VTIME];
	unsigned ready = 0;

	poll_wait(pt, &p->tty.waitq);
	if (p->tty.hung_up)
		return EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM | EPOLLHUP | EPOLLERR;
	if (ldisc_pending(&p->ld) >= (by_count ? t->c_cc[VMIN] : 1u))
		ready |= EPOLLIN | EPOLLRDNORM;
	if (!p->ld.stopped && ldisc_out_used(&p->ld) < LDISC_OUT_SIZE - 8)
		ready |= EPOLLOUT | EPOLLWRNORM;
	return ready;
}

static long pts_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	return tty_ioctl(&((struct pty *)f->priv)->tty, cmd, arg, false);
}

const struct file_ops pts_fops = {
	.name = "pts", .open = pts_open, .release = pts_release, .read = pts_read, .write = pts_write,
	.poll = pts_poll, .ioctl = pts_ioctl,
};

/* ---- master ---- */

static bool slave_gone(const struct pty *p)
{
	return p->slave_was_open && !p->slaves;
}

static int ptmx_wait_output(struct file *f)
{
	struct pty *p = f->priv;

	while (!ldisc_out_used(&p->ld)) {
		if (slave_gone(p))
			return -EIO;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (waitq_wait(&p->tty.waitq, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
	return 0;
}

/* In packet mode a byte of status (always 0: data) comes first. */
static ssize_t ptmx_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct pty *p = f->priv;
	size_t n = MIN(to->count, PTY_CHUNK), head = p->packet;
	uint8_t *buf;
	ssize_t got;
	int err;

	(void)pos;
	if (n <= head)
		return 0;
	err = ptmx_wait_output(f);
	if (err)
		return err;
	buf = kzalloc(n);
	if (!buf)
		return -ENOMEM;
	got = copy_to_iter(buf, head + ldisc_drain(&p->ld, buf + head, n - head), to);
	kfree(buf);
	pty_wake(p, EPOLLOUT);
	return got;
}

static ssize_t ptmx_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	(void)pos;
	return pty_write(f, from, true);
}

static unsigned ptmx_poll(struct file *f, struct poll_table *pt)
{
	struct pty *p = f->priv;
	unsigned ready = 0;

	poll_wait(pt, &p->tty.waitq);
	if (ldisc_out_used(&p->ld))
		ready |= EPOLLIN | EPOLLRDNORM;
	if (ldisc_pending(&p->ld) < LDISC_IN_SIZE - 1)
		ready |= EPOLLOUT | EPOLLWRNORM;
	return slave_gone(p) ? ready | EPOLLHUP : ready;
}

static long open_peer(struct pty *p, unsigned flags)
{
	char name[32];
	struct file *f;
	int err;
	long fd;

	snprintf(name, sizeof(name), "/dev/pts/%u", p->index);
	err = file_open(AT_FDCWD, name, flags, 0, &f);
	if (err)
		return err;
	fd = fd_install(f, 0, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

static long set_flag(bool *flag, uaddr_t arg)
{
	int32_t on;

	if (get_user(on, arg))
		return -EFAULT;
	*flag = on;
	return 0;
}

static long ptmx_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	struct pty *p = f->priv;

	switch (cmd) {
	case TIOCGPTN:
		return put_user((uint32_t)p->index, arg);
	case TIOCSPTLCK:
		return set_flag(&p->locked, arg);
	case TIOCGPTLCK:
		return put_user((int32_t)p->locked, arg);
	case TIOCPKT:
		return set_flag(&p->packet, arg);
	case TIOCGPTPEER:
		return open_peer(p, (unsigned)arg);
	case TIOCINQ:
		return put_user((int32_t)ldisc_out_used(&p->ld), arg);
	case TIOCSIG:
		if (arg != SIGINT && arg != SIGQUIT && arg != SIGTSTP)
			return -EINVAL;
		tty_signal(&p->tty, (int)arg);
		return 0;
	default:
		return tty_ioctl(&p->tty, cmd, arg, true);
	}
}

static void ptmx_release(struct file *f)
{
	struct pty *p = f->priv;

	devpts_remove(p);
	tty_hangup(&p->tty);
	tty_put(&p->tty);
}

static void ldisc_signal(struct ldisc *l, int sig)
{
	tty_signal(&container_of(l, struct pty, ld)->tty, sig);
}

static int ptmx_open(struct inode *inode, struct file *f)
{
	struct pty *p = kzalloc(sizeof(*p));

	(void)inode;
	if (!p)
		return -ENOMEM;
	tty_init(&p->tty, &pty_ops);
	ldisc_init(&p->ld);
	p->ld.signal = ldisc_signal;
	p->locked = true;
	p->uid = current_process()->cred.fsuid;
	if (!devpts_add(p)) {
		kfree(p);
		return -ENOSPC;
	}
	f->ops = &ptmx_open_ops;
	f->priv = p;
	return 0;
}

static const struct file_ops ptmx_open_ops = {
	.name = "ptmx", .read = ptmx_read, .write = ptmx_write, .poll = ptmx_poll, .ioctl = ptmx_ioctl,
	.release = ptmx_release,
};
const struct file_ops ptmx_fops = { .name = "ptmx", .open = ptmx_open };
