/* stash.c: memory for pages that are not in place.
 *
 * Taken from the user part of ELRANGE, so it counts against the limit of user memory like what it is a copy of. Blocks
 * of 256 pages lie in a space of the LibOS's own; a block is given back when it is empty, but for one. Giant lock; nothing
 * here sleeps. */
#include "vm/stash.h"
#include "base/heap.h"
#include "base/log.h"
#include "vm/family.h"
#include "vm/space.h"

#define BLOCK_PAGES 256u
#define BLOCK_SIZE  (BLOCK_PAGES * PAGE_SIZE)
#define COMMIT_STEP 16u /* pages */

struct block {
	struct list node; /* blocks with room come first */
	struct vma *vma;
	unsigned used;	  /* pages in use */
	unsigned touched; /* pages ever handed out: the committed ones lie below */
	struct stash_page *free; /* chained through data */
	struct stash_page pages[BLOCK_PAGES];
};

static struct list blocks = LIST_INIT(blocks);
static struct vm_space *stash_space;
static struct block *spare; /* the last one that became empty: kept for the next fork */

static struct block *block_create(void)
{
	if (!stash_space && !(stash_space = vm_space_create_fixed()))
		return NULL;
	struct block *b = kzalloc(sizeof(*b));
	struct vma *v = b ? vma_alloc() : NULL;
	long at = v ? place_find(stash_space, BLOCK_SIZE, &place_anywhere) : -1;

	if (at < 0) {
		kfree(v);
		kfree(b);
		return NULL;
	}
	v->start = (uaddr_t)at;
	v->end = v->start + BLOCK_SIZE;
	v->prot = PROT_READ | PROT_WRITE;
	park_drop_range(place_arena(v->start), v->start, v->end);
	pages_decommit(v->start, v->end); /* a recycled arena's pages */
	vma_link(stash_space, v);
	b->vma = v;
	list_push_front(&blocks, &b->node);
	return b;
}

static void block_destroy(struct block *b)
{
	pages_decommit(b->vma->start, b->vma->end);
	vma_unlink(b->vma);
	vma_free(b->vma);
	list_remove(&b->node);
	kfree(b);
}

/* A page that was never used before. */
static struct stash_page *block_extend(struct block *b)
{
	uaddr_t at = b->vma->start + b->touched * PAGE_SIZE;

	if (b->touched % COMMIT_STEP == 0 && pages_commit(at, at + COMMIT_STEP * PAGE_SIZE))
		return NULL;
	struct stash_page *p = &b->pages[b->touched++];
	p->data = (void *)at;
	return p;
}

/* The block of a page: its array is found by the page's address, which lies in its mapping. */
static struct block *block_of(struct stash_page *p)
{
	size_t index = ((uaddr_t)p->data / PAGE_SIZE - vma_find(stash_space, (uaddr_t)p->data)->start / PAGE_SIZE);

	return container_of(p - index, struct block, pages[0]);
}

struct stash_page *stash_alloc(void)
{
	struct block *b = list_empty(&blocks) ? NULL : list_first(&blocks, struct block, node);

	if (!b || b->used == BLOCK_PAGES)
		b = block_create();
	if (!b)
		return NULL;
	struct stash_page *p = b->free;
	if (p)
		b->free = *(struct stash_page **)p->data;
	else
		p = block_extend(b);
	if (!p)
		return NULL;
	p->ref = 1;
	vm_pages_used++;
	if (++b->used == BLOCK_PAGES) {
		list_remove(&b->node);
		list_push_back(&blocks, &b->node);
	}
	return p;
}

void stash_put(struct stash_page *p)
{
	assert(p->ref);
	if (--p->ref)
		return;
	struct block *b = block_of(p);
	vm_pages_used--;
	*(struct stash_page **)p->data = b->free;
	b->free = p;
	if (b->used-- == BLOCK_PAGES) {
		list_remove(&b->node);
		list_push_front(&blocks, &b->node);
	}
	if (b->used)
		return;
	if (spare && spare != b && !spare->used)
		block_destroy(spare);
	spare = b;
}
