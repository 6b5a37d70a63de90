/* fork.c: a copy of an address space that copies no page.
 *
 * The child gets the parent's mappings and joins its family (family.c). All private pages are in place for both; they
 * become read-only, and the first write to each makes the copy. The child is resident afterwards: most children run first,
 * briefly. Giant lock; does not sleep. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "vm/family.h"
#include "vm/shadow.h"

#define COPY_RUN (16 * PAGE_SIZE)

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

/* The pages of [start, end) can be written and are few: the parent gets copies at once, and the child keeps the right.
 * Both would write most of them soon, at the price of a fault and two changes of rights. */
static int run_copy(struct shadow *shadow, uaddr_t start, uaddr_t end)
{
	for (uaddr_t a = start; a < end; a += PAGE_SIZE) {
		struct stash_page *p = stash_alloc();
		if (!p)
			return -ENOMEM;
		memcpy(p->data, (const void *)a, PAGE_SIZE);
		shadow_entry *e = shadow_slot(shadow, a); /* there: shadow_fill made it */
		*e = (shadow_entry)p;
	}
	return 0;
}

/* Short runs of writable pages are copied, long ones can no longer be written. */
static int divide(struct shadow *shadow, const struct vma *v)
{
	const uint8_t mask = PG_VALID | PROT_READ | PROT_WRITE;
	int err = 0;

	for (uaddr_t a = v->start, stop; !err; a = stop) {
		a = pages_find(a, v->end, mask, mask);
		if (a == v->end)
			break;
		stop = pages_run_end(a, v->end, mask, mask);
		if (stop - a > COPY_RUN)
			err = pages_limit(a, stop, v->prot & ~PROT_WRITE);
		else
			err = run_copy(shadow, a, stop);
	}
	return err;
}

/* What is valid of v is in place for the parent, and unless the child begins with nothing there, for both; then it can
 * no longer be written. */
static int pages_copy(struct vm_space *child, struct shadow *shadow, const struct vma *v)
{
	size_t pages = v->region ? 0 : pages_count(v->start, v->end, PG_VALID, PG_VALID);
	int err = vma_swapped(v) ? shadow_fill(shadow, v->start, v->end) : 0;

	if (err || (v->flags & (VMA_WIPE | VMA_DONTFORK)))
		return err;
	child->resident += pages;
	return vma_swapped(v) && (v->prot & PROT_WRITE) ? divide(shadow, v) : 0;
}

static int copy_mappings(struct vm_space *child, struct vm_space *parent, struct shadow *shadow)
{
	int err = 0;

	for (struct vma *v = vma_of(tree_first(&parent->vmas)); v && !err; v = vma_next(v)) {
		vma_settle(v);
		if (!(v->flags & VMA_DONTFORK))
			err = vma_copy(child, v);
		if (!err)
			err = pages_copy(child, shadow, v);
	}
	return err;
}

/* Mappings that begin empty in the child, which is resident. */
static int wipe_mappings(struct vm_space *child)
{
	int err = 0;

	for (struct vma *v = vma_of(tree_first(&child->vmas)); v && !err; v = vma_next(v)) {
		if (!(v->flags & VMA_WIPE))
			continue;
		err = family_claim(child, v->start, v->end, NULL);
		if (!err)
			err = vma_clean_pool(v, v->start, v->end);
	}
	return err;
}

/* The child has mappings, but no pages. */
static struct vm_space *fork_fail(struct vm_space *child, struct shadow *shadow)
{
	child->shadow = shadow;
	child->resident = 0;
	for (struct vma *v = vma_of(tree_first(&child->vmas)); v; v = vma_next(v)) {
		if (v->flags & VMA_STUBS)
			child->resident += pages_count(v->start, v->end, PG_VALID, PG_VALID);
	}
	vm_space_put(child);
	return NULL;
}

struct vm_space *vm_space_fork(struct vm_space *parent)
{
	if (space_enter(parent) || !pages_room(private_pages(parent)))
		return NULL;
	if (vm_quiesce)
		vm_quiesce(parent);
	struct vm_space *child = vm_space_alloc();
	struct shadow *shadow = child ? shadow_create() : NULL;
	struct shadow *spare = shadow ? shadow_create() : NULL;
	if (!spare) {
		if (shadow)
			shadow_free(shadow);
		kfree(child);
		return NULL;
	}
	family_join(parent->family, child);
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->sealed = parent->sealed;
	if (copy_mappings(child, parent, shadow)) {
		shadow_free(shadow);
		return fork_fail(child, spare);
	}
	shadow_free(spare);
	family_hand_over(parent, shadow, child);
	if (wipe_mappings(child)) {
		vm_space_put(child);
		return NULL;
	}
	child->peak_resident = child->resident;
	return child;
}
