/* rejoin.c: pages that have become the same again.
 *
 * After a fork pages are copied for both in advance (family_grant), many of which nobody writes after all; and what one wrote the
 * other may write too, as the processes of one server do when they start. Each turn compares them in vain. So after some turns
 * that found such pages, all of them become one page again, not writable: who writes it gets a copy anew.
 *
 * Giant lock; nothing here sleeps. */
#include "base/string.h"
#include "vm/family.h"
#include "vm/shadow.h"

/* Turns between two times: twice as many each time, as pages that all of them write alike come apart at once. */
#define REJOIN_MIN 32u
#define REJOIN_MAX 4096u

static bool content_same(const struct stash_page *p, uaddr_t page)
{
	return p && !memcmp(p->data, (const void *)page, PAGE_SIZE);
}

/* The page of s in the stash is the same as the one in place, which another one has: both can be read here. */
static bool same_page(const struct vm_space *s, uaddr_t page)
{
	const uint8_t need = PG_COMMITTED | PG_VALID | PROT_READ;

	return (page_state(page) & need) == need && family_others_have(s, page) &&
	       content_same(shadow_stash(shadow_get(s->shadow, page)), page);
}

static void put_in_place(shadow_entry *e)
{
	stash_put(shadow_stash(*e));
	*e = SHADOW_IN_PLACE;
}

/* Also for the other members, or the next turn of one of them would take it away from s again. */
static void page_rejoin(struct vm_space *s, uaddr_t page)
{
	struct vm_space *m;

	list_for_each(m, &s->family->members, relative)
	{
		shadow_entry *e = m->shadow ? shadow_find(m->shadow, page) : NULL;
		if (e && content_same(shadow_stash(*e), page))
			put_in_place(e);
	}
}

/* Nobody is resident, so that nobody writes meanwhile. */
static int run_rejoin(struct vm_space *s, const struct vma *v, uaddr_t start, uaddr_t end)
{
	int err = pages_limit(start, end, v->prot & ~PROT_WRITE);

	for (uaddr_t a = start; !err && a < end; a += PAGE_SIZE)
		page_rejoin(s, a);
	return err;
}

static int vma_rejoin(const struct vma *v)
{
	struct vm_space *s = v->space;
	int err = 0;

	for (uaddr_t a = v->start, stop; !err && (a = shadow_stashed(s->shadow, a, v->end)) < v->end; a = stop) {
		for (stop = a; stop < v->end && same_page(s, stop);)
			stop += PAGE_SIZE;
		if (stop > a)
			err = run_rejoin(s, v, a, stop);
		else
			stop += PAGE_SIZE;
	}
	return err;
}

/* Is it time, after a turn that found s->turn_equal such pages? */
static bool rejoin_due(struct vm_space *s)
{
	unsigned wait = MAX(s->rejoin_wait, REJOIN_MIN);

	if (!s->turn_equal || ++s->turns < wait)
		return false;
	s->turns = 0;
	s->rejoin_wait = MIN(2 * wait, REJOIN_MAX);
	return true;
}

int family_rejoin(struct vm_space *s)
{
	int err = 0;

	if (!rejoin_due(s))
		return 0;
	for (struct vma *v = vma_of(tree_first(&s->vmas)); v && !err; v = vma_next(v))
		if (vma_swapped(v) && prot_normal(v->prot) & PROT_READ)
			err = vma_rejoin(v);
	return err;
}
