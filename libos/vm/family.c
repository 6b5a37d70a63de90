/* family.c: residency: spaces that overlap share addresses by turns.
 *
 * A forked child claims all of its parent's addresses, and two fixed-address programs both want 0x400000. The members
 * of a family share their arenas, and one of them is resident: inside its mappings, what is PG_VALID is its own. Each
 * other member has a shadow (shadow.h) that says for each of its private pages whether its content is still in place
 * (nobody has changed it since they were one) or in the stash. A page that is in place for several is never writable:
 * the resident one that wants to write it first puts one copy into the stash for all others (family_unshare). So a
 * fork copies nothing, a write one page, and making another member resident moves only pages that differ.
 *
 * Shared regions and stubs are the same for all and are not touched. Outside the resident one's mappings, pages that
 * are in place for others just stay. The host sees none of this but changes of rights. The write protection is in the
 * EPCM: a host that ignores it cannot make one process write into another's memory.
 *
 * Giant lock; nothing here sleeps. A member that loses residency gets a new generation, so who slept in the middle of
 * one of its mappings looks again; usercopy and page faults bring it back first. */
#include "vm/family.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "linux/errno.h"
#include "vm/shadow.h"

#define GRANT_MIN   64u	 /* pages made writable at one fault, where nothing is copied for it; doubles likewise */
#define GRANT_MAX   1024u
#define UNSHARE_MIN 4u	 /* pages copied at one fault; doubles while the program goes on behind them */
#define UNSHARE_MAX 256u

int family_create(struct vm_space *s)
{
	struct vm_family *f = kzalloc(sizeof(*f));

	if (!f)
		return -ENOMEM;
	list_init(&f->members);
	list_init(&f->arenas);
	waitq_init(&f->turns);
	family_join(f, s);
	f->resident = s;
	s->head.resident = true;
	return 0;
}

void family_join(struct vm_family *f, struct vm_space *s)
{
	s->family = f;
	list_push_back(&f->members, &s->relative);
	f->count++;
	pages_changes++;
}

static bool arena_in_use(const struct vm_family *f, const struct arena *a)
{
	struct vm_space *m;

	list_for_each(m, &f->members, relative)
	{
		struct vma *v = vma_find_from(m, a->start);
		if (v && v->start < a->end)
			return true;
	}
	return false;
}

void family_leave(struct vm_space *s)
{
	struct vm_family *f = s->family;
	struct arena *a, *tmp;

	list_remove(&s->relative);
	f->count--;
	if (f->resident == s)
		f->resident = NULL;
	if (s->shadow)
		shadow_free(s->shadow);
	if (s->kept)
		shadow_free(s->kept);
	s->shadow = s->kept = NULL;
	s->family = NULL;
	list_for_each_safe(a, tmp, &f->arenas, node)
	{
		if (!f->count || !arena_in_use(f, a))
			arena_release(a);
	}
	if (f->count)
		family_turn_over(f);
	else
		kfree(f);
}

/* ---- who has which page ---- */

/* Is the page in place for a member other than s? */
bool family_others_have(const struct vm_space *s, uaddr_t page)
{
	const struct vm_space *m;

	list_for_each(m, &s->family->members, relative)
	{
		if (m != s && m->shadow && shadow_get(m->shadow, page) == SHADOW_IN_PLACE)
			return true;
	}
	return false;
}

void family_stash_entry(struct vm_space *m, uaddr_t page, shadow_entry *e, struct stash_page *p)
{
	*e = (shadow_entry)p;
	shadow_note(m->shadow, page, e);
}

/* A copy of the page for all members but s for which it is in place. The page must be readable. */
int family_stash_page(struct vm_space *s, uaddr_t page)
{
	struct stash_page *copy = NULL;
	struct vm_space *m;

	list_for_each(m, &s->family->members, relative)
	{
		shadow_entry *e = m != s && m->shadow ? shadow_find(m->shadow, page) : NULL;
		if (!e || *e != SHADOW_IN_PLACE)
			continue;
		if (copy)
			copy->ref++;
		else if (!(copy = stash_alloc()))
			return -ENOMEM;
		family_stash_entry(m, page, e, copy);
	}
	if (copy)
		memcpy(copy->data, (const void *)page, PAGE_SIZE);
	return 0;
}

/* First page in [a, end) that is in place for a member other than s, or end. */
static uaddr_t others_next(const struct vm_space *s, uaddr_t a, uaddr_t end)
{
	const struct vm_space *m;

	list_for_each(m, &s->family->members, relative)
	{
		if (m != s && m->shadow)
			end = shadow_in_place(m->shadow, a, end);
	}
	return end;
}

/* First page in [a, end) that is in place for no member but perhaps s, or end. */
static uaddr_t others_end(const struct vm_space *s, uaddr_t a, uaddr_t end)
{
	const struct vm_space *m;
	uaddr_t from;

	do {
		from = a;
		list_for_each(m, &s->family->members, relative)
		{
			if (m != s && m->shadow)
				a = shadow_in_place_end(m->shadow, a, end);
		}
	} while (a > from && a < end);
	return a;
}

/* First page in [a, end) that is valid and in place for others too (or not, want false), or end. */
static uaddr_t find_shared(const struct vm_space *s, uaddr_t a, uaddr_t end, bool want)
{
	if (!want)
		return others_end(s, a, pages_run_end(a, end, PG_VALID, PG_VALID));
	for (uaddr_t stop; a < end; a = stop) {
		a = pages_find(a, end, PG_VALID, PG_VALID);
		stop = a < end ? pages_run_end(a, end, PG_VALID, PG_VALID) : end;
		uaddr_t hit = others_next(s, a, stop);
		if (hit < stop)
			return hit;
	}
	return end;
}

int family_unshare(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct vm_space *s = v->space;

	if (family_alone(s) || !vma_swapped(v))
		return 0;
	for (uaddr_t a = start, stop; a < end; a = stop) {
		a = find_shared(s, a, end, true);
		stop = find_shared(s, a, end, false);
		if (a == stop)
			break;
		int err = pages_grant(a, stop, PROT_READ);
		for (; !err && a < stop; a += PAGE_SIZE)
			err = family_stash_page(s, a);
		if (err)
			return err;
	}
	return 0;
}

int family_protect(struct vma *v, uaddr_t start, uaddr_t end, int prot)
{
	struct vm_space *s = v->space;
	int err = 0;

	if (family_alone(s) || !vma_swapped(v) || !(prot & PROT_WRITE))
		return pages_protect(start, end, prot);
	for (uaddr_t a = start, stop; a < end && !err; a = stop) {
		bool shared = (page_state(a) & PG_VALID) && family_others_have(s, a);
		stop = find_shared(s, a, end, !shared);
		err = pages_protect(a, stop, shared ? (prot & ~PROT_WRITE) | PROT_READ : prot);
	}
	return err;
}

/* What is copied in advance and not written after all is compared in each turn: relatives that take many (rejoin.c) copy
 * exactly what they write. */
static unsigned unshare_least(const struct vm_space *s)
{
	return s->rejoin_wait ? 1 : UNSHARE_MIN;
}

/* How many pages from addr on to make writable, at least one. */
static uaddr_t grant_end(struct vma *v, uaddr_t addr, bool shared)
{
	struct vm_space *s = v->space;
	unsigned least = shared ? unshare_least(s) : GRANT_MIN, most = shared ? UNSHARE_MAX : GRANT_MAX;
	unsigned batch = v->fault_next == addr ? MIN(MAX(2 * v->fault_batch, least), most) : least;
	uaddr_t end = MIN(v->end, addr + batch * PAGE_SIZE);

	v->fault_batch = batch;
	end = pages_run_end(addr, end, PG_VALID | PROT_WRITE, PG_VALID);
	if (!shared && !family_alone(s))
		end = find_shared(s, addr, end, true);
	v->fault_next = MAX(end, addr + PAGE_SIZE);
	return v->fault_next;
}

int family_grant(struct vma *v, uaddr_t addr, int need)
{
	bool shared = !family_alone(v->space) && vma_swapped(v) && family_others_have(v->space, addr);
	uaddr_t end = addr + PAGE_SIZE;

	if ((page_state(addr) & PG_PT) == prot_normal(v->prot))
		return 0;
	if (!(v->prot & PROT_WRITE)) { /* nothing stands against the next ones having their rights too */
		end = MIN(v->end, addr + GRANT_MIN * PAGE_SIZE);
		return pages_grant(addr, pages_run_end(addr, end, PG_VALID, PG_VALID), v->prot);
	}
	if (shared && !(need & PROT_WRITE))
		return pages_grant(addr, end, v->prot & ~PROT_WRITE);
	if (need & PROT_WRITE)
		end = grant_end(v, addr, shared);
	int err = shared ? family_unshare(v, addr, end) : 0;
	return err ? err : pages_grant(addr, end, v->prot);
}

/* ---- addresses ---- */

uaddr_t family_blocked_at(const struct vm_space *s, uaddr_t start, uaddr_t end)
{
	struct vm_space *m;

	list_for_each(m, &s->family->members, relative)
	{
		struct vma *v = m == s ? NULL : vma_find_from(m, start);
		if (v)
			end = MIN(end, MAX(v->start, start));
	}
	return end;
}

bool family_alone_in(const struct vm_space *s, uaddr_t start, uaddr_t end)
{
	return family_alone(s) || family_blocked_at(s, start, end) == end;
}

bool family_range_free(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	return space_range_free(s, start, end) && family_alone_in(s, start, end);
}

int family_claim(struct vm_space *s, uaddr_t start, uaddr_t end, const struct vma *twin)
{
	if (family_alone_in(s, start, end))
		return 0;
	for (uaddr_t a = start, stop; a < end; a = stop) {
		a = find_shared(s, a, end, true);
		stop = find_shared(s, a, end, false);
		if (a == stop)
			break;
		int err = pages_grant(a, stop, PROT_READ);
		for (; !err && a < stop; a += PAGE_SIZE) {
			if (twin && shadow_get(twin->space->shadow, a) == SHADOW_IN_PLACE)
				continue;
			err = family_stash_page(s, a);
			if (!err)
				vm_pages_used -= pages_clear_valid(a, a + PAGE_SIZE);
		}
		if (err)
			return err;
	}
	return 0;
}

/* ---- families become one ---- */

int family_merge(struct vm_space *s, struct vm_family *other)
{
	struct vm_family *f = s->family;
	struct vm_space *m, *tmp;
	struct arena *a, *next;

	assert(!f->fixed && !other->fixed);
	int err = space_enter(s);
	if (!err && other->resident)
		err = family_send_out(other->resident);
	if (err)
		return err;
	list_for_each_safe(m, tmp, &other->members, relative)
	{
		list_remove(&m->relative);
		family_join(f, m);
	}
	list_for_each_safe(a, next, &other->arenas, node)
	{
		list_remove(&a->node);
		list_push_back(&f->arenas, &a->node);
		a->family = f;
	}
	while (!waitq_empty(&other->turns)) {
		struct waiter *w = list_first(&other->turns.waiters, struct waiter, node);
		waitq_remove(w);
		waitq_add(&f->turns, w);
	}
	family_turn_over(f);
	kfree(other);
	return 0;
}

/* ---- mappings that go ---- */

static void resident_drop(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct vm_space *s = v->space;

	s->resident -= pages_count(start, end, PG_VALID, PG_VALID);
	for (uaddr_t a = start, stop; a < end; a = stop) {
		stop = find_shared(s, a, end, true);
		vm_pages_used -= pages_clear_valid(a, stop);
		stop = find_shared(s, stop, end, false);
	}
}

/* Does the resident member have the page, or another one in place? */
static bool page_wanted(const struct vm_space *s, uaddr_t page)
{
	struct vm_space *r = s->family->resident;
	struct vma *v = r ? vma_find(r, page) : NULL;

	return (v && vma_swapped(v)) || family_others_have(s, page);
}

void family_drop(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct vm_space *s = v->space;

	for (uaddr_t a = start; (a = shadow_next(s->shadow, a, end)) < end; a += PAGE_SIZE) {
		shadow_entry *e = shadow_slot(s->shadow, a);
		if (shadow_stash(*e))
			stash_put(shadow_stash(*e));
		else if (!page_wanted(s, a))
			vm_pages_used -= pages_clear_valid(a, a + PAGE_SIZE);
		*e = 0;
		s->resident--;
	}
}

void family_retire(struct vma *v)
{
	if (vm_space_resident(v->space))
		resident_drop(v, v->start, v->end);
	else
		family_drop(v, v->start, v->end);
}

size_t family_count(struct vma *v)
{
	size_t n = 0;

	for (uaddr_t a = v->start; (a = shadow_next(v->space->shadow, a, v->end)) < v->end; a += PAGE_SIZE)
		n++;
	return n;
}
