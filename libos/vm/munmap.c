/* munmap.c: taking mappings out of a space.
 *
 * What happens to the pages depends on why (enum retire_mode). Clean pages of private file mappings
 * are parked. Others stay committed for reuse ("pool") unless they are many; after munmap(2) the
 * host's page tables take their access away, so that a stale pointer faults; at exit and under a
 * replacement that is not needed. Addresses of a shared region that were handed out twice
 * (vma.nest) stay until the last munmap.
 *
 * space_unmap() does not sleep: unlinked mappings are chained through node.right and freed by
 * vma_free_dead() when the space is consistent again. */
#include "base/log.h"
#include "linux/errno.h"
#include "process/process.h"
#include "syscall/define.h"
#include "vm/family.h"
#include "vm/uffd.h"

/* Parks [start, end) of a clean file mapping, or forgets its content. */
static void retire_clean(struct vma *v, uaddr_t start, uaddr_t end)
{
	size_t valid = pages_count(start, end, PG_VALID, PG_VALID);

	if (!valid)
		return;
	if (park_range(v, start, end))
		space_account_valid(v->space, -(long)valid);
	else
		space_account_valid(v->space, -(long)pages_clear_valid(start, end));
}

/* The mapping may have pieces still parked beneath it: these are no pages of its own. */
static void retire_over_parked(struct vma *v)
{
	uaddr_t at = v->start;

	while (at < v->end) {
		struct arena *a = place_arena(at);
		struct parked *p = a ? park_first(a, at, v->end) : NULL;
		if (p && p->start <= at) {
			at = p->end;
			continue;
		}
		uaddr_t stop = p ? p->start : v->end;
		retire_clean(v, at, stop);
		at = stop;
	}
}

static void retire_private(struct vma *v, enum retire_mode mode)
{
	bool own = !vma_swapped(v) ||
		   (vm_space_resident(v->space) && family_alone_in(v->space, v->start, v->end));

	if ((v->flags & VMA_STUBS) && v->stubs && mode != RETIRE_EXIT) {
		v->stubs->broken = true;
		v->stubs->space = NULL;
	}
	if (!own)
		family_retire(v);
	else if (v->flags & VMA_OVER_PARKED)
		retire_over_parked(v);
	else if (vma_clean_file(v))
		retire_clean(v, v->start, v->end);
	else
		space_account_valid(v->space, -(long)pages_clear_valid(v->start, v->end));

	if (!vm_space_resident(v->space))
		return;
	if ((v->end - v->start) >> PAGE_SHIFT > POOL_RANGE_MAX &&
	    pages_count(v->start, v->end, PG_COMMITTED | PG_VALID, PG_COMMITTED) > POOL_RANGE_MAX)
		pages_decommit_invalid(v->start, v->end);
	/* Stacks of threads and of posix_spawn come and go all the time: theirs stay accessible until they are used again. */
	if (mode == RETIRE_UNMAP && !(v->flags & VMA_STACK) && pages_protect(v->start, v->end, PROT_NONE))
		log_warn("pages at %lx stay accessible after munmap: out of memory", v->start);
}

static void retire_stubs(struct vma *v)
{
	space_account_valid(v->space, -(long)pages_count(v->start, v->end, PG_VALID, PG_VALID));
	stub_park(v->stubs);
}

static void vma_retire(struct vma *v, enum retire_mode mode)
{
	if (v->flags & VMA_UFFD)
		uffd_unmapped(v->space, v->start, v->end);
	if (v->region)
		return; /* the region's pages go with its last mapping: region_put */
	if ((v->flags & VMA_STUBS) && v->stubs && stub_shared(v->stubs, v->space))
		v->space->resident -= pages_count(v->start, v->end, PG_VALID, PG_VALID);
	else if ((v->flags & VMA_STUBS) && v->stubs && mode == RETIRE_EXIT)
		retire_stubs(v);
	else
		retire_private(v, mode);
}

int space_unmap(struct vm_space *s, uaddr_t start, uaddr_t end, enum retire_mode mode,
		struct vma **dead)
{
	int err = space_split(s, start, end);
	struct vma *v = err ? NULL : vma_find_from(s, start), *next;

	for (; v && v->start < end; v = next) {
		next = vma_next(v);
		if (v->nest && mode != RETIRE_EXIT) {
			v->nest--;
			continue;
		}
		vma_retire(v, mode);
		vma_unlink(v);
		v->node.right = *dead ? &(*dead)->node : NULL;
		*dead = v;
	}
	return err;
}

struct vma *space_clear(struct vm_space *s)
{
	struct list gone = LIST_INIT(gone);
	struct vma *v, *dead = NULL;

	for (v = vma_of(tree_first(&s->vmas)); v; v = vma_next(v))
		vma_retire(v, RETIRE_EXIT);
	vma_unlink_all(s, &gone);
	while (!list_empty(&gone)) {
		v = list_first(&gone, struct vma, by_file);
		list_remove(&v->by_file);
		v->node.right = dead ? &dead->node : NULL;
		dead = v;
	}
	return dead;
}

void vma_free_dead(struct vma *dead)
{
	while (dead) {
		struct vma *next = vma_of(dead->node.right);
		vma_free(dead);
		dead = next;
	}
}

int vm_munmap(struct vm_space *s, uaddr_t addr, size_t len)
{
	const uaddr_t task_size = 1UL << 47;
	struct vma *dead = NULL;

	if ((addr & ~PAGE_MASK) || !len || addr > task_size || len > task_size - addr)
		return -EINVAL;
	uaddr_t end = MIN(ALIGN_UP(addr + len, PAGE_SIZE), ELRANGE_END);
	if (addr >= end)
		return 0;
	int err = space_range_sealed(s, addr, end) ? -EPERM : space_enter(s);
	if (!err)
		err = space_unmap(s, addr, end, RETIRE_UNMAP, &dead);
	for (struct vma *v = err ? NULL : dead; v; v = vma_of(v->node.right))
		region_unmapped(v);
	vma_free_dead(dead);
	return err;
}

SYSCALL_DEFINE(munmap, uaddr_t, addr, size_t, len)
{
	return vm_munmap(current_process()->space, addr, len);
}
