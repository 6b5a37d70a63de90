/* remote.c: process_vm_readv(2), process_vm_writev(2): memory of another process.
 *
 * Copied through a LibOS buffer in pieces that cross no page border, so a fault leaves what came before it done. The
 * other process may end while a copy sleeps: its space is held. */
#include "abi/layout.h"
#include "base/heap.h"
#include "landlock/landlock.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/access.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "vm/vm.h"

bool process_may_access(const struct process *target)
{
	const struct cred *c = &current_process()->cred, *t = &target->cred;

	if (target == current_process())
		return true;
	if (!landlock_may_trace(target->landlock))
		return false;
	if (target->dumpable && c->uid == t->uid && c->uid == t->euid && c->uid == t->suid && c->gid == t->gid &&
	    c->gid == t->egid && c->gid == t->sgid && !(t->cap_permitted & ~c->cap_permitted))
		return true;
	return capable(CAP_SYS_PTRACE);
}

struct thread *thread_for_access(kpid_t tid, int *err)
{
	struct thread *t = tid > 0 ? thread_find(tid) : NULL;

	*err = 0;
	if (!t || !t->process || t->process->zombie)
		*err = -ESRCH;
	else if (!process_may_access(t->process))
		*err = -EPERM;
	return *err ? NULL : t;
}

/* One end: ranges of the other process. */
struct remote {
	struct vm_space *space;
	struct iovec *vec;
	size_t segs;
};

static int remote_ranges(struct remote *r, uaddr_t uvec, size_t count)
{
	int err;

	*r = (struct remote){ .segs = count };
	if (count > IOV_MAX)
		return -EINVAL;
	r->vec = kmalloc(count * sizeof(*r->vec) + 1);
	if (!r->vec)
		return -ENOMEM;
	err = copy_from_user(r->vec, uvec, count * sizeof(*r->vec)) ? -EFAULT : 0;
	for (size_t i = 0; !err && i < count; i++)
		err = (ssize_t)r->vec[i].len < 0 ? -EINVAL : 0;
	return err;
}

/* Up to the next page border; bytes or -errno. */
static ssize_t move_piece(struct vm_space *s, uaddr_t addr, size_t len, struct iov_iter *local, bool write, void *buf)
{
	size_t n = MIN(MIN(len, local->count), PAGE_SIZE - (addr & ~PAGE_MASK));
	ssize_t done;
	int err;

	if (!write) {
		err = vm_access(s, addr, buf, n, false);
		return err ? err : copy_to_iter(buf, n, local);
	}
	done = copy_from_iter(buf, n, local);
	if (done <= 0)
		return done;
	err = vm_access(s, addr, buf, (size_t)done, true);
	return err ? err : done;
}

static ssize_t move_range(struct vm_space *s, const struct iovec *range, struct iov_iter *local, bool write, void *buf)
{
	size_t done = 0;

	while (done < range->len && local->count) {
		ssize_t n = move_piece(s, range->base + done, range->len - done, local, write, buf);
		if (n <= 0)
			return done ? (ssize_t)done : n < 0 ? n : -EFAULT;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static ssize_t move_all(const struct remote *r, struct iov_iter *local, bool write)
{
	void *buf = page_alloc(1);
	ssize_t done = 0, n = 0;

	if (!buf)
		return -ENOMEM;
	for (size_t i = 0; i < r->segs && local->count; i++) {
		n = move_range(r->space, &r->vec[i], local, write, buf);
		if (n < 0)
			break;
		done += n;
		if ((size_t)n < r->vec[i].len)
			break;
	}
	page_free(buf, 1);
	return done ? done : n;
}

static ssize_t access_process(kpid_t pid, struct remote *r, struct iov_iter *local, bool write)
{
	struct thread *t;
	ssize_t n;
	int err;

	t = thread_for_access(pid, &err);
	if (!t)
		return err;
	if (!t->process->space)
		return -ESRCH;
	r->space = vm_space_get(t->process->space);
	n = move_all(r, local, write);
	vm_space_put(r->space);
	return n;
}

static long process_vm(kpid_t pid, uaddr_t lvec, size_t lcount, uaddr_t rvec, size_t rcount, uint64_t flags, bool write)
{
	struct iov_iter local;
	struct remote remote;
	long ret;

	if (flags)
		return -EINVAL;
	ret = iov_iter_user_vec(&local, lvec, lcount);
	if (ret)
		return ret;
	if (local.count) {
		ret = remote_ranges(&remote, rvec, rcount);
		if (!ret)
			ret = access_process(pid, &remote, &local, write);
		kfree(remote.vec);
	}
	iov_iter_free(&local);
	return ret;
}

SYSCALL_DEFINE(process_vm_readv, kpid_t, pid, uaddr_t, lvec, size_t, lcount, uaddr_t, rvec, size_t, rcount, uint64_t,
	       flags)
{
	return process_vm(pid, lvec, lcount, rvec, rcount, flags, false);
}

SYSCALL_DEFINE(process_vm_writev, kpid_t, pid, uaddr_t, lvec, size_t, lcount, uaddr_t, rvec, size_t, rcount, uint64_t,
	       flags)
{
	return process_vm(pid, lvec, lcount, rvec, rcount, flags, true);
}
