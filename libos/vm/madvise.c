/* madvise.c: advice on mappings, residency, locking, msync.
 *
 * Locking is bookkeeping plus filling: nothing is ever paged out by the LibOS itself. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "vm/family.h"

#define ZERO_IN_PLACE 32u /* pages: MADV_DONTNEED clears so many without giving them back */
#define CAP_IPC_LOCK  14

struct page_run {
	uaddr_t start, end;
};

/* Are the valid pages so few that clearing them is cheapest, and may all be written just now? Not so for a page of a mapping
 * that may be written when it waits for a fault after a fork. How many runs they are, or -1: no. */
static int runs_to_clear(uaddr_t start, uaddr_t end, struct page_run run[ZERO_IN_PLACE])
{
	const uint8_t mask = PG_VALID | PROT_WRITE;
	size_t pages = 0;
	int n = 0;

	for (uaddr_t a = start, stop; (a = pages_find(a, end, PG_VALID, PG_VALID)) < end; a = stop) {
		stop = pages_run_end(a, end, mask, mask);
		pages += (stop - a) >> PAGE_SHIFT;
		if (stop == a || pages > ZERO_IN_PLACE)
			return -1;
		run[n++] = (struct page_run){ a, stop };
	}
	return n;
}

/* The pages of [start, end) show their first content again when touched. gone: none is kept for that. */
static int vma_discard(struct vma *v, uaddr_t start, uaddr_t end, bool gone)
{
	struct page_run run[ZERO_IN_PLACE];
	int runs;

	if (v->region || vma_clean_file(v))
		return 0;
	if (family_unshare(v, start, end))
		return -ENOMEM;
	if (!gone && !v->file && (v->prot & PROT_WRITE) && (runs = runs_to_clear(start, end, run)) >= 0) {
		v->flags |= VMA_DROPPED;
		for (int i = 0; i < runs; i++)
			memset((void *)run[i].start, 0, run[i].end - run[i].start);
		return 0;
	}
	space_account_valid(v->space, -(long)pages_clear_valid(start, end));
	pages_decommit(start, end);
	return 0;
}

static int vma_remove_backing(struct vma *v, uaddr_t start, uaddr_t end)
{
	if (!v->region || !(v->flags & VMA_MAYWRITE))
		return v->region ? -EACCES : -EINVAL;
	if (v->flags & VMA_LOCKED)
		return -EINVAL;
	int err = region_fill(v, start, end);
	if (err)
		return err == -EAGAIN ? 0 : err;
	/* The mapping may be read-only just now. */
	if (pages_grant(start, end, PROT_READ | PROT_WRITE))
		return -ENOMEM;
	memset((void *)start, 0, end - start);
	for (uaddr_t a = start; a < end; a += PAGE_SIZE)
		vm_window_write_end(a);
	return 0;
}

static int vma_set_flag(struct vma *v, unsigned flag, bool on)
{
	v->flags = on ? v->flags | flag : v->flags & ~flag;
	return 0;
}

static int vma_populate_advice(struct vma *v, uaddr_t start, uaddr_t end, int prot)
{
	if ((prot_normal(v->prot) & prot) != prot)
		return -EINVAL;
	return vm_make_present(v->space, start, end - start, prot) ? -EFAULT : 0;
}

static int vma_advise(struct vma *v, uaddr_t start, uaddr_t end, int advice)
{
	if (v->flags & VMA_STUBS) /* the LibOS's, and shared by relatives: they stay as they are */
		return 0;
	switch (advice) {
	case MADV_DONTNEED:
		if (v->flags & VMA_LOCKED)
			return -EINVAL;
		return vma_discard(v, start, end, v->flags & VMA_UFFD);
	case MADV_DONTNEED_LOCKED:
		return vma_discard(v, start, end, false);
	case MADV_GUARD_INSTALL:
		if (v->file || v->region || (v->flags & VMA_LOCKED))
			return -EINVAL;
		v->flags |= VMA_GUARD;
		return vma_discard(v, start, end, true);
	case MADV_GUARD_REMOVE:
		return vma_set_flag(v, VMA_GUARD, false);
	case MADV_FREE:
		if (v->file || v->region)
			return -EINVAL;
		return vma_discard(v, start, end, false);
	case MADV_REMOVE:
		return vma_remove_backing(v, start, end);
	case MADV_DONTFORK:
	case MADV_DOFORK:
		return vma_set_flag(v, VMA_DONTFORK, advice == MADV_DONTFORK);
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		if (v->file || v->region)
			return -EINVAL;
		return vma_set_flag(v, VMA_WIPE, advice == MADV_WIPEONFORK);
	case MADV_DONTDUMP:
	case MADV_DODUMP:
		return vma_set_flag(v, VMA_DONTDUMP, advice == MADV_DONTDUMP);
	case MADV_POPULATE_READ:
		return vma_populate_advice(v, start, end, PROT_READ);
	case MADV_POPULATE_WRITE:
		return vma_populate_advice(v, start, end, PROT_READ | PROT_WRITE);
	default:
		return 0; /* hints about paging, huge pages and merging: nothing to do here */
	}
}

static int advice_known(int advice)
{
	if (advice >= MADV_NORMAL && advice <= MADV_DONTNEED)
		return 0;
	/* As a kernel without memory failure handling and without merging of equal pages. */
	if (advice == MADV_HWPOISON || advice == MADV_SOFT_OFFLINE || advice == MADV_MERGEABLE ||
	    advice == MADV_UNMERGEABLE)
		return -EINVAL;
	if (advice == MADV_GUARD_INSTALL || advice == MADV_GUARD_REMOVE)
		return 0;
	return advice >= MADV_FREE && advice <= MADV_COLLAPSE ? 0 : -EINVAL;
}

static bool advice_splits(int advice)
{
	return (advice >= MADV_DONTFORK && advice <= MADV_DOFORK) || advice == MADV_GUARD_INSTALL ||
	       advice == MADV_GUARD_REMOVE ||
	       (advice >= MADV_DONTDUMP && advice <= MADV_KEEPONFORK);
}

static bool advice_discards(int advice)
{
	return advice == MADV_DONTNEED || advice == MADV_DONTNEED_LOCKED || advice == MADV_FREE || advice == MADV_REMOVE ||
	       advice == MADV_DONTFORK || advice == MADV_WIPEONFORK || advice == MADV_GUARD_INSTALL;
}

/* Sealed private memory that the program may not write keeps its content. */
static bool discard_sealed(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	for (struct vma *v = vma_find_from(s, start); v && v->start < end; v = vma_next(v)) {
		if ((v->flags & VMA_SEALED) && !v->region && !(v->prot & PROT_WRITE))
			return true;
	}
	return false;
}

/* Holes are stepped over and reported as -ENOMEM at the end. */
SYSCALL_DEFINE(madvise, uaddr_t, addr, size_t, len, int, advice)
{
	struct vm_space *s = current_process()->space;
	uaddr_t end = addr + ALIGN_UP(len, PAGE_SIZE);
	uaddr_t start = addr;
	int err = advice_known(advice), hole = 0;

	if (err)
		return err;
	if ((addr & ~PAGE_MASK) || end < addr || (len && end == addr))
		return -EINVAL;
	if (advice_splits(advice) && end > addr)
		err = space_split(s, addr, end);
	if (!err && advice_discards(advice) && discard_sealed(s, addr, end))
		return -EPERM;
	while (addr < end && !err) {
		struct vma *v = vma_find_from(s, addr);
		if (!v || v->start > addr)
			hole = -ENOMEM;
		if (!v || v->start >= end)
			break;
		uaddr_t from = MAX(addr, v->start), stop = MIN(end, v->end);
		addr = stop;
		if (space_enter(s))
			return -ENOMEM;
		err = vma_advise(v, from, stop, advice);
	}
	if (advice == MADV_GUARD_REMOVE)
		space_merge(s, start, end);
	return err ? err : hole;
}

/* Pages that MADV_DONTNEED zeroed and nobody has written since count as dropped. */
static bool page_resident(const struct vma *v, uaddr_t addr)
{
	const uint64_t *word = (const uint64_t *)addr;

	if (!(page_state(addr) & PG_VALID))
		return false;
	if (!(v->flags & VMA_DROPPED) || !(page_state(addr) & PROT_READ))
		return true;
	for (size_t i = 0; i < PAGE_SIZE / sizeof(*word); i++) {
		if (word[i])
			return true;
	}
	return false;
}

SYSCALL_DEFINE(mincore, uaddr_t, addr, size_t, len, uaddr_t, vec)
{
	struct vm_space *s = current_process()->space;
	size_t pages = ALIGN_UP(len, PAGE_SIZE) >> PAGE_SHIFT;
	uint8_t buf[256];

	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (addr + (pages << PAGE_SHIFT) < addr || addr + (pages << PAGE_SHIFT) > ELRANGE_END)
		return -ENOMEM;
	while (pages) {
		size_t n = MIN(pages, sizeof(buf));
		if (!space_range_mapped(s, addr, addr + (n << PAGE_SHIFT)))
			return -ENOMEM;
		if (space_enter(s))
			return -EAGAIN;
		for (size_t i = 0; i < n; i++) {
			uaddr_t page = addr + (i << PAGE_SHIFT);
			buf[i] = page_resident(vma_find(s, page), page);
		}
		if (copy_to_user(vec, buf, n))
			return -EFAULT;
		pages -= n;
		vec += n;
		addr += n << PAGE_SHIFT;
	}
	return 0;
}

SYSCALL_DEFINE(msync, uaddr_t, addr, size_t, len, int, flags)
{
	struct vm_space *s = current_process()->space;
	uaddr_t end = addr + ALIGN_UP(len, PAGE_SIZE);
	int hole = 0;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || (addr & ~PAGE_MASK))
		return -EINVAL;
	if ((flags & MS_ASYNC) && (flags & MS_SYNC))
		return -EINVAL;
	if (end < addr)
		return -ENOMEM;
	while (addr < end) {
		struct vma *v = vma_find_from(s, addr);
		if (!v || v->start > addr)
			hole = -ENOMEM;
		if (!v || v->start >= end)
			break;
		uaddr_t from = MAX(addr, v->start), stop = MIN(end, v->end);
		addr = stop;
		if ((flags & MS_INVALIDATE) && (v->flags & VMA_LOCKED))
			return -EBUSY;
		int err = v->region && (flags & MS_SYNC) ? region_sync(v, from, stop) : 0;
		if (err)
			return err;
	}
	return hole;
}

static int lock_range(struct vm_space *s, uaddr_t start, uaddr_t end, bool lock)
{
	int err = space_split(s, start, end);

	for (struct vma *v = err ? NULL : vma_find_from(s, start); v && v->start < end;
	     v = vma_next(v)) {
		if (!(v->flags & VMA_LOCKED) != lock)
			continue;
		s->locked += lock ? (v->end - v->start) >> PAGE_SHIFT : 0;
		s->locked -= lock ? 0 : (v->end - v->start) >> PAGE_SHIFT;
		vma_set_flag(v, VMA_LOCKED, lock);
	}
	space_merge(s, start, end);
	return err;
}

static long lock_call(uaddr_t addr, size_t len, bool lock, bool fill)
{
	struct vm_space *s = current_process()->space;
	uaddr_t start = addr & PAGE_MASK, end = ALIGN_UP(addr + len, PAGE_SIZE);
	uint64_t limit = space_rlimit(RLIMIT_MEMLOCK);

	if (addr + len < addr || (len && end <= start))
		return -EINVAL;
	if (!len)
		return 0;
	if (lock && !capable(CAP_IPC_LOCK) && !limit)
		return -EPERM;
	if (lock && !capable(CAP_IPC_LOCK) && (s->locked << PAGE_SHIFT) + (end - start) > limit)
		return -ENOMEM;
	if (!space_range_mapped(s, start, end))
		return -ENOMEM;
	int err = lock_range(s, start, end, lock);
	if (!err && lock && fill)
		vm_populate(s, start, end - start);
	return err;
}

SYSCALL_DEFINE(mlock, uaddr_t, addr, size_t, len)
{
	return lock_call(addr, len, true, true);
}

SYSCALL_DEFINE(mlock2, uaddr_t, addr, size_t, len, int, flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return lock_call(addr, len, true, !flags);
}

SYSCALL_DEFINE(munlock, uaddr_t, addr, size_t, len)
{
	return lock_call(addr, len, false, false);
}

SYSCALL_DEFINE(mlockall, int, flags)
{
	struct vm_space *s = current_process()->space;
	uint64_t limit = space_rlimit(RLIMIT_MEMLOCK);

	if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!capable(CAP_IPC_LOCK) && !limit)
		return -EPERM;
	if ((flags & MCL_CURRENT) && !capable(CAP_IPC_LOCK) && (s->size << PAGE_SHIFT) > limit)
		return -ENOMEM;
	s->lock_future = flags & MCL_FUTURE;
	return flags & MCL_CURRENT ? lock_range(s, 0, ELRANGE_END, true) : 0;
}

SYSCALL_DEFINE(munlockall)
{
	struct vm_space *s = current_process()->space;

	s->lock_future = false;
	return lock_range(s, 0, ELRANGE_END, false);
}
