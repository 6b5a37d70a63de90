/* shared.c: shared mappings: regions of user memory that several mappings show.
 *
 * Since an enclave page has one address, all mappings of the same file range share one *region*:
 * one range of addresses, in arenas of their own, whose filled pages are the page cache's pages of
 * the file (filemap_window_open). The region of a file is made larger than asked for, so that later
 * mappings of other parts of the file fall into it. A mapping at a fixed address makes its region
 * there, if the file has none yet; the arena is then pinned. Shared anonymous memory is a region
 * without a file.
 *
 * mmap of a range the space has mapped already gives the same addresses again and counts
 * (vma.nest). Rights: exact while one space uses the region (region->only), else the union of what
 * was ever asked for.
 *
 * A region lives while mappings refer to it. Closing may sleep (writing back); `closing` keeps
 * others away. */
#include "base/heap.h"
#include "base/log.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "sync/waitq.h"
#include "vm/family.h"

#define REGION_STEP	 (1UL << 20)  /* regions of files are that much larger than needed */
#define REGION_WHOLE_MAX (16UL << 30) /* files up to this get one region for all of them */
#define FILE_HASH	 64u

struct region {
	struct list node;
	unsigned ref;	     /* one per mapping */
	struct inode *inode; /* content inode, referenced; NULL: anonymous */
	uint64_t offset;     /* of start in the file */
	uaddr_t start, end;
	struct vma *place; /* in shared_space; NULL: lies in a pinned arena of a program */
	struct arena *arena;
	struct vm_space *only; /* the one space that maps it; NULL: several have */
	int rights;	       /* union of the rights of all mappings */
	bool closing;
	struct waitq closed;
};

static struct list regions = LIST_INIT(regions);
static struct vm_space *shared_space;
static struct list file_vmas[FILE_HASH];

static struct list *file_bucket(const struct inode *content)
{
	if (!file_vmas[0].next) {
		for (unsigned i = 0; i < FILE_HASH; i++)
			list_init(&file_vmas[i]);
	}
	return &file_vmas[(uintptr_t)content / 64 % FILE_HASH];
}

void vma_list_by_file(struct vma *v)
{
	if (v->file->inode)
		list_push_front(file_bucket(inode_content(v->file->inode)), &v->by_file);
}

struct region *region_get(struct region *r)
{
	r->ref++;
	return r;
}

/* Of the rights of all mappings. The page cache is told when they may store. */
static void region_allow(struct region *r, int prot)
{
	r->rights |= prot;
	if (r->inode && (r->rights & PROT_WRITE))
		filemap_window_stores(r->inode);
}

static uint64_t region_index(const struct region *r, uaddr_t addr)
{
	return (r->offset + (addr - r->start)) >> PAGE_SHIFT;
}

/* The pages of [start, end) leave the region: file pages go back to the page cache. May sleep. */
static void region_evict(struct region *r, uaddr_t start, uaddr_t end)
{
	for (uaddr_t a = start, stop; a < end; a = stop) {
		a = pages_find(a, end, PG_VALID, PG_VALID);
		if (a == end)
			return;
		stop = pages_run_end(a, end, PG_VALID, PG_VALID);
		if (r->inode)
			filemap_window_close(r->inode, region_index(r, a),
					     (stop - a) >> PAGE_SHIFT);
		vm_pages_used -= pages_clear_valid(a, stop);
		pages_decommit(a, stop);
	}
}

void region_put(struct region *r)
{
	struct vma *dead = NULL;

	if (--r->ref)
		return;
	r->closing = true;
	region_evict(r, r->start, r->end);
	list_remove(&r->node);
	waitq_wake_all(&r->closed, 0);
	if (r->place) {
		if (space_unmap(shared_space, r->start, r->end, RETIRE_REPLACE, &dead))
			log_warn("the place of a shared mapping at %lx is lost: out of memory",
				 r->start);
		vma_free_dead(dead);
	} else {
		arena_unpin(r->arena);
	}
	if (r->inode)
		inode_put(r->inode);
	kfree(r);
}

/* Some region of the file that touches [offset, offset+len). */
static struct region *region_find(const struct inode *inode, uint64_t offset, size_t len)
{
	struct region *r;

	list_for_each(r, &regions, node)
	{
		if (r->inode == inode && offset < r->offset + (r->end - r->start) &&
		    r->offset < offset + len)
			return r;
	}
	return NULL;
}

/* How much of the file a new region should cover. */
static void region_extent(struct inode *inode, uint64_t *offset, size_t *len)
{
	uint64_t end = MAX(*offset + *len, ALIGN_UP(inode_size(inode), PAGE_SIZE));

	end = ALIGN_UP(end, REGION_STEP) + REGION_STEP;
	if (end > REGION_WHOLE_MAX || region_find(inode, 0, end))
		return;
	*offset = 0;
	*len = end;
}

/* A place of its own for r, in an arena of shared_space, where nothing is. */
static int region_place_shared(struct region *r, uaddr_t at, size_t len)
{
	struct vma *v = vma_alloc();

	if (!v)
		return -ENOMEM;
	r->start = v->start = at;
	r->end = v->end = at + len;
	r->arena = place_arena(r->start);
	park_drop_range(r->arena, r->start, r->end);
	pages_decommit(r->start, r->end); /* a recycled arena's pages */
	r->place = v;
	vma_link(shared_space, v);
	return 0;
}

static int region_place(struct region *r, size_t len)
{
	if (!shared_space && !(shared_space = vm_space_create_fixed()))
		return -ENOMEM;
	long at = place_find(shared_space, len, &place_anywhere);
	return at < 0 ? -ENOMEM : region_place_shared(r, (uaddr_t)at, len);
}

bool region_area(uaddr_t start, uaddr_t end)
{
	struct arena *a = place_arena(start);

	return shared_space && a && a->family == shared_space->family && end <= a->end;
}

static int region_place_at(struct region *r, uaddr_t at, size_t len)
{
	if (region_area(at, at + len))
		return space_range_free(shared_space, at, at + len) ? region_place_shared(r, at, len) : -ENOMEM;
	r->arena = place_arena(at);
	if (at + len > r->arena->end || !family_alone_in(r->only, at, at + len))
		return -ENOMEM;
	r->start = at;
	r->end = at + len;
	arena_pin(r->arena);
	return 0;
}

static int region_create(struct vm_space *s, struct inode *inode, uint64_t offset, size_t len,
			 uaddr_t at, struct region **out)
{
	struct region *r = kzalloc(sizeof(*r));
	size_t want = len;
	int err;

	if (!r)
		return -ENOMEM;
	r->offset = offset;
	r->only = s;
	if (inode && !at)
		region_extent(inode, &r->offset, &want);
	err = at ? region_place_at(r, at, len) : region_place(r, want);
	if (err && want != len) {
		r->offset = offset;
		err = region_place(r, len);
	}
	if (err) {
		kfree(r);
		return err;
	}
	r->ref = 1;
	r->inode = inode ? inode_get(inode) : NULL;
	waitq_init(&r->closed);
	list_push_front(&regions, &r->node);
	*out = r;
	return 0;
}

int region_open(struct vm_space *s, struct inode *inode, uint64_t offset, size_t len, uaddr_t at,
		struct region **out, uaddr_t *addr)
{
	struct region *r = NULL;

	inode = inode ? inode_content(inode) : NULL;
	while (inode && (r = region_find(inode, offset, len)) && r->closing) {
		int err = waitq_wait(&r->closed, WAIT_KILLABLE, NSEC_NEVER);
		if (err)
			return err;
	}
	if (!r) {
		int err = region_create(s, inode, offset, len, at, &r);
		*addr = err ? 0 : r->start + (offset - r->offset);
		*out = r;
		return err;
	}
	*addr = r->start + (offset - r->offset);
	if (offset < r->offset || *addr + len > r->end || (at && at != *addr)) {
		log_warn("shared mapping refused: the file is mapped at %lx already and cannot be "
			 "seen elsewhere too",
			 r->start);
		return -ENOMEM;
	}
	*out = region_get(r);
	return 0;
}

void region_share(struct region *r)
{
	r->only = NULL;
}

bool region_blocks(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	struct vm_space *m;

	list_for_each(m, &s->family->members, relative)
	{
		struct vma *v = m == s ? NULL : vma_find_from(m, start);
		for (; v && v->start < end; v = vma_next(v)) {
			if (v->region || (v->flags & VMA_STUBS))
				return true;
		}
	}
	return false;
}

void region_forget_space(struct vm_space *s)
{
	struct region *r;

	list_for_each(r, &regions, node)
	{
		if (r->only == s)
			r->only = NULL;
	}
}

/* What the CPU must allow on the region's pages in v. */
static int region_rights(const struct vma *v)
{
	return v->region->only ? v->prot : v->region->rights;
}

/* [start, end) of s is mapped by r already: the same addresses are handed out once more. */
static int region_nest(struct vm_space *s, uaddr_t start, uaddr_t end, const struct vma *proto)
{
	int err = space_split(s, start, end);

	for (struct vma *v = err ? NULL : vma_find(s, start); v && v->start < end;
	     v = vma_next(v)) {
		v->nest++;
		v->flags |= proto->flags & VMA_MAYWRITE;
		vma_set_prot(v, v->prot | proto->prot);
		err = pages_grant(v->start, v->end, v->prot);
	}
	return err;
}

static int region_add(struct vm_space *s, struct region *r, uaddr_t start, uaddr_t end,
		      const struct vma *proto)
{
	struct vma *v = vma_alloc();

	if (!v)
		return -ENOMEM;
	*v = *proto;
	list_init(&v->by_file);
	v->start = start;
	v->end = end;
	v->offset += start - proto->start;
	if (v->file)
		file_get(v->file);
	v->region = region_get(r);
	vma_link(s, v);
	return pages_grant(start, end, region_rights(v));
}

int region_map(struct vm_space *s, struct region *r, struct vma *proto)
{
	int err = 0;

	if (r->only != s)
		r->only = NULL;
	region_allow(r, proto->prot);
	for (uaddr_t a = proto->start, stop; a < proto->end && !err; a = stop) {
		struct vma *v = vma_find_from(s, a);
		stop = v ? MIN(v->start <= a ? v->end : v->start, proto->end) : proto->end;
		if (v && v->start <= a && v->region != r)
			return -ENOMEM;
		if (v && v->start <= a)
			err = region_nest(s, a, stop, proto);
		else
			err = region_add(s, r, a, stop, proto);
	}
	return err;
}

/* Has the page cache read what is missing; *end is cut at the first page that cannot be read. */
static int region_load(struct region *r, struct vm_space *s, uaddr_t start, uaddr_t *end)
{
	uint64_t generation = s->generation;
	int err;

	for (uaddr_t a = start; a < *end; a += PAGE_SIZE) {
		if (page_state(a) & PG_VALID || filemap_peek(r->inode, region_index(r, a)))
			continue;
		const void *page = filemap_page(r->inode, region_index(r, a), &err);
		if (s->generation != generation)
			return -EAGAIN;
		if (!page && a == start)
			return err == -ENOMEM ? -ENOMEM : -EIO;
		if (!page)
			*end = a;
	}
	return 0;
}

static int region_run_fill(struct region *r, uaddr_t start, uaddr_t end, int prot)
{
	int err = pages_commit(start, end);

	if (!err && r->inode)
		err = filemap_window_open(r->inode, region_index(r, start),
					  (end - start) >> PAGE_SHIFT, start);
	if (err) {
		pages_decommit(start, end);
		return err;
	}
	region_allow(r, 0); /* the window may be the first */
	vm_pages_used += pages_set_valid(start, end);
	return pages_protect(start, end, prot);
}

/* Who has the region mapped must not see pages of it being filled. */
static void region_quiesce(const struct region *r)
{
	struct vma *v;

	if (!vm_quiesce)
		return;
	if (!r->inode) { /* who has it is known of one alone */
		vm_quiesce(r->only);
		return;
	}
	list_for_each(v, file_bucket(r->inode), by_file)
	{
		if (v->region == r)
			vm_quiesce(v->space);
	}
}

int region_fill(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct region *r = region_get(v->region);
	struct vm_space *s = v->space;
	int err = 0, prot = region_rights(v);
	uaddr_t limit = end;

	if (r->inode) {
		uint64_t size = ALIGN_UP(r->inode->size, PAGE_SIZE);
		limit = size > r->offset ? r->start + (size - r->offset) : r->start;
	}
	end = MIN(end, limit);
	if (start >= end)
		err = -ENXIO;
	else if (r->inode)
		err = region_load(r, s, start, &end);
	/* of anonymous memory only pages that exist already are filled: with zeros */
	uint8_t exists = r->inode ? 0 : PG_EXISTS;
	if (!err && pages_find(start, end, PG_VALID | exists, exists) < end)
		region_quiesce(r);
	for (uaddr_t a = start, stop; !err && a < end; a = stop) {
		a = pages_find(a, end, PG_VALID, 0);
		if (a == end)
			break;
		stop = pages_run_end(a, end, PG_VALID, 0);
		err = region_run_fill(r, a, stop, prot);
	}
	if (!err)
		err = pages_grant(start, end, prot);
	region_put(r);
	return err;
}

/* All rights of file pages go by taking the pages back: the page cache must be able to read its
 * pages. */
int region_protect(struct vma *v, int prot)
{
	struct region *r = v->region;
	int err = 0;

	if (r->only && !v->nest && prot == PROT_NONE && r->inode)
		region_evict(r, v->start, v->end);
	else if (r->only && !v->nest)
		err = pages_protect(v->start, v->end, prot);
	else
		err = pages_grant(v->start, v->end, prot);
	if (err)
		return err;
	region_allow(r, prot);
	vma_set_prot(v, r->only && !v->nest ? prot : v->prot | prot);
	return 0;
}

void region_unmapped(struct vma *v)
{
	struct region *r = v->region;

	if (!r || r->ref == 1 || r->only != v->space)
		return; /* it goes as a whole, or others may see it */
	if (r->inode)
		region_evict(r, v->start, v->end);
	else if (pages_protect(v->start, v->end, PROT_NONE))
		log_warn("shared pages at %lx stay accessible after munmap: out of memory", v->start);
}

int region_sync(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct region *r = v->region;

	if (!r->inode)
		return 0;
	region_get(r);
	int err = filemap_writeback(r->inode, region_index(r, start), (end - start) >> PAGE_SHIFT);
	region_put(r);
	return err;
}

static struct region *region_at(uaddr_t addr)
{
	struct region *r;

	list_for_each(r, &regions, node)
	{
		if (r->start <= addr && addr < r->end)
			return r;
	}
	return NULL;
}

unsigned long vm_count_mappings(struct inode *inode)
{
	struct inode *content = inode_content(inode);
	unsigned long n = 0;
	struct vma *v;

	list_for_each(v, file_bucket(content), by_file)
	{
		if (v->file->inode && inode_content(v->file->inode) == content)
			n += 1 + v->nest;
	}
	return n;
}

void vm_window_write_begin(uaddr_t page)
{
	page &= PAGE_MASK;
	if (pages_grant(page, page + PAGE_SIZE, PROT_READ | PROT_WRITE))
		panic("a page of a shared mapping at %lx cannot be made writable", page);
}

void vm_window_write_end(uaddr_t page)
{
	page &= PAGE_MASK;
	struct region *r = region_at(page);
	struct vma *v = r && r->only ? vma_find(r->only, page) : NULL;
	int prot = !r ? PROT_READ | PROT_WRITE : v ? v->prot : r->only ? PROT_READ : r->rights;

	if (pages_protect(page, page + PAGE_SIZE, prot | PROT_READ))
		log_warn("a page of a shared mapping at %lx stays writable: out of memory", page);
}

/* Behind the new end nothing is left, also not a private copy. */
static void truncate_private(struct vma *v, uint64_t size)
{
	uaddr_t from = size > v->offset ? v->start + MIN(ALIGN_UP(size - v->offset, PAGE_SIZE),
							 v->end - v->start)
					: v->start;
	struct arena *a = place_arena(v->start);

	if (from >= v->end)
		return;
	if ((v->flags & VMA_OVER_PARKED) && a)
		park_drop_range(a, from, v->end);
	if (!vm_space_resident(v->space)) {
		family_drop(v, from, v->end);
		return;
	}
	if (family_unshare(v, from, v->end))
		log_warn("a truncated file stays in memory at %lx: no memory", from);
	space_account_valid(v->space, -(long)pages_clear_valid(from, v->end));
	pages_decommit(from, v->end);
}

void vm_truncate_mappings(struct inode *inode, uint64_t new_size)
{
	struct inode *content = inode_content(inode);
	struct region *r;
	struct vma *v;

	list_for_each(v, file_bucket(content), by_file)
	{
		if (!v->region && v->file->inode && inode_content(v->file->inode) == content)
			truncate_private(v, new_size);
	}
	list_for_each(r, &regions, node)
	{
		uint64_t keep = ALIGN_UP(new_size, PAGE_SIZE);
		uint64_t from = keep > r->offset ? keep - r->offset : 0;
		if (r->inode != content || r->closing || from >= r->end - r->start)
			continue;
		region_get(r);
		region_evict(r, r->start + from, r->end);
		region_put(r);
		break; /* it may have slept; a file has one region but in rare cases */
	}
}
