/* kcmp.c: kcmp(2): do two threads share something? 0 equal, 1 less, 2 greater, in an order that means nothing. */
#include "fs/file.h"
#include "linux/errno.h"
#include "process/access.h"
#include "process/process.h"
#include "syscall/define.h"

enum { KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM };

static long compare(uint64_t a, uint64_t b)
{
	return a == b ? 0 : a < b ? 1 : 2;
}

static long compare_pointers(const void *a, const void *b)
{
	return compare((uint64_t)(uintptr_t)a, (uint64_t)(uintptr_t)b);
}

static long compare_files(const struct thread *a, uint64_t fd1, const struct thread *b, uint64_t fd2)
{
	struct fdtable *ta = thread_files(a), *tb = thread_files(b);
	const struct file *fa = ta && fd1 < FD_MAX ? fdtable_lookup(ta, (int)fd1) : NULL;
	const struct file *fb = tb && fd2 < FD_MAX ? fdtable_lookup(tb, (int)fd2) : NULL;

	return fa && fb ? compare(fa->seals_or_id, fb->seals_or_id) : -EBADF;
}

/* A process without debts has no list that could differ. */
static const void *debts(const struct process *p)
{
	return list_empty(&p->sem_undos) ? NULL : p;
}

SYSCALL_DEFINE(kcmp, kpid_t, pid1, kpid_t, pid2, int, type, uint64_t, idx1, uint64_t, idx2)
{
	const struct thread *a, *b;
	int err;

	if (!thread_find(pid1) || !thread_find(pid2))
		return -ESRCH;
	a = thread_for_access(pid1, &err);
	b = a ? thread_for_access(pid2, &err) : NULL;
	if (err)
		return err;
	switch (type) {
	case KCMP_FILE:
		return compare_files(a, idx1, b, idx2);
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
