/* pool.c: leaf functions that are done later, in batches, or never.
 *
 * Giving a page back takes EMODT, ETRACK, an interrupt of every CPU in the enclave, EACCEPT and EREMOVE; getting it again EAUG
 * and EACCEPT. Taking a right away takes all but the last of these. So munmap and mprotect return when the host's page tables
 * are right (one call, no leaf) and promise the rest:
 *  - a page no longer in use is *pooled*: it exists, without any access, and whoever needs a page at its address takes it
 *    without a leaf, zeroed;
 *  - data that becomes read-only keeps W in the EPCM; if it is written to again before long, nothing was done in vain.
 *
 * The state bytes say what is promised (pages.h: exists but not committed; W in the EPCM but not in PG_PT). The queues
 * here only say where to look: a range of theirs may have been taken back meanwhile. Bounds: POOLED_MAX pages and RANGES
 * ranges wait to be given back, and of those that nobody needed for POOLED_AGE half go; RESTRICT_MAX pages and
 * RESTRICT_AGE for a right.
 *
 * Giant lock; nothing here sleeps. */
#include "vm/pool.h"
#include "time/clock.h"
#include "tunables.h"
#include "vm/pages.h"
#include "vm/vm.h"

#define RANGES	   128u
#define BATCH_PAGES 1024u /* of one call to the host, which does not return in between */
#define TRIM_STEP   4096u /* pages: programs wait meanwhile */

struct range {
	uaddr_t start, end;
};

struct queue {
	struct range range[RANGES];
	unsigned head, count; /* oldest first */
};

/* What is collected for one call. */
struct batch {
	struct mem_range r[OCALL_MEM_RANGES];
	unsigned n;
	size_t pages;
};

static struct queue trims, restricts;
static size_t restricts_noted; /* pages; some have been taken back */
static struct ktimer restrict_timer, trim_timer;

static struct range *queue_at(struct queue *q, unsigned i)
{
	return &q->range[(q->head + i) % RANGES];
}

/* Is the range noted already, or does it continue the newest one? */
static bool queue_covers(struct queue *q, uaddr_t start, uaddr_t end)
{
	for (unsigned i = q->count; i--;) {
		const struct range *r = queue_at(q, i);

		if (r->start <= start && end <= r->end)
			return true;
	}
	struct range *newest = q->count ? queue_at(q, q->count - 1) : NULL;
	if (!newest || start > newest->end || end < newest->start)
		return false;
	newest->start = MIN(newest->start, start);
	newest->end = MAX(newest->end, end);
	return true;
}

static void queue_push(struct queue *q, uaddr_t start, uaddr_t end)
{
	*queue_at(q, q->count++) = (struct range){start, end};
}

static struct range queue_pop(struct queue *q)
{
	struct range r = *queue_at(q, 0);

	q->head = (q->head + 1) % RANGES;
	q->count--;
	return r;
}

static int batch_run(struct batch *b, int (*fn)(const struct mem_range *, unsigned))
{
	int err = b->n ? fn(b->r, b->n) : 0;

	b->n = 0;
	b->pages = 0;
	return err;
}

/* Ranges noted at different times may overlap; a page must not be asked for twice in one call. */
static bool batch_overlaps(const struct batch *b, const struct range *r)
{
	for (unsigned i = 0; i < b->n; i++) {
		if (b->r[i].addr < r->end && r->start < b->r[i].addr + b->r[i].len)
			return true;
	}
	return false;
}

/* The pages of r in this state join the batch, which is run when it is full, `pages` at most. How many are left of those.
 * r->start moves up to what was not looked at. */
static size_t range_collect(struct range *r, struct batch *b, uint8_t mask, uint8_t value, size_t pages,
			    int (*fn)(const struct mem_range *, unsigned))
{
	if (batch_overlaps(b, r) && batch_run(b, fn))
		return 0;
	while (pages && (r->start = pages_find(r->start, r->end, mask, value)) < r->end) {
		size_t most = MIN(pages, BATCH_PAGES - b->pages);
		uaddr_t limit = MIN(r->end, r->start + (most << PAGE_SHIFT));
		uaddr_t stop = pages_run_end(r->start, limit, mask, value);

		b->r[b->n++] = (struct mem_range){r->start, stop - r->start};
		b->pages += (stop - r->start) >> PAGE_SHIFT;
		pages -= (stop - r->start) >> PAGE_SHIFT;
		r->start = stop;
		if ((b->n == OCALL_MEM_RANGES || b->pages == BATCH_PAGES) && batch_run(b, fn))
			return 0;
	}
	return pages;
}

void pool_release(size_t pages)
{
	struct batch b = {.n = 0};

	while (pages && trims.count) {
		struct range r = queue_pop(&trims);

		pages = range_collect(&r, &b, PG_COMMITTED | PG_EXISTS, PG_EXISTS, pages, pages_trim);
		if (r.start < r.end) { /* the rest stays the oldest */
			trims.head = (trims.head + RANGES - 1) % RANGES;
			trims.count++;
			*queue_at(&trims, 0) = r;
		}
	}
	(void)batch_run(&b, pages_trim); /* said in the log; it stays pooled */
}

static void restricts_settle(void)
{
	const uint8_t w = PROT_WRITE, mask = (uint8_t)(PG_COMMITTED | PG_PT | 7 << PG_EPCM_SHIFT);
	const uint8_t promised = (uint8_t)(PG_COMMITTED | PROT_READ | (PROT_READ | w) << PG_EPCM_SHIFT);
	struct batch b = {.n = 0};

	while (restricts.count) {
		struct range r = queue_pop(&restricts);

		(void)range_collect(&r, &b, mask, promised, SIZE_MAX, pages_restrict);
	}
	(void)batch_run(&b, pages_restrict);
	restricts_noted = 0;
}

static void timer_start(struct ktimer *t, void (*fn)(struct ktimer *), nsec_t age)
{
	if (t->armed)
		return;
	ktimer_init(t, fn);
	ktimer_arm(t, clock_mono() + age);
}

static void restricts_later(struct ktimer *t)
{
	(void)t;
	restricts_settle();
}

/* Half of the pages that were there all the time since the last look go. */
static void trims_later(struct ktimer *t)
{
	pool_release(MIN(pages_pooled_least / 2, TRIM_STEP));
	pages_pooled_least = pages_pooled;
	if (pages_pooled > POOLED_LOW && trims.count)
		ktimer_arm(t, clock_mono() + POOLED_AGE);
}

void pool_note_trim(uaddr_t start, uaddr_t end)
{
	if (!queue_covers(&trims, start, end)) {
		if (trims.count == RANGES) {
			struct range oldest = *queue_at(&trims, 0);
			pool_release((oldest.end - oldest.start) >> PAGE_SHIFT);
		}
		if (trims.count == RANGES)
			(void)queue_pop(&trims); /* the host refuses to take it: it stays */
		queue_push(&trims, start, end);
	}
	if (pages_pooled > POOLED_MAX)
		pool_release(pages_pooled - POOLED_MAX / 4 * 3);
	if (pages_pooled > POOLED_LOW && !trim_timer.armed) {
		pages_pooled_least = pages_pooled;
		timer_start(&trim_timer, trims_later, POOLED_AGE);
	}
}

void pool_note_restrict(uaddr_t start, uaddr_t end)
{
	restricts_noted += (end - start) >> PAGE_SHIFT;
	if (queue_covers(&restricts, start, end))
		return;
	if (restricts.count == RANGES || restricts_noted > RESTRICT_MAX)
		restricts_settle();
	queue_push(&restricts, start, end);
	timer_start(&restrict_timer, restricts_later, RESTRICT_AGE);
}

void pool_settle(void)
{
	restricts_settle();
	pool_release(SIZE_MAX);
}
