/* hosttty.c: the operator's terminals: /dev/console, /dev/tty and the ptys of the host.
 *
 * Host descriptors of the same terminal share a host_tty, which the LibOS does job control for; its
 * settings, echo and editing are the host's own. */
#include "fs/devfs/hosttty.h"

#include "base/heap.h"
#include "base/string.h"
#include "fs/devfs/chrdev.h"
#include "fs/inode.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "process/process.h"

static struct list host_ttys = LIST_INIT(host_ttys); /* most recent first */

static struct host_tty *host_tty_of(struct tty *t)
{
	return container_of(t, struct host_tty, tty);
}

static long tty_host(struct tty *t, unsigned cmd, void *buf, size_t len)
{
	return host_tty(list_first(&host_tty_of(t)->hostfds, struct hostfd, in_tty)->fd, cmd, buf, len);
}

static int console_get_termios(struct tty *t, struct termios *out)
{
	return (int)tty_host(t, TCGETS, out, sizeof(*out));
}

static int console_set_termios(struct tty *t, const struct termios *tio, unsigned cmd)
{
	struct termios copy = *tio;

	return (int)tty_host(t, cmd, &copy, sizeof(copy));
}

static int console_get_winsize(struct tty *t, struct winsize *out)
{
	return (int)tty_host(t, TIOCGWINSZ, out, sizeof(*out));
}

static int console_set_winsize(struct tty *t, const struct winsize *ws)
{
	struct winsize copy = *ws;

	return (int)tty_host(t, TIOCSWINSZ, &copy, sizeof(copy));
}

static int console_pending(struct tty *t)
{
	int32_t n = 0;

	return tty_host(t, TIOCINQ, &n, sizeof(n)) ? 0 : n;
}

/* The host has no call for it but setting what is set. */
static void console_flush(struct tty *t, bool input, bool output)
{
	struct termios tio;

	(void)output;
	if (input && console_get_termios(t, &tio) == 0)
		(void)console_set_termios(t, &tio, TCSETSF);
}

static void console_free(struct tty *t)
{
	struct host_tty *ht = host_tty_of(t);

	list_remove(&ht->node);
	kfree(ht);
}

static const struct tty_ops console_ops = {
	.get_termios = console_get_termios, .set_termios = console_set_termios,
	.get_winsize = console_get_winsize, .set_winsize = console_set_winsize,
	.pending = console_pending, .flush = console_flush, .free = console_free,
};

void console_winsize_changed(void)
{
	struct host_tty *ht;

	list_for_each(ht, &host_ttys, node)
		tty_signal(&ht->tty, SIGWINCH);
}

static struct host_tty *host_tty_find(const struct host_stat *st)
{
	struct host_tty *ht;

	list_for_each(ht, &host_ttys, node) {
		if (ht->dev == st->dev && ht->ino == st->ino)
			return ht;
	}
	return NULL;
}

struct host_tty *host_tty_get(const struct host_stat *st)
{
	struct host_tty *ht = host_tty_find(st);

	if (ht) {
		tty_get(&ht->tty);
		return ht;
	}
	ht = kzalloc(sizeof(*ht));
	if (!ht)
		return NULL;
	tty_init(&ht->tty, &console_ops);
	ht->tty.device = pty_claim_host(st->rdev) ? st->rdev : MKDEV(5, 1);
	ht->dev = st->dev;
	ht->ino = st->ino;
	list_init(&ht->hostfds);
	list_push_front(&host_ttys, &ht->node);
	return ht;
}

/* f becomes a file on the terminal. */
static int open_host_tty(struct host_tty *ht, struct file *f)
{
	struct hostfd *h = list_first(&ht->hostfds, struct hostfd, in_tty);

	hostfd_share(h, f);
	tty_opened(&ht->tty, f);
	return 0;
}

struct tty *host_tty_by_device(uint64_t device)
{
	struct host_tty *ht;

	list_for_each(ht, &host_ttys, node) {
		if (ht->tty.device == device)
			return &ht->tty;
	}
	return NULL;
}

static int host_pts_open(struct inode *inode, struct file *f)
{
	struct tty *t = host_tty_by_device(inode->rdev);

	return t ? open_host_tty(host_tty_of(t), f) : -ENXIO;
}

const struct file_ops host_pts_fops = { .name = "host-pts", .open = host_pts_open };

static int console_open(struct inode *inode, struct file *f)
{
	(void)inode;
	if (list_empty(&host_ttys))
		return -ENXIO;
	return open_host_tty(list_first(&host_ttys, struct host_tty, node), f);
}

/* /dev/tty: the controlling terminal, whatever it is. */
static int ctty_open(struct inode *inode, struct file *f)
{
	struct tty *t = current_process()->tty;

	(void)inode;
	if (!t)
		return -ENXIO;
	return t->ops == &console_ops ? open_host_tty(host_tty_of(t), f) : pty_open_slave(t, f);
}

const struct file_ops console_fops = { .name = "console", .open = console_open };
const struct file_ops ctty_fops = { .name = "tty", .open = ctty_open };

struct file *host_tty_file(const struct hostfd *h, unsigned flags)
{
	const struct tty *t = &h->tty->tty;
	bool pts = t->device != MKDEV(5, 1);
	char name[32] = "/dev/console";
	struct file *f = NULL;
	struct path p;

	if (pts)
		snprintf(name, sizeof(name), "/dev/pts/%u", pts_index(t->device));
	if (!current_process() || path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW, &p))
		return NULL;
	if (p.dentry->inode && p.dentry->inode->fops == (pts ? &host_pts_fops : &console_fops))
		f = file_alloc(hostfd_ops(h), flags, &p, NULL);
	path_put(&p);
	return f;
}
