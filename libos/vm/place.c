/* place.c: arenas: handing out ELRANGE to spaces, recycling what is committed, ASLR.
 *
 * chunk_owner[] says for every chunk of 128 MiB which arena it belongs to (NULL: nobody). An arena
 * is owned by a family of spaces, or on the free list (newest first), or only pinned by a shared region. A
 * fresh arena starts at a random free chunk and its mappings at a random page in it. A recycled
 * arena keeps its places, so addresses repeat between runs of a program; but not for long: after
 * some uses in a row another arena takes its turn (a fresh one if there is no other), and an arena
 * that has been used many times is dissolved. So guessing takes one address out of two or more, and
 * those change. Giant lock; nothing here sleeps. */
#include "vm/place.h"
#include "base/heap.h"
#include "base/log.h"
#include "crypto/rng.h"
#include "linux/errno.h"
#include "vm/family.h"

#define CHUNK_SHIFT_MIN 23 /* CHUNKS of these make the 2^36 bytes of an SGX1 enclave, and more */
#ifdef LIBOS_PLAIN /* 24 GiB are to do for many programs */
#define CHUNKS		(ELRANGE_END >> CHUNK_SHIFT_MIN)
#define CHUNK_SHIFT_START 25
#else
#define CHUNKS		(ELRANGE_END >> CHUNK_SHIFT_MAX)
#define CHUNK_SHIFT_START CHUNK_SHIFT_MAX
#endif
#define ARENA_CHUNKS	4 /* of an ordinary arena: room for the heap between program and libraries */
#define ARENA_CHUNKS_CONFINED 3
#define TOP_SPREAD	(16UL << 20) /* ASLR inside an arena */
#define BOTTOM_SPREAD	(32UL << 20)
#define POOL_MAX	((256UL << 20) >> PAGE_SHIFT) /* pages committed but unused */
#define PARKED_MAX	((256UL << 20) >> PAGE_SHIFT)
#define FREE_ARENAS_MAX 64u
#define STREAK_MAX	8u
#define USES_MAX	256u /* and one for each page: refilling them must stay cheap per use */

static struct arena *chunk_owner[CHUNKS];
static struct list free_arenas = LIST_INIT(free_arenas);
static unsigned free_arena_count;
static const struct arena *last_adopted; /* only compared */

unsigned chunk_shift = CHUNK_SHIFT_START;
struct place_limits place_anywhere = {USER_HIGH_START, USER_HIGH_END};
struct place_limits place_32bit = {USER_START, 1UL << 31};
static unsigned arena_chunks = ARENA_CHUNKS;
static struct place_limits claimable = {USER_START, USER_HIGH_END};

_Static_assert(ELRANGE_SGX1_SIZE >> CHUNK_SHIFT_MIN <= CHUNKS, "chunk_owner[] covers an SGX1 enclave");

static bool place_confined(void)
{
	return chunk_shift != CHUNK_SHIFT_START;
}

void place_confine(uaddr_t start, uaddr_t end)
{
	chunk_shift = CHUNK_SHIFT_MIN;
	arena_chunks = ARENA_CHUNKS_CONFINED;
	claimable = (struct place_limits){start, end};
	/* programs that are linked to fixed addresses need the lowest: the rest goes first */
	place_anywhere = (struct place_limits){start + (end - start) / 4, end};
	place_32bit.high = MIN(place_32bit.high, end);
}

struct arena *place_arena(uaddr_t addr)
{
	return addr < claimable.high ? chunk_owner[addr >> CHUNK_SHIFT] : NULL;
}

static uaddr_t random_below(uaddr_t limit)
{
	return limit < PAGE_SIZE ? 0 : rng_u64() % limit & PAGE_MASK;
}

static struct arena *arena_create(size_t chunk, size_t count)
{
	struct arena *a = kzalloc(sizeof(*a));

	if (!a)
		return NULL;
	a->start = MAX(chunk << CHUNK_SHIFT, USER_START);
	a->end = MIN((chunk + count) << CHUNK_SHIFT, claimable.high);
	a->bottom = a->start;
	a->top = a->end;
	list_init(&a->node);
	for (size_t i = 0; i < count; i++)
		chunk_owner[chunk + i] = a;
	return a;
}

static void arena_destroy(struct arena *a)
{
	assert(!a->parked.root && !a->pins);
	pages_decommit(a->start, a->end);
	for (size_t i = a->start >> CHUNK_SHIFT; i < ALIGN_UP(a->end, CHUNK_SIZE) >> CHUNK_SHIFT;
	     i++)
		chunk_owner[i] = NULL;
	list_remove(&a->node);
	kfree(a);
}

/* A free arena goes for good. */
static void arena_dissolve(struct arena *a)
{
	park_drop_range(a, a->start, a->end);
	free_arena_count--;
	arena_destroy(a);
}

bool arena_worn(const struct arena *a)
{
	uint64_t limit = vm_user_limit ? vm_user_limit >> PAGE_SHIFT : UINT64_MAX;

	return a == last_adopted && a->streak >= STREAK_MAX && park_pages < PARKED_MAX / 2 &&
	       pages_committed < limit / 2;
}

static bool arena_used_up(const struct arena *a)
{
	return a->uses && a->uses % USES_MAX == 0 &&
	       a->uses - USES_MAX >=
		       pages_count(a->start, a->end, PG_COMMITTED, PG_COMMITTED);
}

void arena_release(struct arena *a)
{
	a->family = NULL;
	list_remove(&a->node);
	if (a->pins)
		return;
	if (!a->parked.root && pages_find(a->start, a->end, PG_COMMITTED, PG_COMMITTED) == a->end) {
		arena_destroy(a);
		return;
	}
	list_push_front(&free_arenas, &a->node);
	free_arena_count++;
	if (arena_used_up(a))
		arena_dissolve(a);
}

void arena_pin(struct arena *a)
{
	a->pins++;
}

void arena_unpin(struct arena *a)
{
	assert(a->pins);
	if (--a->pins == 0 && !a->family)
		arena_release(a);
}

static void arena_give(struct vm_space *s, struct arena *a)
{
	a->family = s->family;
	list_push_back(&s->family->arenas, &a->node);
}

void arena_adopt(struct vm_space *s, struct arena *a)
{
	assert(!a->family && !a->pins);
	list_remove(&a->node);
	free_arena_count--;
	a->uses++;
	a->streak = a == last_adopted ? a->streak + 1 : 1;
	last_adopted = a;
	arena_give(s, a);
}

bool place_homeless(const struct vm_space *s)
{
	const struct arena *a;

	list_for_each(a, &s->family->arenas, node)
	{
		if (a->start >= place_anywhere.low && a->start >= CHUNK_SIZE)
			return false;
	}
	return true;
}

static bool chunks_free(size_t chunk, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (chunk_owner[chunk + i])
			return false;
	}
	return true;
}

/* Random run of count free chunks inside limits; 0: none (chunk 0 is never given out this way). */
static size_t chunks_find(size_t count, const struct place_limits *limits)
{
	size_t first = MAX(ALIGN_UP(limits->low, CHUNK_SIZE) >> CHUNK_SHIFT, 1UL), last = limits->high >> CHUNK_SHIFT;

	if (last < first + count)
		return 0;
	size_t places = last - first - count + 1, from = rng_u64() % places;
	for (size_t i = 0; i < places; i++) {
		size_t chunk = first + (from + i) % places;
		if (chunks_free(chunk, count))
			return chunk;
	}
	return 0;
}

/* Memory that exists from the start is used first: the range, and nothing else in its chunks. */
static uaddr_t added_start, added_end;

void place_prefer(uaddr_t start, uaddr_t end)
{
	added_start = start;
	added_end = end;
}

static struct arena *arena_preferred(size_t len, const struct place_limits *limits)
{
	size_t chunk = added_start >> CHUNK_SHIFT;
	size_t count = ALIGN_UP(added_end - added_start, CHUNK_SIZE) >> CHUNK_SHIFT;

	if (added_end - added_start < len + CHUNK_SIZE / 8 || added_start < limits->low || added_end > limits->high ||
	    !chunks_free(chunk, count))
		return NULL;
	struct arena *a = arena_create(chunk, count);
	if (a)
		a->end = a->top = added_end;
	return a;
}

static struct arena *arena_fresh(struct vm_space *s, size_t count, size_t len,
				 const struct place_limits *limits)
{
	struct arena *a = arena_preferred(len, limits);
	size_t chunk = a ? 0 : chunks_find(count, limits);

	while (!a && !chunk && !list_empty(&free_arenas)) {
		arena_dissolve(list_last(&free_arenas, struct arena, node));
		chunk = chunks_find(count, limits);
	}
	if (chunk)
		a = arena_create(chunk, count);
	if (!a)
		return NULL;
	uaddr_t slack = a->end - a->start - len;
	uaddr_t scarce = place_confined() ? slack / 16 : slack;
	a->top = a->end - random_below(MIN(scarce, TOP_SPREAD));
	a->bottom = a->start + random_below(MIN(scarce / 2, BOTTOM_SPREAD));
	arena_give(s, a);
	return a;
}

static struct arena *arena_newest_free(size_t len, const struct place_limits *limits)
{
	struct arena *a;

	list_for_each(a, &free_arenas, node)
	{
		if (a->start >= limits->low && a->end <= limits->high &&
		    a->end - a->start >= len + CHUNK_SIZE && !arena_worn(a))
			return a;
	}
	return NULL;
}

/* One more arena for s with room for len bytes. */
static struct arena *arena_add(struct vm_space *s, size_t len, const struct place_limits *limits)
{
	struct arena *a = arena_newest_free(len, limits);
	size_t count = ALIGN_UP(len, CHUNK_SIZE) >> CHUNK_SHIFT;

	if (a && place_homeless(s)) {
		arena_adopt(s, a);
		return a;
	}
	if (limits == &place_anywhere && len <= CHUNK_SIZE / 2) {
		a = arena_fresh(s, arena_chunks, len, limits);
		if (a)
			return a;
	}
	return arena_fresh(s, count, len, limits);
}

/* Highest room in [low, high) without mappings, also of relatives, and without parked pieces, or 0. */
static uaddr_t gap_unparked(struct vm_space *s, struct arena *a, uaddr_t low, uaddr_t high,
			    size_t len)
{
	for (;;) {
		uaddr_t addr = high > low ? space_gap(s, low, high, len) : 0;
		if (!addr)
			return 0;
		if (!family_alone_in(s, addr, addr + len)) {
			high = family_blocked_at(s, addr, addr + len);
			continue;
		}
		struct parked *p = NULL, *next = park_first(a, addr, addr + len);
		while (next) {
			p = next;
			next = tree_entry_or_null(tree_next(&p->node), struct parked, node);
			if (next && next->start >= addr + len)
				next = NULL;
		}
		if (!p)
			return addr;
		high = p->start;
	}
}

static uaddr_t gap_in_arena(struct vm_space *s, struct arena *a, const struct place_limits *limits,
			    size_t len, bool over_parked)
{
	uaddr_t low = MAX(a->start, limits->low), high = MIN(a->end, limits->high), addr;

	if (high <= low || high - low < len)
		return 0;
	if (over_parked)
		return space_gap(s, low, high, len);
	addr = gap_unparked(s, a, low, MIN(a->top, high), len);
	return addr ? addr : gap_unparked(s, a, low, high, len);
}

static uaddr_t gap_in_arenas(struct vm_space *s, const struct place_limits *limits, size_t len,
			     bool over_parked)
{
	struct arena *a;

	list_for_each(a, &s->family->arenas, node)
	{
		uaddr_t addr = gap_in_arena(s, a, limits, len, over_parked);
		if (addr)
			return addr;
	}
	return 0;
}

/* Where addresses are memory (place_confine), that there are none left is worth a word, once. */
static long no_room(size_t len)
{
	static bool said;

	if (place_confined() && !said) {
		said = true;
		log_error("no room for a mapping of %lu KiB: the %lu MiB for programs were all added before the enclave "
			  "started (vm.sgx is 1): make resource_limits.user_space_size larger in Occlum.json",
			  len >> 10, (claimable.high - claimable.low) >> 20);
	}
	return -ENOMEM;
}

static uaddr_t find_inside(struct vm_space *s, size_t len, const struct place_limits *limits)
{
	if (limits->high < limits->low || len > limits->high - limits->low)
		return 0;
	uaddr_t addr = gap_in_arenas(s, limits, len, false);
	struct arena *a = addr ? NULL : arena_add(s, len, limits);
	if (a)
		addr = gap_in_arena(s, a, limits, len, false);
	if (!addr)
		addr = gap_in_arenas(s, limits, len, true);
	return addr;
}

long place_find(struct vm_space *s, size_t len, const struct place_limits *limits)
{
	uaddr_t addr = find_inside(s, len, limits);

	if (!addr && limits == &place_anywhere && place_confined())
		addr = find_inside(s, len, &claimable);
	return addr ? (long)addr : no_room(len);
}

long place_find_near(struct vm_space *s, uaddr_t at, size_t len)
{
	const uaddr_t reach = 1UL << 30;
	struct arena *a = place_arena(at);

	if (!a || a->family != s->family)
		return -ENOMEM;
	uaddr_t low = at - a->start > reach ? at - reach : a->start;
	uaddr_t high = a->end - at > reach ? at + reach : a->end;
	uaddr_t addr = gap_unparked(s, a, low, at, len);
	if (!addr)
		addr = gap_unparked(s, a, low, high, len);
	return addr ? (long)addr : -ENOMEM;
}

long place_find_program(struct vm_space *s, size_t len)
{
	const size_t heap_room = 64UL << 20;
	struct arena *a = NULL;

	if (list_empty(&s->family->arenas) && len < ELRANGE_END / 2)
		a = arena_add(s, len <= CHUNK_SIZE / 2 ? len : len + heap_room + CHUNK_SIZE,
			      &place_anywhere);
	for (int tries = 0; a && tries < 8; tries++) {
		uaddr_t addr =
			a->bottom + random_below(tries ? (a->end - a->start) / 4 : PAGE_SIZE);
		if (addr + len + MIN(heap_room, a->end - a->start) / 4 > a->end || addr + len < addr)
			continue;
		if (!park_first(a, addr, addr + len + (1UL << 20)) &&
		    space_range_free(s, addr, addr + len))
			return (long)addr;
	}
	return place_find(s, len, &place_anywhere);
}

static bool chunk_takeable(struct vm_space *s, size_t i)
{
	struct arena *a = chunk_owner[i];

	return !a || a->family == s->family || (!a->family && !a->pins);
}

bool place_claimable(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	if (start < claimable.low || end > claimable.high || end <= start)
		return false;
	if (start < LIBOS_END && end > LIBOS_START)
		return false;
	for (size_t i = start >> CHUNK_SHIFT; i <= (end - 1) >> CHUNK_SHIFT; i++) {
		if (!chunk_takeable(s, i))
			return false;
	}
	return true;
}

/* Other families that have parts of the range and s become one family. */
static int claim_from_others(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	int err = 0;

	if (start >= end || end > claimable.high)
		return 0;
	for (size_t i = start >> CHUNK_SHIFT; i <= (end - 1) >> CHUNK_SHIFT && !err; i++) {
		struct arena *a = chunk_owner[i];
		if (a && a->family && a->family != s->family && !a->family->fixed)
			err = family_merge(s, a->family);
	}
	return err;
}

int place_claim(struct vm_space *s, uaddr_t start, uaddr_t end)
{
	int err = claim_from_others(s, start, end);

	if (err || !place_claimable(s, start, end)) {
		log_warn("addresses %lx-%lx belong to another program's shared memory or to the LibOS", start, end);
		return -ENOMEM;
	}
	size_t last = (end - 1) >> CHUNK_SHIFT;
	for (size_t i = start >> CHUNK_SHIFT, n; i <= last; i += n) {
		struct arena *a = chunk_owner[i];
		n = 1;
		if (a && !a->family)
			arena_adopt(s, a);
		if (a)
			continue;
		while (i + n <= last && !chunk_owner[i + n])
			n++;
		a = arena_create(i, n);
		if (!a)
			return -ENOMEM;
		arena_give(s, a);
	}
	return 0;
}

void place_reclaim(size_t bytes)
{
	uint64_t target = pages_committed - MIN(pages_committed, bytes >> PAGE_SHIFT);

	while (pages_committed > target && !list_empty(&free_arenas))
		arena_dissolve(list_last(&free_arenas, struct arena, node));
	if (pages_committed > target)
		park_shrink((pages_committed - target) << PAGE_SHIFT);
}

void place_trim(void)
{
	while (!list_empty(&free_arenas) &&
	       (free_arena_count > FREE_ARENAS_MAX ||
		pages_committed - vm_pages_used - park_pages > POOL_MAX))
		arena_dissolve(list_last(&free_arenas, struct arena, node));
	if (park_pages > PARKED_MAX)
		park_shrink((park_pages - PARKED_MAX) << PAGE_SHIFT);
}
