/* mprotect.c: changing rights. Real rights: the EPCM is changed, not only the host's page tables.
 *
 * A mapping that becomes writable is marked VMA_WRITTEN for good: its pages can no longer be
 * parked. */
#include "fs/file.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "process/process.h"
#include "syscall/define.h"
#include "vm/space.h"

void vma_settle(struct vma *v)
{
	if (!(v->flags & VMA_OVER_PARKED))
		return;
	for (uaddr_t a = v->start; a < v->end; a = ALIGN_DOWN(a, CHUNK_SIZE) + CHUNK_SIZE) {
		struct arena *arena = place_arena(a);
		if (arena)
			park_drop_range(arena, a, v->end);
	}
	pages_decommit_invalid(v->start, v->end);
	v->flags &= ~(unsigned)VMA_OVER_PARKED;
}

static int vma_protect(struct vma *v, int prot)
{
	if (v->region)
		return region_protect(v, prot);
	/* ld.so closes the holes between segments before it maps the segments: nothing to do yet */
	if ((v->flags & VMA_TRANSIENT) && prot == PROT_NONE) {
		vma_set_prot(v, prot);
		return 0;
	}
	vma_settle(v);
	int err = pages_protect(v->start, v->end, prot);
	if (!err)
		vma_set_prot(v, prot);
	return err;
}

static int check_protect(struct vm_space *s, uaddr_t start, uaddr_t end, int prot)
{
	uint64_t new_data = 0;

	if (!space_range_mapped(s, start, end))
		return -ENOMEM;
	for (struct vma *v = vma_find(s, start); v && v->start < end; v = vma_next(v)) {
		bool shared = v->flags & VMA_SHARED;
		if ((prot & PROT_WRITE) && shared && !(v->flags & VMA_MAYWRITE))
			return -EACCES;
		if ((prot & PROT_WRITE) && !(v->prot & PROT_WRITE) && !shared)
			new_data += MIN(v->end, end) - MAX(v->start, start);
	}
	if (new_data && (s->data << PAGE_SHIFT) + new_data > space_rlimit(RLIMIT_DATA))
		return -ENOMEM;
	return 0;
}

int vm_mprotect(struct vm_space *s, uaddr_t addr, size_t len, int prot)
{
	uaddr_t end = addr + ALIGN_UP(len, PAGE_SIZE);
	int grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
	struct vma *v;

	prot &= ~(PROT_GROWSDOWN | PROT_GROWSUP);
	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || (addr & ~PAGE_MASK) || (prot & ~7))
		return -EINVAL;
	if (!len)
		return 0;
	if (end <= addr || end > ELRANGE_SIZE)
		return -ENOMEM;
	if (grows == PROT_GROWSDOWN) {
		v = vma_find(s, addr);
		if (!v)
			return -ENOMEM;
		if (!(v->flags & VMA_GROWSDOWN))
			return -EINVAL;
		addr = v->start;
	} else if (grows) {
		return -EINVAL;
	}
	int err = check_protect(s, addr, end, prot);
	if (!err)
		err = space_split(s, addr, end);
	for (v = err ? NULL : vma_find(s, addr); v && v->start < end && !err; v = vma_next(v)) {
		if (v->prot != prot)
			err = vma_protect(v, prot);
	}
	space_merge(s, addr, end);
	return err;
}

SYSCALL_DEFINE(mprotect, uaddr_t, addr, size_t, len, int, prot)
{
	return vm_mprotect(current_process()->space, addr, len, prot);
}

/* No protection keys, as on a CPU without them. */
SYSCALL_DEFINE(pkey_mprotect, uaddr_t, addr, size_t, len, int, prot, int, pkey)
{
	return pkey == -1 ? vm_mprotect(current_process()->space, addr, len, prot) : -EINVAL;
}

SYSCALL_DEFINE(pkey_alloc, unsigned, flags, unsigned, rights)
{
	return flags || (rights & ~3u) ? -EINVAL : -ENOSPC;
}

SYSCALL_DEFINE(pkey_free, int, pkey)
{
	(void)pkey;
	return -EINVAL;
}
