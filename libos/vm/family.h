/* family.h: spaces that claim some of the same addresses: one of them is resident at a time (vm/ internal, see family.c).
 *
 * Every space is in a family, mostly alone. Arenas belong to families. */
#pragma once
#include "sync/waitq.h"
#include "vm/space.h"
#include "vm/shadow.h"

struct vm_family {
	struct list members; /* vm_space.relative */
	unsigned count;
	struct vm_space *resident; /* NULL: nobody just now */
	struct list arenas;
	nsec_t since; /* when the resident one came in */
	nsec_t turn;  /* how long it may stay at least */
	struct waitq turns; /* threads that wait for their space's turn; the first one wakes when that is over */
	bool fixed;	     /* the LibOS's own: never joins another */
};

static inline bool family_alone(const struct vm_space *s)
{
	return s->family->count == 1;
}

int family_create(struct vm_space *s) must_check;
void family_join(struct vm_family *f, struct vm_space *s); /* s belongs to none yet; not resident */
/* s has no mappings any more: it leaves, with the arenas that nobody else uses. */
void family_leave(struct vm_space *s);
/* The families of s and of the other become one, in which s is resident. -ENOMEM. */
int family_merge(struct vm_space *s, struct vm_family *other) must_check;

/* turn.c: s, which is resident, gets its shadow: nobody is resident. -ENOMEM: s still is. */
int family_send_out(struct vm_space *s) must_check;
/* Who waits first may now have its turn, or has to look when. */
void family_turn_over(struct vm_family *f);
/* family.c, for turn.c: is the page in place for a member other than s? */
bool family_others_have(const struct vm_space *s, uaddr_t page);
/* The page of m, which is not resident, is p; e: its entry. */
void family_stash_entry(struct vm_space *m, uaddr_t page, shadow_entry *e, struct stash_page *p);
/* A copy of the page for all members but s for which it is in place. The page must be readable. -ENOMEM. */
int family_stash_page(struct vm_space *s, uaddr_t page) must_check;

/* rejoin.c: pages of s, which is about to become resident while nobody is, that have become the same as others' are one again, if
 * there seem to be enough. -ENOMEM: all is in order. */
int family_rejoin(struct vm_space *s) must_check;

/* Makes s resident: -ENOMEM leaves nobody resident and everything in order. Does not sleep. */
int family_bring_in(struct vm_space *s) must_check;
/* The child, which has the same pages, is resident from now on; shadow is the parent's. */
void family_hand_over(struct vm_space *parent, struct shadow *shadow, struct vm_space *child);
static inline int space_enter(struct vm_space *s)
{
	return vm_space_resident(s) ? 0 : family_bring_in(s);
}

/* Below, s is resident. */
/* No other member maps anything in the range. */
bool family_alone_in(const struct vm_space *s, uaddr_t start, uaddr_t end);
/* As space_range_free, in all members. */
bool family_range_free(struct vm_space *s, uaddr_t start, uaddr_t end);
/* Start of the lowest mapping of another member that touches the range, or end. */
uaddr_t family_blocked_at(const struct vm_space *s, uaddr_t start, uaddr_t end);
/* s is about to map the range: pages of others in it are taken out of place, but those of the twin if it has one. -ENOMEM. */
int family_claim(struct vm_space *s, uaddr_t start, uaddr_t end, const struct vma *twin) must_check;
/* twin.c: a relative's mapping that shows what v, which s is about to map, will show; patched: v wants stubs. Or NULL. */
struct vma *twin_find(const struct vma *v, struct vm_space *s, bool patched);
/* v takes over the twin's pages that are in place, and its stubs. After family_claim() with the twin. -ENOMEM. */
int twin_adopt(struct vma *v, const struct vma *twin) must_check;
/* A relative has in place what v shows at the page. */
bool twin_has_page(const struct vma *v, uaddr_t page);
/* Pages of the mapping become those of s alone: others get copies. -ENOMEM. */
int family_unshare(struct vma *v, uaddr_t start, uaddr_t end) must_check;
/* pages_protect for a mapping of s: shared pages stay read-only. */
int family_protect(struct vma *v, uaddr_t start, uaddr_t end, int prot) must_check;
/* Gives the page at addr, and neighbours for which it costs little, the rights of v; for writing it is unshared. */
int family_grant(struct vma *v, uaddr_t addr, int need) must_check;
/* The pages of v are no longer those of its space, resident or not; what nobody else has loses PG_VALID. */
void family_retire(struct vma *v);
/* Like that for a part of a mapping of a space that is not resident. */
void family_drop(struct vma *v, uaddr_t start, uaddr_t end);
/* Pages of a mapping of a space that is not resident. */
size_t family_count(struct vma *v);

/* Of private pages, which alone can be different for members. */
static inline bool vma_swapped(const struct vma *v)
{
	return !v->region && !(v->flags & VMA_STUBS);
}
