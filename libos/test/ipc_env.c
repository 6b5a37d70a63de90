/* ipc_env.c: see ipc_env.h. */
#include "test/ipc_env.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/inode.h"
#include "net/unix.h"
#include "linux/errno.h"
#include "net/events.h"
#include "net/inet.h"
#include "net/interfaces.h"
#include "net/netlink.h"
#include "process/pidfd.h"
#include "process/process.h"
#include "signal/signal.h"
#include "time/ktimer.h"

#define USER_BASE 0x20000000UL
#define USER_SIZE 0x200000UL
#define FDS 600

void *mmap(void *addr, size_t len, int prot, int flags, int fd, long off);

char *ubuf;
void (*ipc_on_sleep)(void);
static struct file *table[FDS];
static bool cloexec_of[FDS];
static long files_alive;
static struct super_block *sb;

/* No network here. */
const struct socket_family inet_family = { .family = -1 }, inet6_family = { .family = -1 };
const struct socket_family netlink_family = { .family = -1 };

long interface_ioctl(int family, unsigned cmd, uaddr_t arg)
{
	(void)family, (void)cmd, (void)arg;
	return -ENOIOCTLCMD;
}

bool net_look(void)
{
	return false;
}

struct super_block *super_alloc(const char *fstype, const struct super_ops *ops, void *priv)
{
	static struct super_block one;

	(void)priv;
	one = (struct super_block){ .fstype = fstype, .ops = ops, .ref = 1 };
	return sb = &one;
}

struct inode *inode_alloc(struct super_block *s, uint32_t mode)
{
	struct inode *i = kzalloc(sizeof(*i));

	if (!i)
		return NULL;
	i->ref = 1;
	i->sb = s;
	i->ino = ++s->next_ino;
	i->mode = mode;
	return i;
}

void inode_put(struct inode *i)
{
	if (--i->ref)
		return;
	if (i->ops && i->ops->evict)
		i->ops->evict(i);
	kfree(i);
}

struct file *file_alloc(const struct file_ops *ops, unsigned flags, const struct path *path, struct inode *inode)
{
	struct file *f = kzalloc(sizeof(*f));

	(void)path;
	if (!f)
		return NULL;
	f->ref = 1;
	f->ops = ops;
	f->flags = flags;
	list_init(&f->epolls);
	f->inode = inode;
	if (inode)
		inode->ref++;
	files_alive++;
	return f;
}

struct file *file_get(struct file *f)
{
	f->ref++;
	return f;
}

void file_put(struct file *f)
{
	CHECK(f->ref > 0);
	if (--f->ref)
		return;
	epoll_forget_file(f);
	if (f->ops->release && f->priv)
		f->ops->release(f);
	if (f->inode)
		inode_put(f->inode);
	kfree(f);
	files_alive--;
}

struct file *ipc_file(int fd)
{
	return fd >= 0 && fd < FDS ? table[fd] : NULL;
}

struct file *fdtable_lookup(struct fdtable *t, int fd)
{
	(void)t;
	return ipc_file(fd);
}

struct file *fd_get(int fd, bool allow_path)
{
	(void)allow_path;
	return ipc_file(fd) ? file_get(table[fd]) : NULL;
}

int fd_install(struct file *f, unsigned from, bool cloexec)
{
	for (int fd = (int)from; fd < FDS; fd++) {
		if (table[fd])
			continue;
		table[fd] = f;
		cloexec_of[fd] = cloexec;
		return fd;
	}
	return -EMFILE;
}

int fd_close(int fd)
{
	struct file *f = ipc_file(fd);

	if (!f)
		return -EBADF;
	table[fd] = NULL;
	file_put(f);
	return 0;
}

int path_lookup(int dirfd, const char *name, unsigned flags, struct path *out)
{
	(void)dirfd;
	(void)name;
	(void)flags;
	(void)out;
	return -ENOENT;
}
bool fd_room(unsigned n)
{
	for (int fd = 0; n && fd < FDS; fd++)
		n -= !table[fd];
	return !n;
}

struct group_list *groups_get(struct group_list *g) { return g; }
void groups_put(struct group_list *g) { (void)g; }

bool capable(int cap)
{
	(void)cap;
	return true;
}

/* Names in the file system: there is none. */
int unix_path_create(const char *name, struct path *out)
{
	(void)name;
	(void)out;
	return -EROFS;
}

int unix_path_lookup(const char *name, struct path *out)
{
	(void)name;
	(void)out;
	return -ENOENT;
}

struct list file_owners = LIST_INIT(file_owners);
void file_sigio_all(const void *priv, unsigned band)
{
	(void)priv;
	(void)band;
}

long file_set_owner(struct file *f, int fd, int id)
{
	(void)f;
	(void)fd;
	return id ? -EPERM : 0;
}

long file_get_owner(const struct file *f)
{
	(void)f;
	return 0;
}

int pidfd_create(struct process *p, unsigned flags)
{
	(void)p;
	(void)flags;
	return -EMFILE;
}

void file_sigio(struct file *f, unsigned band)
{
	(void)f;
	(void)band;
}

void path_put(const struct path *p) { (void)p; }
struct process *process_find(kpid_t pid) { return pid == unit_process.pid ? &unit_process : NULL; }

int signal_set_temp_mask(uaddr_t umask, size_t size)
{
	(void)umask;
	return size == 8 ? 0 : -EINVAL;
}

void ipc_sleep_until(nsec_t when)
{
	while (ktimer_next() <= when) {
		unit_now = MAX(unit_now, ktimer_next());
		ktimer_run();
	}
	unit_now = MAX(unit_now, when);
}

/* The hook is another thread that runs while this one sleeps; without it only timers and the deadline end a sleep. */
int thread_block(enum wait_mode mode, nsec_t deadline)
{
	void (*hook)(void) = ipc_on_sleep;

	if (mode != WAIT_UNINTERRUPTIBLE && signal_pending(current))
		return -EINTR;
	ipc_on_sleep = NULL;
	if (hook) {
		hook();
		return 0;
	}
	if (ktimer_next() < deadline) {
		ipc_sleep_until(ktimer_next());
		return 0;
	}
	CHECK(deadline != NSEC_NEVER);
	unit_now = MAX(unit_now, deadline);
	return -ETIMEDOUT;
}

void ipc_env_init(void)
{
	unit_env_reset();
	if (!ubuf)
		ubuf = mmap((void *)USER_BASE, USER_SIZE, 3, 0x100032, -1, 0);
	CHECK(ubuf == (char *)USER_BASE);
}

void ipc_env_exit(void)
{
	for (int fd = 0; fd < FDS; fd++)
		if (table[fd])
			fd_close(fd);
	CHECK_EQ(files_alive, 0);
}

long fd_read(int fd, void *buf, size_t n)
{
	struct iov_iter it;
	loff_t pos = 0;

	iov_iter_kernel(&it, buf, n);
	return table[fd]->ops->read(table[fd], &it, &pos);
}

long fd_write(int fd, const void *buf, size_t n)
{
	struct iov_iter it;
	loff_t pos = 0;

	iov_iter_kernel(&it, (void *)buf, n);
	return table[fd]->ops->write(table[fd], &it, &pos);
}

unsigned fd_poll(int fd)
{
	return table[fd]->ops->poll(table[fd], NULL);
}

void make_pipe(int fd[2], unsigned flags)
{
	CHECK_EQ(CALL(pipe2, (uint64_t)(uintptr_t)fd, flags), 0);
}
