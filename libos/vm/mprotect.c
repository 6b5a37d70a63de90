/* mprotect.c: changing rights. Real rights: the EPCM is changed, not only the host's page tables.
 *
 * A mapping that becomes writable is marked VMA_WRITTEN for good: its pages can no longer be
 * parked. */
#include "base/log.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "loader/rewrite.h"
#include "process/process.h"
#include "syscall/define.h"
#include "vm/family.h"

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
	int err = family_protect(v, v->start, v->end, prot);
	if (!err)
		vma_set_prot(v, prot);
	return err;
}

static int check_protect(const struct vma *v, size_t len, int prot)
{
	struct vm_space *s = v->space;

	if (!(prot & PROT_WRITE))
		return 0;
	if (v->flags & VMA_SHARED)
		return v->flags & VMA_MAYWRITE ? 0 : -EACCES;
	if (!(v->prot & PROT_WRITE) && (s->data << PAGE_SHIFT) + len > space_rlimit(RLIMIT_DATA))
		return -ENOMEM;
	return 0;
}

/* Text that becomes executable only now gets its system calls patched, as if it had been mapped so.
 * Without stubs they trap. May sleep. */
static void vma_patch_late(struct vma *v, int prot)
{
	struct vm_space *s = v->space;
	uint64_t generation = s->generation;

	if (!(prot & PROT_EXEC) || (prot & PROT_WRITE) || (v->prot & PROT_EXEC) || v->stubs ||
	    !vma_clean_file(v))
		return;
	size_t size = rewrite_stub_size(v->file->inode, v->offset, v->end - v->start);
	if (!size || s->generation != generation)
		return;
	vma_settle(v);
	if (vma_attach_stubs(v, size))
		return;
	if (vma_patch_valid(v))
		log_warn("text at %lx is patched in part only: out of memory", v->start);
}

/* The part [start, end) of v, which may be all of it. May sleep. */
static int protect_part(struct vma *v, uaddr_t start, uaddr_t end, int prot)
{
	struct vm_space *s = v->space;

	if (v->prot == prot || (v->flags & VMA_STUBS)) /* stubs are the LibOS's: they stay as they are */
		return 0;
	int err = space_enter(s);
	if (!err)
		err = check_protect(v, end - start, prot);
	if (!err)
		err = space_split(s, start, end);
	if (err)
		return err;
	v = vma_find(s, start);
	vma_patch_late(v, prot);
	v = vma_find(s, start); /* it may have slept */
	if (space_enter(s))
		return -ENOMEM;
	return v && v->start >= start && v->end <= end ? vma_protect(v, prot) : -EAGAIN;
}

/* Rights of a growing mapping reach down to its start. */
static int protect_start(struct vm_space *s, uaddr_t *addr, int grows)
{
	struct vma *v = vma_find(s, *addr);

	if (!grows)
		return 0;
	if (grows != PROT_GROWSDOWN)
		return -EINVAL;
	if (!v)
		return -ENOMEM;
	if (!(v->flags & VMA_GROWSDOWN))
		return -EINVAL;
	*addr = v->start;
	return 0;
}

/* As on Linux, what lies below a hole or a refused mapping has been changed when it is reported. */
int vm_mprotect(struct vm_space *s, uaddr_t addr, size_t len, int prot)
{
	uaddr_t end = addr + ALIGN_UP(len, PAGE_SIZE), at;
	int grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);

	prot &= ~(PROT_GROWSDOWN | PROT_GROWSUP);
	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || (addr & ~PAGE_MASK) || (prot & ~7))
		return -EINVAL;
	if (!len)
		return 0;
	if (end <= addr || end > ELRANGE_END)
		return -ENOMEM;
	if (space_range_sealed(s, addr, end))
		return -EPERM;
	int err = protect_start(s, &addr, grows);
	for (at = addr; at < end && !err;) {
		struct vma *v = vma_find(s, at);
		uaddr_t stop = v ? MIN(v->end, end) : end;
		err = v ? protect_part(v, at, stop, prot) : -ENOMEM;
		if (err == -EAGAIN)
			err = 0;
		else
			at = stop;
	}
	space_merge(s, addr, MIN(at, end));
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
