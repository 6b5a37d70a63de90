/* fork.c: a copy of an address space that copies no page.
 *
 * The child gets the parent's mappings and joins its family (family.c). All private pages are in place for both; they
 * become read-only, and the first write to each makes the copy. The parent stays resident. Giant lock; does not sleep. */
#include "base/heap.h"
#include "base/log.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "vm/family.h"
#include "vm/shadow.h"

/* Pages that may have to be copied, once one of the two writes. */
static size_t private_pages(struct vm_space *s)
{
	size_t n = 0;

	for (struct vma *v = vma_of(tree_first(&s->vmas)); v; v = vma_next(v)) {
		if (vma_swapped(v) && (v->prot & PROT_WRITE) && !(v->flags & (VMA_DONTFORK | VMA_WIPE)))
			n += pages_count(v->start, v->end, PG_VALID, PG_VALID);
	}
	return n;
}

static int vma_copy(struct vm_space *child, const struct vma *v)
{
	struct vma *n = vma_alloc();

	if (!n)
		return -ENOMEM;
	*n = *v;
	list_init(&n->by_file);
	n->flags &= ~(unsigned)VMA_LOCKED;
	if (n->file)
		file_get(n->file);
	if (n->region)
		region_share(region_get(n->region));
	if (n->stubs && !(n->flags & VMA_STUBS))
		stub_get(n->stubs);
	vma_link(child, n);
	return 0;
}

/* The child's pages of v: those that are in place. They can no longer be written. */
static int pages_copy(struct vm_space *child, const struct vma *v)
{
	size_t pages = 0;

	if (v->flags & VMA_STUBS)
		pages = pages_count(v->start, v->end, PG_VALID, PG_VALID);
	if (!vma_swapped(v) || (v->flags & VMA_WIPE)) {
		child->resident += pages;
		return 0;
	}
	for (uaddr_t a = v->start; (a = pages_find(a, v->end, PG_VALID, PG_VALID)) < v->end; a += PAGE_SIZE) {
		shadow_entry *e = shadow_slot(child->shadow, a);
		if (!e)
			return -ENOMEM;
		*e = SHADOW_IN_PLACE;
		child->resident++;
	}
	return v->prot & PROT_WRITE ? pages_limit(v->start, v->end, v->prot & ~PROT_WRITE) : 0;
}

static int copy_mappings(struct vm_space *child, struct vm_space *parent)
{
	int err = 0;

	for (struct vma *v = vma_of(tree_first(&parent->vmas)); v && !err; v = vma_next(v)) {
		if (v->flags & VMA_DONTFORK)
			continue;
		vma_settle(v);
		err = vma_copy(child, v);
		if (!err)
			err = pages_copy(child, v);
	}
	return err;
}

struct vm_space *vm_space_fork(struct vm_space *parent)
{
	if (space_enter(parent) || !pages_room(private_pages(parent)))
		return NULL;
	struct vm_space *child = vm_space_alloc();
	if (!child)
		return NULL;
	child->shadow = shadow_create();
	if (!child->shadow) {
		kfree(child);
		return NULL;
	}
	family_join(parent->family, child);
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->sealed = parent->sealed;
	if (copy_mappings(child, parent)) {
		vm_space_put(child);
		return NULL;
	}
	child->peak_resident = child->resident;
	return child;
}
