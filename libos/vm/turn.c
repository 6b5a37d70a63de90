/* turn.c: making a member of a family resident, and when it may become that.
 *
 * The resident space goes out: it gets a shadow that says that all its pages are in place. The other comes in: its pages
 * in the stash change places with what lies there, and what is not its own goes to the stash.
 *
 * Two relatives that talk to each other take a turn for each message, and mostly nothing but the content of a few pages
 * differs from turn to turn. So a space that comes in keeps its shadow, with notes of what then goes to the stash, and
 * while no page and no mapping changes (pages_changes), the next turn looks at the notes only.
 *
 * Giant lock; nothing sleeps but vm_space_turn(). */
#include "vm/family.h"
#include "base/log.h"
#include "base/string.h"
#include "linux/errno.h"
#include "thread/thread.h"
#include "time/clock.h"
#include "vm/shadow.h"

bool (*vm_space_running)(const struct vm_space *s);
/* A space that runs keeps its pages at least four times as long as it took to bring them in, within these limits. */
#define TURN_MIN    (NSEC_PER_SEC / 250)
#define TURN_MAX    (NSEC_PER_SEC / 4)
#define STRETCH_GAP (16 * PAGE_SIZE)

void family_turn_over(struct vm_family *f)
{
	waitq_wake(&f->turns, 1, 0);
}

/* ---- going out ---- */

/* The shadow of s, which is resident: all its pages are in place. */
static struct shadow *shadow_of_resident(struct vm_space *s)
{
	struct shadow *shadow = shadow_create();

	for (struct vma *v = shadow ? vma_of(tree_first(&s->vmas)) : NULL; v; v = vma_next(v)) {
		if (vma_swapped(v) && shadow_fill(shadow, v->start, v->end)) {
			shadow_free_plain(shadow);
			return NULL;
		}
	}
	return shadow;
}

static void settle_all(struct vm_space *s)
{
	for (struct vma *v = vma_of(tree_first(&s->vmas)); v; v = vma_next(v))
		vma_settle(v);
}

/* The shadow that s kept, if it still says the truth, or a new one. */
static struct shadow *shadow_for(struct vm_space *s)
{
	struct shadow *kept = s->kept;

	s->kept = NULL;
	if (kept && shadow_notes(kept)->as_of == pages_changes)
		return kept;
	if (kept)
		shadow_free_plain(kept);
	settle_all(s);
	return shadow_of_resident(s);
}

static void leave_residency(struct vm_space *s, struct shadow *shadow)
{
	if (vm_quiesce)
		vm_quiesce(s);
	if (s->kept)
		shadow_free_plain(s->kept);
	s->kept = NULL;
	s->shadow = shadow;
	s->head.resident = false;
	s->generation++;
	s->family->resident = NULL;
}

static void take_residency(struct vm_space *s, nsec_t now)
{
	s->head.resident = true;
	s->head.wanted = !waitq_empty(&s->family->turns);
	s->family->resident = s;
	s->family->since = now;
	s->family->turn = TURN_MIN;
}

int family_send_out(struct vm_space *s)
{
	struct shadow *shadow = shadow_for(s);

	if (!shadow)
		return -ENOMEM;
	leave_residency(s, shadow);
	return 0;
}

void family_hand_over(struct vm_space *parent, struct shadow *shadow, struct vm_space *child)
{
	leave_residency(parent, shadow);
	take_residency(child, clock_mono());
}

/* ---- coming in ---- */

/* exchange.S */
bool page_exchange_avx512(void *a, void *b);
bool page_exchange_avx(void *a, void *b);
#define XFRM_AVX    0x4UL
#define XFRM_AVX512 0xe0UL

/* Cache lines that are the same stay untouched: processes of one origin differ in few. Did any differ? */
static bool lines_exchange(uint64_t *a, uint64_t *b)
{
	const size_t line = 64 / sizeof(*a);
	bool differed = false;

	for (uint64_t *end = a + PAGE_SIZE / sizeof(*a); a < end; a += line, b += line) {
		if (!((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) | (a[4] ^ b[4]) | (a[5] ^ b[5]) |
		      (a[6] ^ b[6]) | (a[7] ^ b[7])))
			continue;
		differed = true;
		for (size_t k = 0; k < line; k++) {
			uint64_t word = a[k];
			a[k] = b[k];
			b[k] = word;
		}
	}
	return differed;
}

/* Most turns are taken in system calls of functions that use no vector registers: then they are ours. */
static bool pages_exchange(void *a, void *b)
{
	if (!fpu_vectors_dead() || !(fpu_xfrm() & XFRM_AVX))
		return lines_exchange(a, b);
	return (fpu_xfrm() & XFRM_AVX512) == XFRM_AVX512 ? page_exchange_avx512(a, b) : page_exchange_avx(a, b);
}

/* What is valid changes with each turn; that is no change of which kept shadows know nothing. */
static void turn_valid(uaddr_t page, bool valid)
{
	uint64_t changes = pages_changes;

	vm_pages_used += valid ? pages_set_valid(page, page + PAGE_SIZE) : -pages_clear_valid(page, page + PAGE_SIZE);
	pages_changes = changes;
}

/* Content that is not theirs appears at a page: members that have none of their own there must see to it. */
static void note_absent(const struct vm_space *s, uaddr_t page)
{
	struct vm_space *m;

	list_for_each(m, &s->family->members, relative)
	{
		if (m != s && m->shadow && !shadow_get(m->shadow, page))
			shadow_note(m->shadow, page, NULL);
	}
}

/* The page of s is in the stash: it and what is in place (of others) change places, or it is copied. The page is
 * committed and writable. */
static int page_in(struct vm_space *s, shadow_entry *e, uaddr_t page)
{
	struct stash_page *p = shadow_stash(*e);
	struct vm_space *m;

	if ((page_state(page) & PG_VALID) && p->ref == 1) {
		s->turn_equal += !pages_exchange(p->data, (void *)page);
		list_for_each(m, &s->family->members, relative)
		{
			shadow_entry *theirs = m->shadow ? shadow_find(m->shadow, page) : NULL;
			if (!theirs || *theirs != SHADOW_IN_PLACE)
				continue;
			family_stash_entry(m, page, theirs, p);
			p->ref++;
		}
		*e = SHADOW_IN_PLACE;
		stash_put(p);
		return 0;
	}
	int err = page_state(page) & PG_VALID ? family_stash_page(s, page) : 0;
	if (err)
		return err;
	memcpy((void *)page, p->data, PAGE_SIZE);
	*e = SHADOW_IN_PLACE;
	stash_put(p);
	note_absent(s, page);
	turn_valid(page, true);
	return 0;
}

/* Pages of s that lie side by side in the stash. What it did not come to if it fails is in place for others, perhaps for
 * several, and must not stay writable. */
static int run_in(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	uaddr_t a = start;
	int err = pages_commit(start, end);

	if (!err)
		err = pages_grant(start, end, PROT_READ | PROT_WRITE);
	for (; a < end && !err; a += err ? 0 : PAGE_SIZE) {
		if (shadow_stash(shadow_get(s->shadow, a)))
			err = page_in(s, shadow_slot(s->shadow, a), a);
	}
	if (err && pages_limit(a, end, PROT_READ))
		log_error("memory at %lx+%lx stays writable for relatives: the host refuses to protect it", a, end - a);
	return err;
}

/* End of the run of pages in the stash that begins at a. */
static uaddr_t stash_run_end(const struct vm_space *s, uaddr_t a, uaddr_t end)
{
	while (a < end && shadow_stash(shadow_get(s->shadow, a)))
		a += PAGE_SIZE;
	return a;
}

/* The same in a mapping that is not writable: what lies between such pages, committed, may become writable for the moment
 * too (nobody runs there), which is one change of rights instead of many. */
static uaddr_t stash_stretch_end(const struct vm_space *s, uaddr_t a, uaddr_t end)
{
	uaddr_t stop = stash_run_end(s, a, end), next = shadow_stashed(s->shadow, stop, MIN(end, stop + STRETCH_GAP));

	while (next < MIN(end, stop + STRETCH_GAP) && pages_find(stop, next, PG_COMMITTED, 0) == next) {
		stop = stash_run_end(s, next, end);
		next = shadow_stashed(s->shadow, stop, MIN(end, stop + STRETCH_GAP));
	}
	return stop;
}

/* A valid page at a place where s has a mapping but no page yet. */
static int page_away(struct vma *v, uaddr_t page)
{
	struct vm_space *s = v->space;

	if (twin_has_page(v, page)) {
		shadow_entry *e = shadow_slot(s->shadow, page);
		if (!e)
			return -ENOMEM;
		*e = SHADOW_IN_PLACE;
		s->resident++;
		return 0;
	}
	int err = pages_grant(page, page + PAGE_SIZE, PROT_READ);
	if (!err)
		err = family_stash_page(s, page);
	if (!err)
		turn_valid(page, false);
	shadow_note(s->shadow, page, NULL);
	return err;
}

/* Pages in the stash whose content a relative has in place: the copy is not needed any more. */
static void twins_join(struct vma *v)
{
	struct shadow *shadow = v->space->shadow;

	if (!vma_clean_file(v))
		return;
	for (uaddr_t a = v->start; (a = shadow_stashed(shadow, a, v->end)) < v->end; a += PAGE_SIZE) {
		shadow_entry *e = shadow_slot(shadow, a);
		struct stash_page *p = shadow_stash(*e);
		if (!twin_has_page(v, a))
			continue;
		*e = SHADOW_IN_PLACE;
		stash_put(p);
	}
}

/* All pages of v come into place, others out of it, and no right is left that v does not give. */
static int vma_bring_in(struct vma *v)
{
	struct vm_space *s = v->space;
	int err = 0;

	twins_join(v);
	for (uaddr_t a = v->start, stop; !err && (a = shadow_stashed(s->shadow, a, v->end)) < v->end; a = stop) {
		stop = v->prot & PROT_WRITE ? stash_run_end(s, a, v->end) : stash_stretch_end(s, a, v->end);
		err = run_in(s, a, stop);
	}
	for (uaddr_t a = v->start; !err && (a = shadow_missing(s->shadow, a, v->end)) < v->end; a += PAGE_SIZE)
		err = page_away(v, a);
	int limited = pages_limit(v->start, v->end, v->prot); /* also what lies between pages that came */
	err = err ? err : limited;
	return err ? err : vma_clean_pool(v, v->start, v->end);
}

static int all_in(struct vm_space *s)
{
	struct vma *next;
	int err = 0;

	shadow_notes(s->shadow)->count = 0;
	for (struct vma *v = vma_of(tree_first(&s->vmas)); v && !err; v = next) {
		next = vma_next(v);
		if (vma_swapped(v))
			err = vma_bring_in(v);
	}
	return err;
}

/* A page of the notes that is not in order as it is: its content is to come, into a page that may be written. */
static bool note_is_simple(const struct shadow_notes *n, unsigned i, const struct shadow *shadow)
{
	const uint8_t need = PG_COMMITTED | PG_VALID | PROT_WRITE | PROT_WRITE << PG_EPCM_SHIFT;
	const struct shadow_note *note = &n->note[i];
	shadow_entry e = note->entry ? *note->entry : shadow_get(shadow, note->page);
	uint8_t state = page_state(note->page);

	return e == SHADOW_IN_PLACE || (e ? (state & need) == need : !(state & PG_VALID));
}

/* Nothing has changed since s came in last but what the notes say, and that asks for no other rights. */
static bool turn_is_quick(const struct vm_space *s)
{
	const struct shadow_notes *n = shadow_notes(s->shadow);

	if (n->as_of != pages_changes || shadow_notes_lost(n))
		return false;
	for (unsigned i = 0; i < n->count; i++)
		if (!note_is_simple(n, i, s->shadow))
			return false;
	return true;
}

static int notes_in(struct vm_space *s)
{
	struct shadow_notes *n = shadow_notes(s->shadow);
	unsigned count = n->count;

	n->count = 0;
	for (unsigned i = 0; i < count; i++) {
		shadow_entry *e = shadow_note_slot(s->shadow, i);
		if (!e || (shadow_stash(*e) && page_in(s, e, n->note[i].page)))
			return -ENOMEM;
		if (!*e) /* still absent */
			shadow_note(s->shadow, n->note[i].page, e);
	}
	return 0;
}

/* The shadow of s, all in place, says what it will be when s goes out, if nothing changes. */
static void shadow_keep(struct vm_space *s, bool true_still)
{
	struct shadow *shadow = s->shadow;

	s->shadow = NULL;
	if (!true_still || shadow_notes_lost(shadow_notes(shadow))) {
		shadow_free_plain(shadow);
		return;
	}
	shadow_notes(shadow)->as_of = pages_changes;
	s->kept = shadow;
}

int family_bring_in(struct vm_space *s)
{
	struct vm_family *f = s->family;
	nsec_t started = clock_mono();
	int err = f->resident ? family_send_out(f->resident) : 0;

	if (!err)
		err = family_rejoin(s);
	uint64_t changes = pages_changes;
	bool quick = !err && turn_is_quick(s);
	s->turn_equal = 0;
	if (!err)
		err = quick ? notes_in(s) : all_in(s);
	if (err) {
		log_warn("no memory to bring a process' pages in");
		shadow_notes(s->shadow)->as_of = 0;
		return -ENOMEM;
	}
	shadow_keep(s, changes == pages_changes);
	take_residency(s, quick ? started : clock_mono()); /* a quick turn takes no time to speak of */
	f->turn = MIN(MAX(4 * (f->since - started), TURN_MIN), TURN_MAX);
	return 0;
}

void vm_space_left(struct vm_space *s)
{
	s->head.wanted = false;
	family_turn_over(s->family);
}

bool vm_space_related(const struct vm_space *a, const struct vm_space *b)
{
	return a != b && a->family == b->family;
}

bool vm_space_turn_young(const struct vm_space *s, nsec_t age)
{
	return s->family->resident == s && clock_mono() - s->family->since < age;
}

bool vm_space_blocked(const struct vm_space *s)
{
	const struct vm_space *r = s->family->resident;

	return r && r != s && vm_space_running && vm_space_running(r);
}

/* When others may come in though the resident one runs. */
static nsec_t turn_end(const struct vm_family *f, nsec_t at_most)
{
	return f->since + MIN(f->turn, at_most);
}

static bool turn_is_free(const struct vm_family *f, nsec_t at_most)
{
	const struct vm_space *r = f->resident;

	return !r || !vm_space_running || !vm_space_running(r) || clock_mono() >= turn_end(f, at_most);
}

/* Only the first in the queue has a timer, lest all of them wake for each turn, and who waits for less than a turn. Who was the
 * first stays that. */
static int turn_wait(struct vm_family *f, nsec_t at_most, bool was_first)
{
	bool first = was_first || at_most < f->turn || waitq_empty(&f->turns);
	struct waiter w;
	int err;

	waiter_init(&w);
	w.exclusive = true;
	if (first)
		list_push_front(&f->turns.waiters, &w.node);
	else
		waitq_add(&f->turns, &w);
	f->resident->head.wanted = true;
	err = thread_block(WAIT_INTERRUPTIBLE, first ? turn_end(f, at_most) : NSEC_NEVER);
	waitq_remove(&w);
	return w.woken || err == -ETIMEDOUT ? 0 : err;
}

int vm_space_turn(struct vm_space *s, nsec_t at_most)
{
	bool waited = false;
	int err = 0;

	while (!err && !vm_space_resident(s)) {
		if (turn_is_free(s->family, at_most)) {
			err = family_bring_in(s);
		} else {
			err = turn_wait(s->family, at_most, waited);
			waited = true;
		}
	}
	if (waited) /* the next one has the timer now */
		family_turn_over(s->family);
	return err;
}
