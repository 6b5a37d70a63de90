/* pty.c (test): both sides of a pseudo terminal, its ioctls, job control and hangup. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/devfs/chrdev.h"
#include "fs/devfs/tty.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"
#include "test/unit.h"

static struct file master, slave;
static struct inode pts, dir;
static struct super_block sb;
static int last_sig;
static kpid_t last_group;

int signal_send_pgrp(kpid_t pgid, int sig, const struct siginfo *info)
{
	(void)info;
	last_group = pgid;
	last_sig = sig;
	return 0;
}
bool signal_ignored(struct process *p, int sig)
{
	(void)p, (void)sig;
	return false;
}
struct process *process_find(kpid_t pid) { return pid == unit_process.pid ? &unit_process : NULL; }
struct tty *hostfd_file_tty(const struct file *f)
{
	(void)f;
	return NULL;
}
int file_open(int dirfd, const char *name, unsigned flags, uint32_t mode, struct file **out)
{
	(void)dirfd, (void)name, (void)flags, (void)mode, (void)out;
	return -ENOENT;
}
int fd_install(struct file *f, unsigned from, bool cloexec)
{
	(void)f, (void)from, (void)cloexec;
	return -EMFILE;
}
void file_put(struct file *f) { (void)f; }
loff_t file_lseek_regular(struct file *f, loff_t off, int whence)
{
	(void)f, (void)whence;
	return off;
}
const struct file_ops host_pts_fops;
struct tty *host_tty_by_device(uint64_t device)
{
	(void)device;
	return NULL;
}
struct inode *inode_alloc(struct super_block *s, uint32_t mode)
{
	struct inode *i = kzalloc(sizeof(*i));

	*i = (struct inode){ .ref = 1, .sb = s, .mode = mode };
	return i;
}
struct inode *inode_get(struct inode *i)
{
	i->ref++;
	return i;
}
void inode_put(struct inode *i)
{
	if (!--i->ref)
		kfree(i);
}
void inode_touch(struct inode *i, unsigned bits) { (void)i, (void)bits; }
void dentry_invalidate(struct dentry *d) { (void)d; }
int vm_make_present(struct vm_space *s, uaddr_t addr, size_t len, int prot);
int vm_make_present(struct vm_space *s, uaddr_t addr, size_t len, int prot)
{
	(void)s, (void)addr, (void)len, (void)prot;
	return 0;
}

static ssize_t put(struct file *f, const char *s)
{
	struct iov_iter it;

	iov_iter_kernel(&it, (void *)s, strlen(s));
	return f->ops->write(f, &it, &f->pos);
}

static char got[256];

static ssize_t take(struct file *f, size_t n)
{
	struct iov_iter it;
	ssize_t r;

	iov_iter_kernel(&it, got, n);
	r = f->ops->read(f, &it, &f->pos);
	got[r > 0 ? r : 0] = 0;
	return r;
}

static void open_both(void)
{
	int unlock = 0;
	uint32_t number = 9;

	list_init(&dir.dentries);
	list_push_back(&process_all, &unit_process.all_node);
	devpts_attach(&dir);
	dir.sb = &sb;
	master = (struct file){ .ops = &ptmx_fops, .flags = O_RDWR };
	CHECK_EQ(ptmx_fops.open(NULL, &master), 0);
	CHECK_EQ(master.ops->ioctl(&master, TIOCGPTN, (uaddr_t)&number), 0);
	CHECK_EQ(number, 0);
	pts = (struct inode){ .rdev = MKDEV(136, 0) };
	slave = (struct file){ .ops = &pts_fops, .flags = O_RDWR };
	CHECK_EQ(pts_fops.open(&pts, &slave), -EIO); /* locked */
	CHECK_EQ(master.ops->ioctl(&master, TIOCSPTLCK, (uaddr_t)&unlock), 0);
	CHECK_EQ(pts_fops.open(&pts, &slave), 0);
}

static void close_both(void)
{
	slave.ops->release(&slave);
	master.ops->release(&master);
}

UNIT_TEST(pty, both_ways)
{
	open_both();
	CHECK_EQ(put(&master, "type\n"), 5);
	CHECK(slave.ops->poll(&slave, NULL) & EPOLLIN);
	CHECK_EQ(take(&slave, 100), 5);
	CHECK_STR(got, "type\n");
	CHECK_EQ(take(&master, 100), 6);
	CHECK_STR(got, "type\r\n");
	CHECK_EQ(put(&slave, "out\n"), 4);
	CHECK_EQ(take(&master, 100), 5);
	CHECK_STR(got, "out\r\n");
	close_both();
}

UNIT_TEST(pty, nonblocking)
{
	open_both();
	slave.flags |= O_NONBLOCK;
	master.flags |= O_NONBLOCK;
	CHECK_EQ(take(&slave, 10), -EAGAIN);
	CHECK_EQ(take(&master, 10), -EAGAIN);
	put(&master, "no newline");
	CHECK_EQ(take(&slave, 10), -EAGAIN);
	CHECK(!(slave.ops->poll(&slave, NULL) & EPOLLIN));
	while (put(&slave, "fill the ring ") > 0)
		;
	CHECK_EQ(put(&slave, "x"), -EAGAIN);
	CHECK(!(slave.ops->poll(&slave, NULL) & EPOLLOUT));
	CHECK(take(&master, 200) == 200);
	CHECK(put(&slave, "x") == 1);
	close_both();
}

UNIT_TEST(pty, controlling_terminal)
{
	int32_t id = 0;

	open_both();
	/* the test process leads session 100 and opened it without O_NOCTTY */
	CHECK(unit_process.tty == file_tty(&slave));
	CHECK_EQ(slave.ops->ioctl(&slave, TIOCGPGRP, (uaddr_t)&id), 0);
	CHECK_EQ(id, 100);
	CHECK_EQ(slave.ops->ioctl(&slave, TIOCGSID, (uaddr_t)&id), 0);
	CHECK_EQ(id, 100);
	CHECK_EQ(tty_device(&unit_process), MKDEV(136, 0));
	put(&master, "\003");
	CHECK_EQ(last_sig, SIGINT);
	CHECK_EQ(last_group, 100);
	id = 55;
	CHECK_EQ(slave.ops->ioctl(&slave, TIOCSPGRP, (uaddr_t)&id), -ESRCH);
	id = 100;
	CHECK_EQ(slave.ops->ioctl(&slave, TIOCSPGRP, (uaddr_t)&id), 0);
	CHECK_EQ(slave.ops->ioctl(&slave, TIOCNOTTY, 0), 0);
	CHECK(!unit_process.tty);
	CHECK_EQ(slave.ops->ioctl(&slave, TIOCGPGRP, (uaddr_t)&id), -ENOTTY);
	CHECK_EQ(slave.ops->ioctl(&slave, TIOCSCTTY, 0), 0);
	CHECK(unit_process.tty);
	close_both();
	CHECK(!unit_process.tty);
}

UNIT_TEST(pty, background)
{
	struct process parent = { .pid = 50, .pgid = 50, .sid = 100 };

	open_both();
	unit_process.parent = &parent;
	unit_process.pgid = 101;
	last_sig = 0;
	CHECK_EQ(take(&slave, 10), -ERESTARTSYS);
	CHECK_EQ(last_sig, SIGTTIN);
	unit_thread.sig_blocked = 1UL << (SIGTTIN - 1);
	CHECK_EQ(take(&slave, 10), -EIO);
	unit_thread.sig_blocked = 0;
	unit_process.parent = NULL; /* orphaned */
	CHECK_EQ(take(&slave, 10), -EIO);
	CHECK_EQ(put(&slave, "background output is allowed"), 28);
	close_both();
}

UNIT_TEST(pty, window_size)
{
	struct winsize ws = { .ws_row = 50, .ws_col = 100 }, back = { 0 };

	open_both();
	CHECK_EQ(master.ops->ioctl(&master, TIOCSWINSZ, (uaddr_t)&ws), 0);
	CHECK_EQ(last_sig, SIGWINCH);
	CHECK_EQ(slave.ops->ioctl(&slave, TIOCGWINSZ, (uaddr_t)&back), 0);
	CHECK_EQ(back.ws_col, 100);
	last_sig = 0;
	CHECK_EQ(slave.ops->ioctl(&slave, TIOCSWINSZ, (uaddr_t)&ws), 0);
	CHECK_EQ(last_sig, 0); /* nothing changed */
	close_both();
}

UNIT_TEST(pty, hangup)
{
	open_both();
	master.ops->release(&master);
	CHECK_EQ(take(&slave, 10), 0);
	CHECK_EQ(put(&slave, "x"), -EIO);
	CHECK_EQ(slave.ops->ioctl(&slave, TCGETS, (uaddr_t)got), -EIO);
	CHECK(slave.ops->poll(&slave, NULL) & EPOLLHUP);
	CHECK(!unit_process.tty);
	slave.ops->release(&slave);
	slave = (struct file){ .ops = &pts_fops, .flags = O_RDWR };
	CHECK_EQ(pts_fops.open(&pts, &slave), -ENXIO);
}

UNIT_TEST(pty, slave_closes)
{
	open_both();
	put(&slave, "last words");
	slave.ops->release(&slave);
	CHECK_EQ(take(&master, 100), 10);
	CHECK_EQ(take(&master, 100), -EIO);
	CHECK(master.ops->poll(&master, NULL) & EPOLLHUP);
	slave.ops = &pts_fops;
	CHECK_EQ(pts_fops.open(&pts, &slave), 0);
	CHECK(!(master.ops->poll(&master, NULL) & EPOLLHUP));
	close_both();
}

UNIT_TEST(pty, vmin_vtime)
{
	struct termios t;
	nsec_t before;

	open_both();
	CHECK_EQ(slave.ops->ioctl(&slave, TCGETS, (uaddr_t)&t), 0);
	t.c_lflag &= ~(ICANON | ECHO);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 5;
	CHECK_EQ(slave.ops->ioctl(&slave, TCSETS, (uaddr_t)&t), 0);
	before = unit_now;
	CHECK_EQ(take(&slave, 10), 0);
	CHECK_EQ(unit_now - before, 500000000);
	put(&master, "ab");
	CHECK_EQ(take(&slave, 10), 2);
	t.c_cc[VMIN] = 3;
	CHECK_EQ(slave.ops->ioctl(&slave, TCSETS, (uaddr_t)&t), 0);
	put(&master, "ab");
	CHECK_EQ(take(&slave, 10), 2); /* the time between bytes ran out */
	put(&master, "abcd");
	before = unit_now;
	CHECK_EQ(take(&slave, 10), 4);
	CHECK_EQ(unit_now, before);
	t.c_cc[VMIN] = t.c_cc[VTIME] = 0;
	CHECK_EQ(slave.ops->ioctl(&slave, TCSETS, (uaddr_t)&t), 0);
	CHECK_EQ(take(&slave, 10), 0);
	close_both();
}

UNIT_TEST(pty, names)
{
	struct inode *i = NULL;

	open_both();
	CHECK_EQ(dir.ops->lookup(&dir, "0", &i), 0);
	CHECK_EQ(i->rdev, MKDEV(136, 0));
	CHECK(i->ops->revalidate(i));
	CHECK_EQ(dir.ops->lookup(&dir, "1", &i), -ENOENT);
	CHECK_EQ(dir.ops->lookup(&dir, "00", &i), -ENOENT);
	close_both();
	inode_put(i);
}
