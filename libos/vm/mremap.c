/* mremap.c: growing, shrinking and moving mappings.
 *
 * An enclave page cannot change its address, so moving copies: filled pages are committed at the
 * new place and copied there, and the old ones go into the pool. Growing in place is tried first.
 */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "process/process.h"
#include "syscall/define.h"
#include "vm/family.h"

/* Anonymous or private pages of v beyond what the caller maps itself; -errno if it cannot be. */
static int grow_in_place(struct vma *v, size_t extra)
{
	struct vm_space *s = v->space;
	uaddr_t from = v->end, to = v->end + extra;
	struct vma *above = vma_find_from(s, to);

	if (v->region || to < from || !space_range_free(s, from, to) ||
	    !place_claimable(s, from, to) || region_blocks(s, from, to))
		return -ENOMEM;
	if (above && (above->flags & VMA_GROWSDOWN) && above->start - to < STACK_GUARD)
		return -ENOMEM;
	int err = place_claim(s, from, to);
	if (!err)
		err = family_claim(s, from, to, NULL);
	if (err)
		return err;
	vma_resize(v, v->start, to);
	park_adopt(s, v, from, to, v->stubs != NULL);
	return vma_clean_pool(v, from, to);
}

/* Pages of [start, start+len) are copied to `to`, a fresh mapping with the same rights. Does not
 * sleep. */
static int copy_pages(uaddr_t start, size_t len, struct vma *to, uaddr_t at)
{
	uaddr_t end = start + len;
	int err = 0;

	for (uaddr_t a = start, stop; a < end && !err; a = stop) {
		a = pages_find(a, end, PG_VALID, PG_VALID);
		if (a == end)
			break;
		stop = pages_run_end(a, end, PG_VALID, PG_VALID);
		uaddr_t dst = at + (a - start), dst_end = dst + (stop - a);
		err = pages_grant(a, stop, PROT_READ);
		if (!err)
			err = pages_commit(dst, dst_end);
		if (!err)
			err = pages_protect(dst, dst_end, PROT_READ | PROT_WRITE);
		if (err)
			break;
		memcpy((void *)dst, (const void *)a, stop - a);
		err = pages_protect(dst, dst_end, to->prot);
		space_account_valid(to->space, (long)pages_set_valid(dst, dst_end));
	}
	return err;
}

/* A vma like v for [at, at+len), in the tree; reused pages in it are dropped, since v's will be
 * copied. */
static struct vma *clone_at(struct vma *v, uaddr_t start, uaddr_t at, size_t len)
{
	struct vma *n = v->space->count < VM_MAX_MAPS ? vma_alloc() : NULL;

	if (!n || family_claim(v->space, at, at + len, NULL)) {
		kfree(n);
		return NULL;
	}
	n->start = at;
	n->end = at + len;
	n->prot = v->prot;
	n->flags = v->flags;
	if (v->file)
		n->flags |= VMA_WRITTEN; /* copies, perhaps of patched text: never parked */
	n->name = v->name;
	n->file = v->file ? file_get(v->file) : NULL;
	n->offset = v->file ? v->offset + (start - v->start) : 0;
	n->key = v->key;
	vma_link(v->space, n);
	park_adopt(v->space, n, at, at + len, true);
	pages_decommit_invalid(at, at + len);
	return n;
}

static long move_private(struct vma *v, uaddr_t start, size_t old_len, uaddr_t at, size_t new_len,
			 int flags)
{
	struct vm_space *s = v->space;
	struct vma *dead = NULL, *n;
	size_t keep = MIN(old_len, new_len);

	if ((v->flags & VMA_STUBS) || v->stubs)
		return -EINVAL;
	vma_settle(v);
	if ((flags & MREMAP_DONTUNMAP) && family_unshare(v, start, start + old_len))
		return -ENOMEM;
	n = clone_at(v, start, at, new_len);
	int err = n ? copy_pages(start, keep, n, at) : -ENOMEM;
	if (err && n) {
		if (space_unmap(s, at, at + new_len, RETIRE_UNMAP, &dead))
			log_warn("a half-moved mapping stays at %lx: out of memory", at);
	} else if (!err && (flags & MREMAP_DONTUNMAP)) {
		space_account_valid(s, -(long)pages_clear_valid(start, start + old_len));
		pages_decommit(start, start + old_len);
	} else if (!err) {
		err = space_unmap(s, start, start + old_len, RETIRE_UNMAP, &dead);
	}
	vma_free_dead(dead);
	return err ? err : (long)at;
}

/* A shared mapping stays where its window is: only another part of the file may be shown. */
static long move_shared(struct vma *v, uaddr_t start, size_t old_len, uaddr_t at, size_t new_len,
			int flags)
{
	struct vm_space *s = v->space;
	struct file *file = v->file ? file_get(v->file) : NULL;
	uint64_t offset = v->offset + (start - v->start);
	int prot = v->prot;
	long res;

	if (!file)
		return -ENOMEM; /* fixed size, as its other users see it */
	res = vm_munmap(s, start, old_len);
	if (!res)
		res = vm_mmap(s, at, new_len, prot,
			      MAP_SHARED | (flags & MREMAP_FIXED ? MAP_FIXED : 0), file, offset);
	file_put(file);
	return res;
}

static int check_remap(uaddr_t addr, size_t old_len, size_t new_len, int flags, uaddr_t new_addr)
{
	if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && old_len != new_len)
		return -EINVAL;
	if ((addr & ~PAGE_MASK) || !new_len || new_len > ELRANGE_END || old_len > ELRANGE_END)
		return -EINVAL;
	if (!(flags & MREMAP_FIXED))
		return 0;
	if ((new_addr & ~PAGE_MASK) || new_addr > ELRANGE_END - new_len)
		return -EINVAL;
	return addr + old_len > new_addr && new_addr + new_len > addr ? -EINVAL : 0;
}

/* Where to move to. */
static long remap_target(struct vm_space *s, size_t len, int flags, uaddr_t new_addr)
{
	if (!(flags & MREMAP_FIXED))
		return place_find(s, len, &place_anywhere);
	int err = vm_munmap(s, new_addr, len);
	if (!err && region_blocks(s, new_addr, new_addr + len))
		err = -ENOMEM;
	if (!err)
		err = place_claim(s, new_addr, new_addr + len);
	return err ? err : (long)new_addr;
}

/* [addr, addr + old_len), the end of v, becomes as long as new_len where it is, if that can be. */
static bool grow(struct vma *v, uaddr_t addr, size_t old_len, size_t new_len)
{
	struct vm_space *s = v->space;

	if (grow_in_place(v, new_len - old_len))
		return false;
	if (v->flags & VMA_LOCKED)
		vm_populate(s, addr + old_len, new_len - old_len);
	space_merge(s, addr, addr + new_len);
	return true;
}

static long do_mremap(struct vm_space *s, uaddr_t addr, size_t old_len, size_t new_len, int flags,
		      uaddr_t new_addr)
{
	bool forced = flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
	struct vma *v = vma_find(s, addr);

	if (!v)
		return -EFAULT;
	if (space_range_sealed(s, addr, addr + MAX(old_len, 1UL)) ||
	    ((flags & MREMAP_FIXED) && space_range_sealed(s, new_addr, new_addr + new_len)))
		return -EPERM;
	if (space_enter(s))
		return -ENOMEM;
	if (!old_len)
		return v->flags & VMA_SHARED ? -ENOMEM : -EINVAL;
	if (new_len <= old_len && !forced) {
		int err = new_len < old_len ? vm_munmap(s, addr + new_len, old_len - new_len) : 0;
		return err ? err : (long)addr;
	}
	if (old_len > v->end - addr)
		return -EFAULT;
	if ((flags & MREMAP_DONTUNMAP) && (v->file || v->region))
		return -EINVAL;
	int err =
		new_len > old_len ? space_check_limits(s, new_len - old_len, v->prot, v->flags) : 0;
	if (err)
		return err;
	bool at_end = addr + old_len == v->end && !forced;
	/* What a relative maps behind it would change places with each turn: rather copy once. */
	bool crowded = at_end && new_len > old_len && (flags & MREMAP_MAYMOVE) &&
		       !family_alone_in(s, v->end, v->end + (new_len - old_len));
	if (at_end && !crowded && grow(v, addr, old_len, new_len))
		return (long)addr;
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	if (v->region)
		return move_shared(v, addr, old_len, new_addr, new_len, flags);
	long at = remap_target(s, new_len, flags, new_addr);
	if (at < 0)
		return crowded && grow(v, addr, old_len, new_len) ? (long)addr : at;
	v = vma_find(s, addr); /* making room at a fixed place may have changed the tree */
	if (space_enter(s))
		return -ENOMEM;
	return v ? move_private(v, addr, old_len, (uaddr_t)at, new_len, flags) : -EFAULT;
}

SYSCALL_DEFINE(mremap, uaddr_t, addr, size_t, old_len, size_t, new_len, int, flags, uaddr_t,
	       new_addr)
{
	int err;

	if (old_len + PAGE_SIZE < old_len || new_len + PAGE_SIZE < new_len)
		return -EINVAL;
	old_len = ALIGN_UP(old_len, PAGE_SIZE);
	new_len = ALIGN_UP(new_len, PAGE_SIZE);
	err = check_remap(addr, old_len, new_len, flags, new_addr);
	if (err)
		return err;
	return do_mremap(current_process()->space, addr, old_len, new_len, flags, new_addr);
}
