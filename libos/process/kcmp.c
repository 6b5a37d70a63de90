/* kcmp.c: kcmp(2): do two threads share something? 0 equal, 1 less, 2 greater, in an order that means nothing. */
#include "fs/file.h"
#include "linux/errno.h"
#include "process/access.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

enum { KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM, KCMP_EPOLL_TFD };

struct kcmp_epoll_slot { /* user ABI */
	uint32_t efd, tfd, toff;
};

static long compare(uint64_t a, uint64_t b)
{
	return a == b ? 0 : a < b ? 1 : 2;
}

static long compare_pointers(const void *a, const void *b)
{
	return compare((uint64_t)(uintptr_t)a, (uint64_t)(uintptr_t)b);
}

static const struct file *file_of(const struct thread *t, uint64_t fd)
{
	struct fdtable *files = thread_files(t);

	return files && fd < FD_MAX ? fdtable_lookup(files, (int)fd) : NULL;
}

static long compare_files(const struct thread *a, uint64_t fd1, const struct thread *b, uint64_t fd2)
{
	const struct file *fa = file_of(a, fd1), *fb = file_of(b, fd2);

	return fa && fb ? compare(fa->seals_or_id, fb->seals_or_id) : -EBADF;
}

/* A file of a, and one that an epoll instance of b watches. */
static long compare_watched(const struct thread *a, uint64_t fd, const struct thread *b, const struct kcmp_epoll_slot *slot)
{
	const struct file *f = file_of(a, fd), *ep = file_of(b, slot->efd), *watched;
	int err;

	if (!f || !ep)
		return -EBADF;
	watched = epoll_target(ep, (int)slot->tfd, slot->toff, &err);
	return watched ? compare(f->seals_or_id, watched->seals_or_id) : err;
}

/* A process without debts has no list that could differ. */
static const void *debts(const struct process *p)
{
	return list_empty(&p->sem_undos) ? NULL : p;
}

SYSCALL_DEFINE(kcmp, kpid_t, pid1, kpid_t, pid2, int, type, uint64_t, idx1, uint64_t, idx2)
{
	struct kcmp_epoll_slot slot;
	const struct thread *a, *b;
	int err, fault = type == KCMP_EPOLL_TFD ? get_user(slot, idx2) : 0; /* it may sleep: first, though it counts last */

	if (!thread_find(pid1) || !thread_find(pid2))
		return -ESRCH;
	a = thread_for_access(pid1, &err);
	b = a ? thread_for_access(pid2, &err) : NULL;
	if (!a || !b)
		return err;
	switch (type) {
	case KCMP_FILE:
		return compare_files(a, idx1, b, idx2);
	case KCMP_EPOLL_TFD:
		return fault ? fault : compare_watched(a, idx1, b, &slot);
	case KCMP_VM:
		return compare_pointers(a->process->space, b->process->space);
	case KCMP_FILES:
		return compare_pointers(thread_files(a), thread_files(b));
	case KCMP_FS:
		return compare_pointers(a->process->fs, b->process->fs);
	case KCMP_SIGHAND:
		return compare_pointers(a->process->sighand, b->process->sighand);
	case KCMP_IO:
		return 0;
	case KCMP_SYSVSEM:
		return compare_pointers(debts(a->process), debts(b->process));
	default:
		return -EINVAL;
	}
}
