/* space.c: address spaces: the tree of mappings, its bookkeeping, limits and statistics.
 *
 * The tree is ordered by address and knows, per subtree, the largest free gap below a mapping; so
 * finding a mapping and finding room are both logarithmic. Counters (size, data, locked) follow
 * every link, unlink and resize. Neighbours that show the same thing are merged, so a growing heap
 * stays one mapping. Giant lock; only vma_free() and the last vm_space_put() may sleep. */
#include "vm/family.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "entry/start.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "process/process.h"
#include "vm/uffd.h"

uint64_t vm_pages_used;
uint64_t vm_user_limit;
void (*vm_quiesce)(struct vm_space *s);

static uint64_t room_below(const struct vma *v)
{
	return v->flags & VMA_GROWSDOWN ? STACK_GUARD : 0;
}

static void vma_update(struct tree_node *n)
{
	struct vma *v = vma_of(n);

	v->max_gap = v->gap;
	if (n->left)
		v->max_gap = MAX(v->max_gap, vma_of(n->left)->max_gap);
	if (n->right)
		v->max_gap = MAX(v->max_gap, vma_of(n->right)->max_gap);
}

/* The free bytes below v have changed. */
static void gap_refresh(struct vma *v)
{
	struct vma *prev = vma_prev(v);
	uint64_t gap = v->start - (prev ? prev->end : 0);

	v->gap = gap > room_below(v) ? gap - room_below(v) : 0;
	tree_update(&v->space->vmas, &v->node);
}

static void account(struct vma *v, long sign)
{
	struct vm_space *s = v->space;
	uint64_t pages = (v->end - v->start) >> PAGE_SHIFT;

	s->size += sign * pages;
	s->peak = MAX(s->peak, s->size);
	if (v->flags & VMA_LOCKED)
		s->locked += sign * pages;
	if ((v->prot & PROT_WRITE) && !(v->flags & (VMA_SHARED | VMA_GROWSDOWN)))
		s->data += sign * pages;
}

void space_account_valid(struct vm_space *s, long pages)
{
	s->resident += pages;
	vm_pages_used += pages;
	s->peak_resident = MAX(s->peak_resident, s->resident);
}

struct vma *vma_find_from(struct vm_space *s, uaddr_t addr)
{
	struct vma *best = NULL;

	if (s->last && s->last->start <= addr && addr < s->last->end)
		return s->last;
	for (struct tree_node *n = s->vmas.root; n;) {
		struct vma *v = vma_of(n);
		if (v->end > addr) {
			best = v;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	if (best && best->start <= addr)
		s->last = best;
	return best;
}

struct vma *vma_find(struct vm_space *s, uaddr_t addr)
{
	struct vma *v = vma_find_from(s, addr);

	return v && v->start <= addr ? v : NULL;
}

bool space_range_free(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	struct vma *v = vma_find_from(s, start);

	return !v || v->start >= end;
}

bool space_range_mapped(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	struct vma *v = vma_find(s, start);

	while (v && v->end < end) {
		struct vma *next = vma_next(v);
		if (!next || next->start != v->end)
			return false;
		v = next;
	}
	return v != NULL;
}

/* Rightmost mapping that starts at or below limit and has a gap of len below it. */
static struct vma *gap_rightmost(struct tree_node *n, uaddr_t limit, size_t len)
{
	while (n && vma_of(n)->max_gap >= len) {
		struct vma *v = vma_of(n);
		if (v->start <= limit) {
			struct vma *found = gap_rightmost(n->right, limit, len);
			if (found)
				return found;
			if (v->gap >= len)
				return v;
		}
		n = n->left;
	}
	return NULL;
}

/* The last mapping that starts below addr. */
static struct vma *vma_below(struct vm_space *s, uaddr_t addr)
{
	struct vma *best = NULL;

	for (struct tree_node *n = s->vmas.root; n;) {
		struct vma *v = vma_of(n);
		if (v->start < addr) {
			best = v;
			n = n->right;
		} else {
			n = n->left;
		}
	}
	return best;
}

uaddr_t space_gap(struct vm_space *s, uaddr_t low, uaddr_t high, size_t len)
{
	struct vma *v = vma_below(s, high), *above = v ? vma_next(v) : vma_of(tree_first(&s->vmas));

	if (high < low || high - low < len)
		return 0;
	uaddr_t top = above ? MIN(high, above->start - MIN(above->start, room_below(above))) : high;
	uaddr_t floor = v ? MAX(v->end, low) : low;
	if (top >= floor && top - floor >= len)
		return top - len;
	while (v && v->start > low) {
		v = gap_rightmost(s->vmas.root, v->start, len);
		if (!v)
			return 0;
		top = v->start - room_below(v);
		floor = MAX(top - v->gap, low);
		if (top >= floor && top - floor >= len)
			return top - len;
		v = vma_prev(v);
	}
	return 0;
}

void vma_resize(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct vma *next;

	account(v, -1);
	if (v->file)
		v->offset += start - v->start;
	v->start = start;
	v->end = end;
	account(v, 1);
	gap_refresh(v);
	next = vma_next(v);
	if (next)
		gap_refresh(next);
	v->space->generation++;
	pages_changes++;
}

struct vma *vma_alloc(void)
{
	struct vma *v = kzalloc(sizeof(struct vma));

	if (v)
		list_init(&v->by_file);
	return v;
}

void vma_link(struct vm_space *s, struct vma *v)
{
	struct tree_node **link = &s->vmas.root, *parent = NULL;

	while (*link) {
		parent = *link;
		link = v->start < vma_of(parent)->start ? &parent->left : &parent->right;
	}
	v->space = s;
	v->gap = 0;
	tree_link(&s->vmas, &v->node, parent, link);
	gap_refresh(v);
	struct vma *next = vma_next(v);
	if (next)
		gap_refresh(next);
	s->count++;
	s->generation++;
	pages_changes++;
	account(v, 1);
	if (v->file)
		vma_list_by_file(v);
}

void vma_unlink(struct vma *v)
{
	struct vm_space *s = v->space;
	struct vma *next = vma_next(v);

	account(v, -1);
	tree_erase(&s->vmas, &v->node);
	list_remove(&v->by_file);
	s->last = NULL;
	s->count--;
	s->generation++;
	pages_changes++;
	if (next)
		gap_refresh(next);
}

/* The tree stays as it is until all have been visited: nothing is balanced for a space that goes. */
void vma_unlink_all(struct vm_space *s, struct list *gone)
{
	for (struct vma *v = vma_of(tree_first(&s->vmas)); v; v = vma_next(v)) {
		account(v, -1);
		list_remove(&v->by_file);
		list_push_back(gone, &v->by_file);
	}
	s->vmas.root = NULL;
	s->last = NULL;
	s->count = 0;
	s->generation++;
	pages_changes++;
}

void vma_free(struct vma *v)
{
	if (v->region)
		region_put(v->region);
	if (v->stubs && !(v->flags & VMA_STUBS))
		stub_put(v->stubs);
	if (v->file && v->file->ops && v->file->ops->unmapped)
		v->file->ops->unmapped(v->file);
	if (v->file)
		file_put(v->file);
	kfree(v);
}

/* v keeps [start, at). */
static int vma_split(struct vma *v, uaddr_t at)
{
	struct vma *upper = v->space->count < VM_MAX_MAPS ? vma_alloc() : NULL;
	uaddr_t end = v->end;

	if (!upper)
		return -ENOMEM;
	*upper = *v;
	list_init(&upper->by_file);
	upper->start = at;
	if (upper->file) {
		upper->offset += at - v->start;
		file_get(upper->file);
	}
	if (upper->region)
		region_get(upper->region);
	if (upper->stubs && !(v->flags & VMA_STUBS))
		stub_get(upper->stubs);
	vma_resize(v, v->start, at);
	upper->end = end;
	vma_link(v->space, upper);
	return 0;
}

int space_split(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	struct vma *v = vma_find(s, start);
	int err = v && v->start < start && !(v->flags & VMA_STUBS) ? vma_split(v, start) : 0;

	v = err ? NULL : vma_find(s, end);
	if (v && v->start < end && !(v->flags & VMA_STUBS))
		err = vma_split(v, end);
	return err;
}

/* Does b continue a? */
static bool mergeable(const struct vma *a, const struct vma *b)
{
	unsigned flags = ~(unsigned)(a->file ? VMA_DROPPED : VMA_DROPPED | VMA_WRITTEN);

	if (a->end != b->start || ((a->flags ^ b->flags) & flags) || a->prot != b->prot ||
	    a->name != b->name)
		return false;
	if (a->file != b->file || a->region != b->region || a->stubs != b->stubs ||
	    a->nest != b->nest || a->mempolicy != b->mempolicy || a->mempolicy_node != b->mempolicy_node)
		return false;
	if ((a->flags & VMA_STUBS) || (a->file && !park_key_equal(&a->key, &b->key)))
		return false;
	return !a->file || a->offset + (a->end - a->start) == b->offset;
}

/* b goes, a takes its place too. References of b are dropped: none is the last one, so nothing
 * sleeps. */
static void merge_into(struct vma *a, struct vma *b)
{
	uaddr_t end = b->end;

	a->fault_next = b->fault_next;
	a->fault_batch = b->fault_batch;
	a->flags |= b->flags & VMA_DROPPED;
	vma_unlink(b);
	vma_resize(a, a->start, end);
	vma_free(b);
}

/* With equal neighbours; the vma that now covers v. */
static struct vma *vma_merge(struct vma *v)
{
	struct vma *prev = vma_prev(v), *next = vma_next(v);

	if (next && mergeable(v, next))
		merge_into(v, next);
	if (prev && mergeable(prev, v)) {
		merge_into(prev, v);
		v = prev;
	}
	return v;
}

void space_merge(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	struct vma *v = vma_find_from(s, start ? start - 1 : 0);

	while (v && v->start <= end)
		v = vma_next(vma_merge(v));
}

void vma_set_prot(struct vma *v, int prot)
{
	account(v, -1);
	v->prot = prot;
	if (prot & PROT_WRITE)
		v->flags |= VMA_WRITTEN;
	account(v, 1);
	v->space->generation++;
	pages_changes++;
}

uint64_t space_rlimit(int which)
{
	struct process *p = current_process();

	return p ? p->rlim[which].cur : RLIM_INFINITY;
}

int space_check_limits(struct vm_space *s, size_t len, int prot, unsigned flags)
{
	if (s->count + 2 > VM_MAX_MAPS)
		return -ENOMEM;
	if ((s->size << PAGE_SHIFT) + len > space_rlimit(RLIMIT_AS))
		return -ENOMEM;
	if ((prot & PROT_WRITE) && !(flags & (VMA_SHARED | VMA_GROWSDOWN)) &&
	    (s->data << PAGE_SHIFT) + len > space_rlimit(RLIMIT_DATA))
		return -ENOMEM;
	return 0;
}

struct vm_space *vm_space_alloc(void)
{
	struct vm_space *s = kzalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->ref = 1;
	s->vmas.update = vma_update;
	list_init(&s->relative);
	return s;
}

struct vm_space *vm_space_create(void)
{
	struct vm_space *s = vm_space_alloc();

	if (s && family_create(s)) {
		kfree(s);
		return NULL;
	}
	return s;
}

struct vm_space *vm_space_create_fixed(void)
{
	struct vm_space *s = vm_space_create();

	if (s)
		s->family->fixed = true;
	return s;
}

struct vm_space *vm_space_get(struct vm_space *s)
{
	s->ref++;
	return s;
}

bool vm_space_shared(const struct vm_space *s)
{
	return s->ref > 1;
}

void vm_space_put(struct vm_space *s)
{
	assert(s->ref);
	if (--s->ref)
		return;
	vma_free_dead(space_clear(s));
	region_forget_space(s);
	uffd_space_gone(s);
	family_leave(s);
	assert(s->resident == 0 && s->size == 0);
	kfree(s);
	place_trim();
}

size_t vma_count_resident(struct vma *v)
{
	if (!vm_space_resident(v->space) && vma_swapped(v))
		return family_count(v);
	return pages_count(v->start, v->end, PG_VALID, PG_VALID);
}

bool space_range_sealed(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	if (!s->sealed)
		return false;
	for (struct vma *v = vma_find_from(s, start); v && v->start < end; v = vma_next(v)) {
		if (v->flags & VMA_SEALED)
			return true;
	}
	return false;
}

bool vm_next_vma(struct vm_space *s, uaddr_t addr, struct vma_info *out)
{
	struct vma *v = vma_find_from(s, addr);

	if (!v)
		return false;
	*out = (struct vma_info){
		.start = v->start,
		.end = v->end,
		.prot = v->prot,
		.shared = v->flags & VMA_SHARED,
		.offset = v->offset,
		.file = v->file,
		.name = v->name,
		.resident = vma_count_resident(v) << PAGE_SHIFT,
		.locked = v->flags & VMA_LOCKED,
	};
	if (!out->name && !v->file && s->brk > s->brk_start && v->start < s->brk &&
	    v->end > s->brk_start)
		out->name = "[heap]";
	return true;
}

bool vm_mapped(struct vm_space *s, uaddr_t addr, bool *shared)
{
	const struct vma *v = vma_find(s, addr);

	*shared = v && (v->flags & VMA_SHARED);
	return v;
}

bool vm_page_resident(struct vm_space *s, uaddr_t addr, bool *shared)
{
	struct vma *v = addr < ELRANGE_END ? vma_find(s, addr) : NULL, page;

	if (!v)
		return false;
	page = *v;
	page.start = addr & PAGE_MASK;
	page.end = page.start + PAGE_SIZE;
	*shared = v->region;
	return vma_count_resident(&page);
}

void vm_space_stats(struct vm_space *s, struct vm_stats *out)
{
	*out = (struct vm_stats){
		.size = s->size << PAGE_SHIFT,
		.peak = s->peak << PAGE_SHIFT,
		.resident = s->resident << PAGE_SHIFT,
		.locked = s->locked << PAGE_SHIFT,
		.data = s->data << PAGE_SHIFT,
		.brk_start = s->brk_start,
		.brk = s->brk,
	};
	for (struct vma *v = vma_of(tree_first(&s->vmas)); v; v = vma_next(v)) {
		uint64_t len = v->end - v->start;
		if (v->flags & VMA_SHARED)
			out->resident += vma_count_resident(v) << PAGE_SHIFT;
		if (v->flags & VMA_GROWSDOWN)
			out->stack += len;
		else if ((v->prot & PROT_EXEC) && !(v->prot & PROT_WRITE) && v->file)
			out->text += len;
	}
	out->peak_resident = MAX(s->peak_resident << PAGE_SHIFT, out->resident);
}

void vm_drop_caches(void)
{
	place_reclaim(SIZE_MAX);
}

void vm_global_stats(struct vm_global_stats *out)
{
	uint64_t limit = vm_user_limit ? vm_user_limit : ELRANGE_END;
	uint64_t machine = boot_memory_bytes();
	uint64_t committed = pages_committed << PAGE_SHIFT;

	if (machine)
		limit = MIN(limit, machine);
	out->total = limit;
	out->free = limit > committed ? limit - committed : 0;
	out->parked = park_pages << PAGE_SHIFT;
	out->cached = (pages_committed - vm_pages_used - park_pages) << PAGE_SHIFT;
}

void vm_name_range(struct vm_space *s, uaddr_t addr, const char *name)
{
	struct vma *v = vma_find(s, addr);

	if (v)
		v->name = name;
}
