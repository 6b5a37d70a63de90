/* shadow.c: a three-level table by address: 1 GiB, 2 MiB, page. Most of it is empty, and every fork makes one and drops
 * one: so it remembers which leaves it has, as long as they are few. Giant lock; nothing sleeps. */
#include "vm/shadow.h"
#include "base/heap.h"
#include "linux/errno.h"
#include "vm/pages.h"

#define SHADOW_LEAF_SHIFT 21
#define SHADOW_DIR_SHIFT  30
#define SHADOW_LEAF_SLOTS (1UL << (SHADOW_LEAF_SHIFT - PAGE_SHIFT))
#define SHADOW_DIR_SLOTS  (1UL << (SHADOW_DIR_SHIFT - SHADOW_LEAF_SHIFT))
#define ROOT_SLOTS (ELRANGE_END >> SHADOW_DIR_SHIFT)
#define LEAVES_KNOWN 256u
#define NOTES_MIN 64u

struct shadow_leaf {
	shadow_entry entry[SHADOW_LEAF_SLOTS];
};
struct shadow_dir {
	struct shadow_leaf *leaf[SHADOW_DIR_SLOTS];
};
struct shadow {
	struct shadow_dir *dir[ROOT_SLOTS];
	struct shadow_notes notes;
	unsigned leaves; /* above LEAVES_KNOWN: only the first are known */
	uint32_t leaf_at[LEAVES_KNOWN]; /* 2 MiB number n */
};

struct shadow *shadow_create(void)
{
	return kzalloc(sizeof(struct shadow));
}

static void leaf_drop(struct shadow_leaf *leaf)
{
	for (size_t i = 0; i < SHADOW_LEAF_SLOTS; i++) {
		struct stash_page *p = shadow_stash(leaf->entry[i]);
		if (p)
			stash_put(p);
	}
}

static void leaf_free(struct shadow_leaf *leaf, bool plain)
{
	if (leaf && !plain)
		leaf_drop(leaf);
	kfree(leaf);
}

static void dir_free(struct shadow *s, size_t i)
{
	kfree(s->dir[i]);
	s->dir[i] = NULL;
}

static void all_free(struct shadow *s, bool plain)
{
	for (size_t i = 0; i < ROOT_SLOTS; i++) {
		for (size_t k = 0; s->dir[i] && k < SHADOW_DIR_SLOTS; k++)
			leaf_free(s->dir[i]->leaf[k], plain);
		dir_free(s, i);
	}
}

static void known_free(struct shadow *s, bool plain)
{
	for (unsigned i = 0; i < s->leaves; i++)
		leaf_free(s->dir[s->leaf_at[i] / SHADOW_DIR_SLOTS]->leaf[s->leaf_at[i] % SHADOW_DIR_SLOTS], plain);
	for (unsigned i = 0; i < s->leaves; i++)
		dir_free(s, s->leaf_at[i] / SHADOW_DIR_SLOTS);
}

static void table_free(struct shadow *s, bool plain)
{
	if (s->leaves > LEAVES_KNOWN)
		all_free(s, plain);
	else
		known_free(s, plain);
	kfree(s->notes.note);
	kfree(s);
}

void shadow_free(struct shadow *s)
{
	table_free(s, false);
}

void shadow_free_plain(struct shadow *s)
{
	table_free(s, true);
}

static struct shadow_leaf *shadow_leaf_of(const struct shadow *s, uaddr_t addr)
{
	const struct shadow_dir *dir = s->dir[addr >> SHADOW_DIR_SHIFT];

	return dir ? dir->leaf[(addr >> SHADOW_LEAF_SHIFT) % SHADOW_DIR_SLOTS] : NULL;
}

shadow_entry *shadow_find(const struct shadow *s, uaddr_t addr)
{
	struct shadow_leaf *leaf = shadow_leaf_of(s, addr);

	return leaf ? &leaf->entry[(addr >> PAGE_SHIFT) % SHADOW_LEAF_SLOTS] : NULL;
}

shadow_entry shadow_get(const struct shadow *s, uaddr_t addr)
{
	const shadow_entry *e = shadow_find(s, addr);

	return e ? *e : 0;
}

shadow_entry *shadow_slot(struct shadow *s, uaddr_t addr)
{
	struct shadow_dir **dir = &s->dir[addr >> SHADOW_DIR_SHIFT];

	if (!*dir && !(*dir = kzalloc(sizeof(**dir))))
		return NULL;
	struct shadow_leaf **leaf = &(*dir)->leaf[(addr >> SHADOW_LEAF_SHIFT) % SHADOW_DIR_SLOTS];
	if (!*leaf) {
		if (!(*leaf = kzalloc(sizeof(**leaf)))) {
			s->leaves = LEAVES_KNOWN + 1; /* the directory may be empty */
			return NULL;
		}
		if (s->leaves < LEAVES_KNOWN)
			s->leaf_at[s->leaves] = (uint32_t)(addr >> SHADOW_LEAF_SHIFT);
		s->leaves += s->leaves <= LEAVES_KNOWN;
	}
	return &(*leaf)->entry[(addr >> PAGE_SHIFT) % SHADOW_LEAF_SLOTS];
}

static size_t slot_of(uaddr_t addr)
{
	return (addr >> PAGE_SHIFT) % SHADOW_LEAF_SLOTS;
}

static uaddr_t leaf_stop(uaddr_t addr, uaddr_t end)
{
	return MIN(ALIGN_DOWN(addr, 1UL << SHADOW_LEAF_SHIFT) + (1UL << SHADOW_LEAF_SHIFT), end);
}

/* First page in [start, end) whose entry is at least `least`, or end. */
static uaddr_t entry_find(const struct shadow *s, uaddr_t start, uaddr_t end, shadow_entry least)
{
	for (uaddr_t a = start; a < end;) {
		if (!s->dir[a >> SHADOW_DIR_SHIFT]) {
			a = ALIGN_DOWN(a, 1UL << SHADOW_DIR_SHIFT) + (1UL << SHADOW_DIR_SHIFT);
			continue;
		}
		const struct shadow_leaf *leaf = shadow_leaf_of(s, a);
		uaddr_t stop = leaf_stop(a, end);
		for (const shadow_entry *e = leaf ? &leaf->entry[slot_of(a)] : NULL; e && a < stop; a += PAGE_SIZE, e++) {
			if (*e >= least)
				return a;
		}
		a = stop;
	}
	return end;
}

uaddr_t shadow_next(const struct shadow *s, uaddr_t start, uaddr_t end)
{
	return entry_find(s, start, end, SHADOW_IN_PLACE);
}

uaddr_t shadow_stashed(const struct shadow *s, uaddr_t start, uaddr_t end)
{
	return entry_find(s, start, end, SHADOW_IN_PLACE + 1);
}

uaddr_t shadow_in_place(const struct shadow *s, uaddr_t start, uaddr_t end)
{
	uaddr_t a = start;

	while ((a = shadow_next(s, a, end)) < end) {
		const shadow_entry *e = shadow_find(s, a);
		for (uaddr_t stop = leaf_stop(a, end); a < stop && *e; a += PAGE_SIZE, e++) {
			if (*e == SHADOW_IN_PLACE)
				return a;
		}
	}
	return end;
}

uaddr_t shadow_in_place_end(const struct shadow *s, uaddr_t start, uaddr_t end)
{
	for (uaddr_t a = start, stop; a < end; a = stop) {
		const shadow_entry *e = shadow_find(s, a);
		stop = leaf_stop(a, end);
		for (; a < stop; a += PAGE_SIZE, e++) {
			if (!e || *e != SHADOW_IN_PLACE)
				return a;
		}
	}
	return end;
}

/* The run of valid pages at or after *a, at most to the end of a leaf; false: none before end. */
static bool valid_run(uaddr_t *a, uaddr_t end, uaddr_t *stop)
{
	*a = pages_find(*a, end, PG_VALID, PG_VALID);
	if (*a >= end)
		return false;
	*stop = pages_run_end(*a, leaf_stop(*a, end), PG_VALID, PG_VALID);
	return true;
}

int shadow_fill(struct shadow *s, uaddr_t start, uaddr_t end)
{
	uaddr_t stop;

	for (uaddr_t a = start; valid_run(&a, end, &stop); a = stop) {
		shadow_entry *e = shadow_slot(s, a);
		if (!e)
			return -ENOMEM;
		for (size_t n = (stop - a) >> PAGE_SHIFT; n; n--)
			*e++ = SHADOW_IN_PLACE;
	}
	return 0;
}

uaddr_t shadow_missing(const struct shadow *s, uaddr_t start, uaddr_t end)
{
	uaddr_t stop;

	for (uaddr_t a = start; valid_run(&a, end, &stop); a = stop) {
		const struct shadow_leaf *leaf = shadow_leaf_of(s, a);
		if (!leaf)
			return a;
		for (const shadow_entry *e = &leaf->entry[slot_of(a)]; a < stop; a += PAGE_SIZE, e++) {
			if (!*e)
				return a;
		}
	}
	return end;
}

struct shadow_notes *shadow_notes(struct shadow *s)
{
	return &s->notes;
}

static void notes_grow(struct shadow_notes *n)
{
	unsigned room = MIN(MAX(2 * n->room, NOTES_MIN), SHADOW_NOTES_MAX);
	struct shadow_note *grown = room > n->room ? krealloc(n->note, room * sizeof(*grown)) : NULL;

	if (!grown)
		return;
	n->note = grown;
	n->room = room;
}

void shadow_note(struct shadow *s, uaddr_t page, shadow_entry *entry)
{
	struct shadow_notes *n = &s->notes;

	if (n->count == n->room)
		notes_grow(n);
	if (n->count < n->room)
		n->note[n->count] = (struct shadow_note){ page, entry };
	if (n->count <= n->room)
		n->count++;
}

shadow_entry *shadow_note_slot(struct shadow *s, unsigned i)
{
	struct shadow_note *n = &s->notes.note[i];

	if (!n->entry)
		n->entry = shadow_slot(s, n->page);
	return n->entry;
}
