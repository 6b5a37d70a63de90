/* shadow.h: where the pages of a space are that is not resident (vm/ internal).
 *
 * One entry for each page of the space's private mappings: absent (0), in place (its content is what lies at its address
 * now, perhaps for several spaces), or in the stash. A resident space has no shadow: what is valid inside its mappings is
 * its own. */
#pragma once
#include "abi/layout.h"
#include "vm/stash.h"

struct shadow;
typedef uintptr_t shadow_entry; /* 0, SHADOW_IN_PLACE, or a struct stash_page * with its reference */
#define SHADOW_IN_PLACE ((shadow_entry)1)

static inline struct stash_page *shadow_stash(shadow_entry e)
{
	return e > SHADOW_IN_PLACE ? (struct stash_page *)e : NULL;
}

struct shadow *shadow_create(void) must_check;
/* Drops the references of entries that are left. */
void shadow_free(struct shadow *s);
/* The same, when no entry is in the stash. */
void shadow_free_plain(struct shadow *s);
shadow_entry shadow_get(const struct shadow *s, uaddr_t addr);
/* The entry of an address, or NULL: it has none yet, which is as good as absent. */
shadow_entry *shadow_find(const struct shadow *s, uaddr_t addr);
/* The entry of an address, made if need be; NULL: no memory. */
shadow_entry *shadow_slot(struct shadow *s, uaddr_t addr) must_check;
/* First page in [start, end) with an entry, or end. */
uaddr_t shadow_next(const struct shadow *s, uaddr_t start, uaddr_t end);
/* First page in [start, end) that is in place, or end; the first that is not. */
uaddr_t shadow_in_place(const struct shadow *s, uaddr_t start, uaddr_t end);
uaddr_t shadow_in_place_end(const struct shadow *s, uaddr_t start, uaddr_t end);
/* The valid pages of [start, end) are in place. -ENOMEM. */
int shadow_fill(struct shadow *s, uaddr_t start, uaddr_t end) must_check;
/* First valid page in [start, end) without an entry, or end. */
uaddr_t shadow_missing(const struct shadow *s, uaddr_t start, uaddr_t end);
/* First page of [start, end) that is in the stash, or end. */
uaddr_t shadow_stashed(const struct shadow *s, uaddr_t start, uaddr_t end);

/* What a quick turn has to look at (turn.c): pages that went to the stash, and pages at which the space has a mapping
 * but nothing of its own, while somebody else has. More than SHADOW_NOTES_MAX, or than there is memory for, are lost. */
#define SHADOW_NOTES_MAX 4096u
struct shadow_note {
	uaddr_t page;
	shadow_entry *entry; /* of that page; NULL: it had no slot when it was noted */
};
struct shadow_notes {
	uint64_t as_of;	 /* pages_changes since the notes are complete; 0: they are of no use */
	unsigned count;	 /* above room: some were lost */
	unsigned room;
	struct shadow_note *note;
};
static inline bool shadow_notes_lost(const struct shadow_notes *n)
{
	return n->count > n->room;
}
struct shadow_notes *shadow_notes(struct shadow *s);
/* entry: that of the page if it is known, or NULL. */
void shadow_note(struct shadow *s, uaddr_t page, shadow_entry *entry);
/* The entry of note i, made if need be; NULL: no memory. */
shadow_entry *shadow_note_slot(struct shadow *s, unsigned i) must_check;
