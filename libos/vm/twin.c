/* twin.c: relatives that show the same file at the same addresses have its clean pages in common.
 *
 * A twin of a mapping is a mapping of another member of the family with the same addresses, state of the file, offset
 * and rights. Two programs of one fixed address, or a shell and the child that executes the shell again, have twins for
 * their text and constants. What is in place for the twin is taken over in place, with its stubs, as after a fork; so a
 * turn moves only data. Without that each turn would move the whole text.
 *
 * Giant lock; nothing here sleeps. */
#include "linux/errno.h"
#include "vm/family.h"
#include "vm/park.h"
#include "vm/shadow.h"

static bool same_content(const struct vma *v, const struct vma *o)
{
	return vma_clean_file(o) && o->prot == v->prot && park_key_equal(&o->key, &v->key) &&
	       o->offset - o->start == v->offset - v->start;
}

bool twin_has_page(const struct vma *v, uaddr_t page)
{
	struct vm_space *m;

	if (!vma_clean_file(v))
		return false;
	list_for_each(m, &v->space->family->members, relative)
	{
		struct vma *o = m == v->space || !m->shadow ? NULL : vma_find(m, page);
		if (!o || shadow_get(m->shadow, page) != SHADOW_IN_PLACE)
			continue;
		return same_content(v, o) && o->stubs == v->stubs;
	}
	return false;
}

/* The stubs of the twin can be mapped by s too, if they are not already. */
static bool stubs_fit(struct vm_space *s, const struct stub_area *a)
{
	struct vma *v = vma_find(s, a->start);

	if (a->broken || !a->space)
		return false;
	return v ? v->stubs == a && (v->flags & VMA_STUBS) : space_range_free(s, a->start, a->end);
}

struct vma *twin_find(const struct vma *v, struct vm_space *s, bool patched)
{
	struct vm_space *m;

	if (family_alone(s) || !vma_clean_file(v) || (v->flags & VMA_OVER_PARKED))
		return NULL;
	list_for_each(m, &s->family->members, relative)
	{
		struct vma *o = m == s || !m->shadow ? NULL : vma_find(m, v->start);
		if (!o || o->start != v->start || o->end != v->end || (o->flags & VMA_OVER_PARKED) ||
		    !same_content(v, o) || !o->stubs != !patched)
			continue;
		if (!o->stubs || stubs_fit(s, o->stubs))
			return o;
	}
	return NULL;
}

static bool stubs_map(struct vm_space *s, struct stub_area *a)
{
	struct vma *v;

	if (vma_find(s, a->start))
		return true;
	v = vma_alloc();
	if (!v)
		return false;
	v->start = a->start;
	v->end = a->end;
	v->prot = PROT_READ | PROT_EXEC;
	v->flags = VMA_STUBS;
	v->name = "[stubs]";
	v->stubs = a;
	vma_link(s, v);
	s->resident += pages_count(a->start, a->end, PG_VALID, PG_VALID);
	return true;
}

int twin_adopt(struct vma *v, const struct vma *twin)
{
	struct vm_space *s = v->space;

	if (twin->stubs && !stubs_map(s, twin->stubs))
		return -ENOMEM;
	if (twin->stubs) {
		v->stubs = twin->stubs;
		stub_get(v->stubs);
	}
	s->resident += pages_count(v->start, v->end, PG_VALID, PG_VALID);
	return 0;
}
