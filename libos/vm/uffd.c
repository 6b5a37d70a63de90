/* uffd.c: userfaultfd(2): a program fills missing pages of its private anonymous memory itself.
 *
 * Registered ranges are in one list, by space, without overlaps; a mapping in one has VMA_UFFD, so that others pay nothing, and
 * takes its range along when it goes. A thread
 * that touches a missing page puts a fault on its stack into the list of the descriptor and sleeps until the page is
 * there (UFFDIO_COPY, ZEROPAGE, POISON), it is told to look again (WAKE), or the descriptor is closed. Only missing
 * pages: no write protection, no minor faults, no events of fork or mremap. Giant lock. */
#include "vm/uffd.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "ipc/anonfd.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "vm/family.h"

#define UFFD_USER_MODE_ONLY 1
#define UFFD_API 0xaaUL
#define FEATURE_THREAD_ID (1UL << 8)
#define FEATURE_POISON (1UL << 14)
#define FEATURE_MOVE (1UL << 16)
#define FEATURES (FEATURE_THREAD_ID | FEATURE_POISON | FEATURE_MOVE)
#define MODE_MISSING 1UL
#define DONTWAKE 1UL
#define EVENT_PAGEFAULT 0x12
#define PAGEFAULT_WRITE 1UL

#define UFFDIO_API 0xc018aa3fu
#define UFFDIO_REGISTER 0xc020aa00u
#define UFFDIO_UNREGISTER 0x8010aa01u
#define UFFDIO_WAKE 0x8010aa02u
#define UFFDIO_COPY 0xc028aa03u
#define UFFDIO_ZEROPAGE 0xc020aa04u
#define UFFDIO_MOVE 0xc028aa05u
#define UFFDIO_POISON 0xc020aa08u
#define API_IOCTLS (1UL << 0x3f | 1UL << 0 | 1UL << 1)
#define RANGE_IOCTLS (1UL << 2 | 1UL << 3 | 1UL << 4 | 1UL << 5 | 1UL << 8)

struct uffd {
	unsigned ref; /* the file, and threads that wait */
	struct list node; /* uffds */
	struct vm_space *space; /* only compared; NULL: it is gone */
	bool ready, closed, user_only;
	uint64_t features;
	struct list faults; /* struct uffd_fault, read or not */
	struct waitq readers, sleepers;
};

struct uffd_range {
	struct list node;
	struct uffd *owner;
	uaddr_t start, end;
};

struct uffd_fault {
	struct list node;
	uaddr_t addr;
	bool write, read, done;
	kpid_t tid;
};

struct uffd_msg {
	uint8_t event, pad1;
	uint16_t pad2;
	uint32_t pad3;
	uint64_t flags, address;
	uint32_t tid, pad4;
};

static struct list ranges = LIST_INIT(ranges), uffds = LIST_INIT(uffds);

static void uffd_put(struct uffd *u)
{
	if (--u->ref)
		return;
	list_remove(&u->node);
	kfree(u);
}

static struct uffd_range *range_at(const struct vm_space *s, uaddr_t addr)
{
	struct uffd_range *r;

	list_for_each(r, &ranges, node) {
		if (r->owner->space == s && r->start <= addr && addr < r->end)
			return r;
	}
	return NULL;
}

static bool is_registered(const struct vm_space *s, uaddr_t start, uaddr_t end)
{
	while (start < end) {
		const struct uffd_range *r = range_at(s, start);

		if (!r)
			return false;
		start = r->end;
	}
	return true;
}

static int range_add(struct uffd *u, uaddr_t start, uaddr_t end)
{
	struct uffd_range *r = kzalloc(sizeof(*r));

	if (!r)
		return -ENOMEM;
	*r = (struct uffd_range){ .owner = u, .start = start, .end = end };
	list_push_back(&ranges, &r->node);
	return 0;
}

/* ---- faults ---- */

enum uffd_result uffd_fault(struct vm_space *s, uaddr_t addr, bool write, bool user)
{
	struct uffd_range *r = range_at(s, addr);
	struct uffd_fault f = { .addr = addr, .write = write, .tid = current->tid };
	struct uffd *u;
	int err = 0;

	if (!r)
		return UFFD_NONE;
	u = r->owner;
	if (!user && u->user_only)
		return UFFD_POISONED;
	u->ref++;
	list_push_back(&u->faults, &f.node);
	waitq_wake_all(&u->readers, EPOLLIN | EPOLLRDNORM);
	while (!f.done && !u->closed && !err)
		err = waitq_wait(&u->sleepers, user ? WAIT_INTERRUPTIBLE : WAIT_KILLABLE, NSEC_NEVER);
	list_remove(&f.node);
	uffd_put(u);
	return err && !user ? UFFD_POISONED : UFFD_RETRY;
}

static void wake_range(struct uffd *u, uaddr_t start, uaddr_t end)
{
	struct uffd_fault *f;

	list_for_each(f, &u->faults, node) {
		if (f->addr >= start && f->addr < end)
			f->done = true;
	}
	waitq_wake_all(&u->sleepers, 0);
}

/* Nothing of [start, end) in s is registered any more with u (NULL: anybody). -ENOMEM: a part of it is, as taking it out leaves
 * two. */
static int forget(const struct vm_space *s, const struct uffd *u, uaddr_t start, uaddr_t end)
{
	struct uffd_range *r, *next;

	list_for_each_safe(r, next, &ranges, node) {
		if (r->owner->space != s || (u && r->owner != u) || r->end <= start || r->start >= end)
			continue;
		if (r->start < start && r->end > end && range_add(r->owner, end, r->end))
			return -ENOMEM;
		wake_range(r->owner, MAX(start, r->start), MIN(end, r->end));
		if (r->start < start) {
			r->end = start;
		} else if (r->end > end) {
			r->start = end;
		} else {
			list_remove(&r->node);
			kfree(r);
		}
	}
	return 0;
}

void uffd_unmapped(const struct vm_space *s, uaddr_t start, uaddr_t end)
{
	(void)forget(s, NULL, start, end);
}

void uffd_space_gone(const struct vm_space *s)
{
	struct uffd *u;

	list_for_each(u, &uffds, node) {
		if (u->space != s)
			continue;
		(void)forget(s, u, 0, ELRANGE_END);
		u->space = NULL;
	}
}

/* ---- ioctls ---- */

static int check_range(const struct uffd *u, uaddr_t start, uint64_t len)
{
	if (!u->ready || (start & ~PAGE_MASK) || (len & ~PAGE_MASK) || !len || start + len <= start ||
	    start + len > ELRANGE_END)
		return -EINVAL;
	return current_process()->space == u->space ? 0 : -ESRCH;
}

static int do_api(struct uffd *u, uaddr_t arg)
{
	struct {
		uint64_t api, features, ioctls;
	} a;

	if (copy_from_user(&a, arg, sizeof(a)))
		return -EFAULT;
	if (a.api != UFFD_API || (a.features & ~FEATURES) || u->ready)
		return clear_user(arg, sizeof(a)) ? -EFAULT : -EINVAL;
	u->ready = true;
	u->features = a.features;
	a.features = FEATURES;
	a.ioctls = API_IOCTLS;
	return copy_to_user(arg, &a, sizeof(a));
}

static int drop_page(struct vma *v, uaddr_t addr)
{
	if (family_unshare(v, addr, addr + PAGE_SIZE))
		return -ENOMEM;
	space_account_valid(v->space, -(long)pages_clear_valid(addr, addr + PAGE_SIZE));
	pages_decommit(addr, addr + PAGE_SIZE);
	return 0;
}

/* Fresh memory may have zeroed pages already: to the program they are missing. */
static int drop_untouched(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	const uint8_t readable = PG_VALID | PROT_READ;

	if (space_enter(s))
		return -ENOMEM;
	for (uaddr_t a = start; (a = pages_find(a, end, readable, readable)) < end; a += PAGE_SIZE) {
		if (page_is_zero(a) && drop_page(vma_find(s, a), a))
			return -ENOMEM;
	}
	return 0;
}

/* May u register the range? It may say so again of what it has. */
static int check_free(const struct uffd *u, uaddr_t start, uaddr_t end)
{
	struct vm_space *s = u->space;
	const struct uffd_range *r;

	if (!space_range_mapped(s, start, end))
		return -EINVAL;
	for (struct vma *v = vma_find(s, start); v && v->start < end; v = vma_next(v)) {
		if (v->file || v->region)
			return -EINVAL;
	}
	list_for_each(r, &ranges, node) {
		if (r->owner != u && r->owner->space == s && r->start < end && start < r->end)
			return -EBUSY;
	}
	return 0;
}

/* The mappings of the range, which begin and end there. */
static void mark(struct vm_space *s, uaddr_t start, uaddr_t end, bool registered)
{
	for (struct vma *v = vma_find_from(s, start); v && v->start < end; v = vma_next(v))
		v->flags = registered ? v->flags | VMA_UFFD : v->flags & ~(unsigned)VMA_UFFD;
}

static int do_register(struct uffd *u, uaddr_t arg)
{
	struct {
		uint64_t start, len, mode, ioctls;
	} a;
	struct vm_space *s = u->space;
	int err;

	if (copy_from_user(&a, arg, sizeof(a)))
		return -EFAULT;
	err = check_range(u, a.start, a.len);
	if (!err && a.mode != MODE_MISSING)
		err = -EINVAL;
	if (!err)
		err = check_free(u, a.start, a.start + a.len);
	if (!err)
		err = space_split(s, a.start, a.start + a.len);
	if (!err)
		err = forget(s, u, a.start, a.start + a.len);
	if (!err)
		err = range_add(u, a.start, a.start + a.len);
	if (err)
		return err;
	mark(s, a.start, a.start + a.len, true);
	if (drop_untouched(s, a.start, a.start + a.len))
		return -ENOMEM;
	a.ioctls = RANGE_IOCTLS;
	return copy_to_user(arg, &a, sizeof(a));
}

/* Whoever registered it, as on Linux. */
static int do_unregister(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	int err = space_split(s, start, end);

	if (!err)
		err = forget(s, NULL, start, end);
	if (!err)
		mark(s, start, end, false);
	return err;
}

static int do_range(struct uffd *u, unsigned cmd, uaddr_t arg)
{
	uint64_t a[2];
	int err;

	if (copy_from_user(a, arg, sizeof(a)))
		return -EFAULT;
	err = check_range(u, a[0], a[1]);
	if (err)
		return err;
	if (cmd == UFFDIO_UNREGISTER)
		return do_unregister(u->space, a[0], a[0] + a[1]);
	wake_range(u, a[0], a[0] + a[1]);
	return 0;
}

/* Page by page: how many bytes were filled, or why none was. page: room for what is copied from src; NULL: zeros. */
static int64_t fill(struct uffd *u, uaddr_t dst, uaddr_t src, uint64_t len, char *page)
{
	uint64_t done = 0;
	int err = 0;

	while (done < len && !err) {
		if (!range_at(u->space, dst + done))
			err = -ENOENT;
		else if (page && copy_from_user(page, src + done, PAGE_SIZE))
			err = -EFAULT;
		else
			err = vm_install_page(u->space, dst + done, page);
		if (!err)
			done += PAGE_SIZE;
	}
	return done ? (int64_t)done : err;
}

/* What has been moved is missing at its old place. */
static int drop_source(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	for (uaddr_t a = start; a < end; a += PAGE_SIZE) {
		struct vma *v = space_enter(s) ? NULL : vma_find(s, a);

		if (!v || drop_page(v, a))
			return -ENOMEM;
	}
	return 0;
}

/* Private anonymous memory, as the destination is. */
static bool may_move(struct vm_space *s, uaddr_t start, uint64_t len)
{
	if ((start & ~PAGE_MASK) || start + len <= start || start + len > ELRANGE_END ||
	    !space_range_mapped(s, start, start + len))
		return false;
	for (struct vma *v = vma_find(s, start); v && v->start < start + len; v = vma_next(v)) {
		if (v->file || v->region || (v->flags & VMA_LOCKED))
			return false;
	}
	return true;
}

/* UFFDIO_COPY, and UFFDIO_MOVE, which takes the source away. */
static int do_copy(struct uffd *u, uaddr_t arg, bool move)
{
	struct {
		uint64_t dst, src, len, mode;
		int64_t copied;
	} a;
	char *page;
	int err;

	if (copy_from_user(&a, arg, sizeof(a)))
		return -EFAULT;
	err = check_range(u, a.dst, a.len);
	if (err || (a.mode & ~DONTWAKE))
		return err ? err : -EINVAL;
	if (a.src + a.len <= a.src)
		return -EINVAL;
	if (move && !may_move(u->space, a.src, a.len))
		return -EINVAL;
	page = kmalloc(PAGE_SIZE);
	if (!page)
		return -ENOMEM;
	a.copied = fill(u, a.dst, a.src, a.len, page);
	kfree(page);
	if (move && a.copied > 0 && drop_source(u->space, a.src, a.src + (uint64_t)a.copied))
		a.copied = -ENOMEM;
	if (a.copied > 0 && !(a.mode & DONTWAKE))
		wake_range(u, a.dst, a.dst + (uint64_t)a.copied);
	if (put_user(a.copied, arg + offsetof(__typeof__(a), copied)))
		return -EFAULT;
	return a.copied < 0 ? (int)a.copied : (uint64_t)a.copied == a.len ? 0 : -EAGAIN;
}

/* Pages that are missing, which they stay. */
static int poison(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	int err = is_registered(s, start, end) ? space_enter(s) : -ENOENT;

	if (!err && pages_find(start, end, PG_VALID, PG_VALID) < end)
		err = -EEXIST;
	if (!err)
		err = space_split(s, start, end);
	for (struct vma *v = err ? NULL : vma_find(s, start); v && v->start < end; v = vma_next(v))
		v->flags |= VMA_POISONED;
	return err;
}

static int do_zero_or_poison(struct uffd *u, unsigned cmd, uaddr_t arg)
{
	struct {
		uint64_t start, len, mode;
		int64_t done;
	} a;
	int err;

	if (copy_from_user(&a, arg, sizeof(a)))
		return -EFAULT;
	err = check_range(u, a.start, a.len);
	if (err || (a.mode & ~DONTWAKE))
		return err ? err : -EINVAL;
	if (cmd == UFFDIO_POISON)
		err = poison(u->space, a.start, a.start + a.len);
	a.done = cmd == UFFDIO_ZEROPAGE ? fill(u, a.start, 0, a.len, NULL) : err ? err : (int64_t)a.len;
	if (a.done > 0 && !(a.mode & DONTWAKE))
		wake_range(u, a.start, a.start + (uint64_t)a.done);
	if (put_user(a.done, arg + offsetof(__typeof__(a), done)))
		return -EFAULT;
	return a.done < 0 ? (int)a.done : (uint64_t)a.done == a.len ? 0 : -EAGAIN;
}

static long uffd_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	struct uffd *u = f->priv;

	if (cmd != UFFDIO_API && !u->ready)
		return -EINVAL;
	switch (cmd) {
	case UFFDIO_API:
		return do_api(u, arg);
	case UFFDIO_REGISTER:
		return do_register(u, arg);
	case UFFDIO_UNREGISTER:
	case UFFDIO_WAKE:
		return do_range(u, cmd, arg);
	case UFFDIO_COPY:
	case UFFDIO_MOVE:
		return do_copy(u, arg, cmd == UFFDIO_MOVE);
	case UFFDIO_ZEROPAGE:
	case UFFDIO_POISON:
		return do_zero_or_poison(u, cmd, arg);
	default:
		return -EINVAL;
	}
}

/* ---- the file ---- */

static struct uffd_fault *unread(const struct uffd *u)
{
	struct uffd_fault *f;

	list_for_each(f, &u->faults, node) {
		if (!f->read && !f->done)
			return f;
	}
	return NULL;
}

static ssize_t read_message(struct uffd *u, struct uffd_fault *f, struct iov_iter *to)
{
	struct uffd_msg m = { .event = EVENT_PAGEFAULT, .flags = f->write ? PAGEFAULT_WRITE : 0, .address = f->addr,
			      .tid = u->features & FEATURE_THREAD_ID ? (uint32_t)f->tid : 0 };

	f->read = true;
	return copy_to_iter(&m, sizeof(m), to) == sizeof(m) ? (ssize_t)sizeof(m) : -EFAULT;
}

/* As many whole messages as there are and fit. */
static ssize_t uffd_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct uffd *u = file->priv;
	struct uffd_fault *f;
	ssize_t done = 0, n = 0;

	(void)pos;
	if (!u->ready || to->count < sizeof(struct uffd_msg))
		return -EINVAL;
	while (!unread(u)) {
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		if (waitq_wait(&u->readers, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
	for (; n >= 0 && to->count >= sizeof(struct uffd_msg) && (f = unread(u)); done += MAX(n, 0))
		n = read_message(u, f, to);
	return done ? done : n;
}

static unsigned uffd_poll(struct file *f, struct poll_table *pt)
{
	struct uffd *u = f->priv;

	poll_wait(pt, &u->readers);
	if (!u->ready)
		return EPOLLERR;
	return unread(u) ? EPOLLIN | EPOLLRDNORM : 0;
}

static void uffd_release(struct file *f)
{
	struct uffd *u = f->priv;

	u->closed = true;
	waitq_wake_all(&u->sleepers, 0);
	(void)forget(u->space, u, 0, ELRANGE_END);
	uffd_put(u);
}

static const struct file_ops uffd_ops = {
	.name = "[userfaultfd]", .read = uffd_read, .poll = uffd_poll, .ioctl = uffd_ioctl, .release = uffd_release,
};

long uffd_create(unsigned flags)
{
	struct uffd *u;
	long fd;

	if (flags & ~(unsigned)(O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY))
		return -EINVAL;
	u = kzalloc(sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->ref = 1;
	u->space = current_process()->space;
	u->user_only = flags & UFFD_USER_MODE_ONLY;
	list_init(&u->faults);
	waitq_init(&u->readers);
	waitq_init(&u->sleepers);
	list_init(&u->node);
	fd = anonfd_install(&uffd_ops, u, flags & (O_CLOEXEC | O_NONBLOCK)); /* on failure u is gone */
	if (fd >= 0)
		list_push_back(&uffds, &u->node);
	return fd;
}

SYSCALL_DEFINE(userfaultfd, unsigned, flags)
{
	if (!(flags & UFFD_USER_MODE_ONLY) && !capable(CAP_SYS_PTRACE))
		return -EPERM;
	return uffd_create(flags);
}
