/* park.c: parked images: the unchanged pages of private file mappings stay where they are.
 *
 * When a mapping that was never writable goes, its filled pages keep PG_VALID and are tagged with
 * the state of the file they hold (struct park_key), their offset, and their stubs if system calls
 * in them were patched. The tag (struct parked) belongs to the arena; a later mapping of the same
 * file state at the same place takes the pages over without a copy. vm_place_for() and mmap choose
 * such places. Any other mapping over them drops them. Invariant: inside a piece PG_VALID means
 * "the file's page" (patched, if the piece has stubs).
 *
 * ld.so maps a whole library read-only, then its parts over that with MAP_FIXED. The first mapping
 * has MAP_DENYWRITE, which only ld.so uses: it is marked VMA_TRANSIENT, and patched text stays
 * parked *underneath* it until the executable part comes. Loaders without the flag (musl) get the
 * same, but the parked text loses its access meanwhile (VMA_SHADOWS): a mere reader who touches it
 * has the file's own bytes filled in.
 *
 * No inode is held: a deleted or changed file just never matches again and its piece grows old. */
#include "vm/park.h"
#include "base/heap.h"
#include "base/log.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "loader/rewrite.h"
#include "vm/family.h"

#define PARK_BUCKETS 64u
static struct list buckets[PARK_BUCKETS];
static struct list by_age = LIST_INIT(by_age); /* newest first */
uint64_t park_pages;

static struct list *bucket_of(const struct park_key *key)
{
	if (!buckets[0].next) {
		for (unsigned i = 0; i < PARK_BUCKETS; i++)
			list_init(&buckets[i]);
	}
	return &buckets[(key->ino ^ key->dev * 31) % PARK_BUCKETS];
}

void park_key_init(struct park_key *key, const struct inode *shown)
{
	const struct inode *inode = inode_content((struct inode *)shown);

	*key = (struct park_key){
		.dev = inode->sb ? inode->sb->dev : 0,
		.ino = inode->ino,
		.version = inode->version,
		.size = inode->size,
		.mtime_sec = inode->mtime.sec,
		.mtime_nsec = inode->mtime.nsec,
	};
}

bool park_key_equal(const struct park_key *a, const struct park_key *b)
{
	return a->ino == b->ino && a->dev == b->dev && a->version == b->version &&
	       a->size == b->size && a->mtime_sec == b->mtime_sec && a->mtime_nsec == b->mtime_nsec;
}

static struct parked *parked_of(struct tree_node *n)
{
	return n ? tree_entry(n, struct parked, node) : NULL;
}

static void parked_insert(struct parked *p)
{
	struct tree_node **link = &p->arena->parked.root, *parent = NULL;

	while (*link) {
		parent = *link;
		link = p->start < parked_of(parent)->start ? &parent->left : &parent->right;
	}
	tree_link(&p->arena->parked, &p->node, parent, link);
	park_pages += p->pages;
	list_init(&p->hash);
	list_init(&p->age);
	if (p->is_stub) /* goes with its text */
		return;
	list_push_front(&by_age, &p->age);
	list_push_front(bucket_of(&p->key), &p->hash);
}

static struct parked *parked_create(struct arena *a, uaddr_t start, uaddr_t end, size_t pages)
{
	struct parked *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->arena = a;
	p->start = start;
	p->end = end;
	p->pages = pages;
	return p;
}

/* Takes the tag away; the pages keep their state. */
static void parked_remove(struct parked *p)
{
	tree_erase(&p->arena->parked, &p->node);
	list_remove(&p->hash);
	list_remove(&p->age);
	park_pages -= p->pages;
	kfree(p);
}

struct parked *park_first(struct arena *a, uaddr_t start, uaddr_t end)
{
	struct parked *best = NULL;

	for (struct tree_node *n = a->parked.root; n;) {
		struct parked *p = parked_of(n);
		if (p->end > start) {
			best = p;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best && best->start < end ? best : NULL;
}

void stub_get(struct stub_area *a)
{
	a->ref++;
}

static bool maps_stubs(struct vm_space *s, const struct stub_area *a)
{
	struct vma *v = vma_find(s, a->start);

	return v && (v->flags & VMA_STUBS) && v->stubs == a;
}

bool stub_shared(struct stub_area *a, struct vm_space *s)
{
	struct vm_space *m;

	list_for_each(m, &s->family->members, relative)
	{
		if (m == s || !maps_stubs(m, a))
			continue;
		a->space = a->space == s ? m : a->space;
		return true;
	}
	return false;
}

/* The last text that used the stubs has gone: so do they. */
void stub_put(struct stub_area *a)
{
	struct vma *dead = NULL;

	if (--a->ref)
		return;
	if (a->rewrite)
		rewrite_detach(a->rewrite);
	if (a->parked) {
		pages_clear_valid(a->start, a->end);
		parked_remove(a->parked);
	}
	while (a->space) {
		struct vm_space *s = a->space;
		bool more = stub_shared(a, s);
		struct vma *v = vma_find(s, a->start);
		if (more)
			s->resident -= pages_count(a->start, a->end, PG_VALID, PG_VALID);
		if (v && v->stubs == a && more) {
			vma_unlink(v);
			kfree(v);
			continue;
		}
		if (v && v->stubs == a)
			v->stubs = NULL;
		a->space = NULL;
		if (space_unmap(s, a->start, a->end, RETIRE_UNMAP, &dead))
			log_warn("stubs at %lx stay: no memory", a->start);
		vma_free_dead(dead);
	}
	kfree(a);
}

/* Called while the stub mapping is being taken out of its space. */
void stub_park(struct stub_area *a)
{
	struct arena *arena = place_arena(a->start);

	a->space = NULL;
	a->parked = parked_create(arena, a->start, a->end,
				  pages_count(a->start, a->end, PG_VALID, PG_VALID));
	if (!a->parked) {
		a->broken = true;
		pages_clear_valid(a->start, a->end);
		return;
	}
	a->parked->is_stub = true;
	a->parked->stubs = a;
	parked_insert(a->parked);
}

void park_drop(struct parked *p)
{
	struct stub_area *stubs = p->stubs;
	bool is_stub = p->is_stub;

	pages_clear_valid(p->start, p->end);
	parked_remove(p);
	if (is_stub) {
		stubs->parked = NULL;
		stubs->broken = true;
	} else if (stubs) {
		stub_put(stubs);
	}
}

void park_drop_range(struct arena *a, uaddr_t start, uaddr_t end)
{
	struct parked *p;

	while ((p = park_first(a, start, end)))
		park_drop(p);
}

bool park_range(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct arena *a = place_arena(start);
	size_t pages = pages_count(start, end, PG_VALID, PG_VALID);

	if (!a || !pages || (v->stubs && v->stubs->broken) || !v->file->inode->nlink)
		return false;
	struct parked *p = parked_create(a, start, end, pages);
	if (!p)
		return false;
	p->offset = v->offset + (start - v->start);
	p->key = v->key;
	p->stubs = v->stubs;
	if (p->stubs)
		stub_get(p->stubs);
	parked_insert(p);
	return true;
}

/* The part [start, end) leaves piece p, which has no stubs; its pages keep their state. */
static bool parked_cut(struct parked *p, uaddr_t start, uaddr_t end)
{
	size_t tail_pages = pages_count(end, MAX(p->end, end), PG_VALID, PG_VALID);
	size_t head_pages = pages_count(MIN(p->start, start), start, PG_VALID, PG_VALID);

	if (p->end > end && tail_pages) {
		struct parked *tail = parked_create(p->arena, end, p->end, tail_pages);
		if (!tail)
			return false;
		tail->key = p->key;
		tail->offset = p->offset + (end - p->start);
		parked_insert(tail);
	}
	if (p->start < start && head_pages) {
		park_pages -= p->pages - head_pages;
		p->pages = head_pages;
		p->end = start;
		return true;
	}
	parked_remove(p);
	return true;
}

/* Does p hold the bytes that v shows at the same addresses? */
static bool parked_fits(const struct parked *p, const struct vma *v)
{
	if (p->is_stub || !v->file || (v->flags & VMA_SHARED) || !park_key_equal(&p->key, &v->key))
		return false;
	return p->start - p->offset == v->start - v->offset;
}

/* Live stubs of another mapping in the space are found as they are; parked ones become a mapping.
 */
static bool stub_revive(struct vm_space *s, struct stub_area *a)
{
	if (a->broken || (a->space && !maps_stubs(s, a)))
		return false;
	if (a->space)
		return true;
	struct vma *v = vma_alloc();
	if (!v || !space_range_free(s, a->start, a->end)) {
		kfree(v);
		return false;
	}
	parked_remove(a->parked);
	a->parked = NULL;
	a->space = s;
	v->start = a->start;
	v->end = a->end;
	v->prot = PROT_READ | PROT_EXEC;
	v->flags = VMA_STUBS;
	v->name = "[stubs]";
	v->stubs = a;
	vma_link(s, v);
	space_account_valid(s, (long)pages_count(a->start, a->end, PG_VALID, PG_VALID));
	return true;
}

/* Patched text becomes part of the executable mapping v. */
static bool adopt_patched(struct vm_space *s, struct vma *v, struct parked *p)
{
	if (!(v->prot & PROT_EXEC) || v->stubs || p->start < v->start || p->end > v->end ||
	    !stub_revive(s, p->stubs))
		return false;
	space_account_valid(s, (long)p->pages);
	v->stubs = p->stubs; /* with p's reference */
	parked_remove(p);
	return true;
}

static bool adopt_plain(struct vm_space *s, struct parked *p, uaddr_t start, uaddr_t end)
{
	start = MAX(start, p->start);
	end = MIN(end, p->end);
	if (!parked_cut(p, start, end))
		return false;
	space_account_valid(s, (long)pages_count(start, end, PG_VALID, PG_VALID));
	return true;
}

void park_adopt(struct vm_space *s, struct vma *v, uaddr_t start, uaddr_t end, bool wants_stubs)
{
	for (uaddr_t at = start; at < end;) {
		struct arena *a = place_arena(at);
		struct parked *p = a ? park_first(a, at, end) : NULL;
		if (!p) {
			at = a ? a->end : ALIGN_DOWN(at, CHUNK_SIZE) + CHUNK_SIZE;
			continue;
		}
		uaddr_t next = p->end;
		bool fits = parked_fits(p, v), kept = false;
		if (fits && p->stubs && (v->flags & VMA_OVER_PARKED))
			kept = true;
		else if (fits && p->stubs)
			kept = adopt_patched(s, v, p);
		else if (fits && !(wants_stubs && (v->prot & PROT_EXEC)))
			kept = adopt_plain(s, p, start, end);
		if (!kept)
			park_drop(p);
		at = next;
	}
}

/* Is [start, start+len) of an arena of s (or of a free one, for a new space) free to be mapped? */
static bool place_usable(struct vm_space *s, const struct parked *p, size_t len, bool fresh)
{
	const struct arena *a = p->arena;

	if (fresh ? a->family || a->pins : a->family != s->family)
		return false;
	return len <= a->end - p->start && family_range_free(s, p->start, p->start + len);
}

struct parked *park_lookup(struct vm_space *s, const struct park_key *key, uint64_t offset,
			   size_t len, bool fresh)
{
	struct parked *p, *newest = NULL, *other = NULL;

	list_for_each(p, bucket_of(key), hash)
	{
		if (p->offset != offset || !park_key_equal(&p->key, key) ||
		    !place_usable(s, p, len, fresh))
			continue;
		if (!fresh || (newest && !arena_worn(newest->arena)))
			return newest ? newest : p;
		if (!newest)
			newest = p;
		else if (p->arena != newest->arena)
			other = p; /* the one that has waited longest */
	}
	return newest && arena_worn(newest->arena) ? other : newest;
}

size_t park_shrink(size_t bytes)
{
	uint64_t before = pages_committed, want = bytes >> PAGE_SHIFT;

	while (before - pages_committed < want && !list_empty(&by_age)) {
		struct parked *p = list_last(&by_age, struct parked, age);
		uaddr_t start = p->start, end = p->end;
		park_drop(p);
		pages_decommit(start, end);
	}
	return (before - pages_committed) << PAGE_SHIFT;
}
