/* pages.c: commit, rights and release of user pages, with a state byte for each (pagestate.c).
 *
 * The state bytes are the truth about what was asked of the host and accepted by the CPU; so no
 * host call is made for a page that is already as wanted, and calls cover runs as long as possible
 * (the host kernel allows a process 65,530 mappings). EPCM rights and page-table rights are kept
 * apart: taking rights away for a while (munmap into the pool, PROT_NONE, data that is only read) needs the page
 * tables only; what is left to do in the EPCM is promised to pool.c. Giant lock; nothing here sleeps. */
#include "vm/pages.h"
#include "base/log.h"
#include "base/string.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "vm/place.h"
#include "vm/pool.h"
#include "vm/vm.h"

uint64_t pages_committed, pages_pooled, pages_pooled_least;

static uaddr_t adopted_start, adopted_end; /* pages_adopt() */

/* Pages that exist beyond the limit, if there were so many more. */
static size_t pages_excess(size_t more)
{
	uint64_t limit = vm_user_limit >> PAGE_SHIFT, pages = pages_committed + pages_pooled + more;

	return vm_user_limit && pages > limit ? pages - limit : 0;
}

bool pages_room(size_t pages)
{
	size_t excess = pages_excess(pages);

	if (excess)
		pool_release(excess);
	excess = pages_excess(pages);
	if (!excess)
		return true;
	place_reclaim(excess << PAGE_SHIFT);
	pool_release(excess);
	return !pages_excess(pages);
}

static bool adopted(uaddr_t addr)
{
	return addr >= adopted_start && addr < adopted_end;
}

/* The end of the run of pages in this state that begins at start, all of them adopted or none. */
static uaddr_t run_end(uaddr_t start, uaddr_t end, uint8_t mask, uint8_t state)
{
	if (adopted(start))
		end = MIN(end, adopted_end);
	else if (start < adopted_start)
		end = MIN(end, adopted_start);
	return pages_run_end(start, end, mask, state);
}

/* Rights that the EPCM has too many of may be taken away later, by pool.c, if the host could gain nothing but to let a
 * program write to its own data: never code, lest the host have it written, or data run. */
static bool restrict_later(int epcm, int want)
{
	return epcm == (PROT_READ | PROT_WRITE) && want == PROT_READ;
}

/* A run of pages with equal rights gets `want`. EMODPE can only add, EMODPR only take away: RW ->
 * RX is both. */
static int run_protect(uaddr_t start, uaddr_t end, uint8_t state, int want)
{
	int epcm = state >> PG_EPCM_SHIFT & 7, pt = state & PG_PT, err = 0;
	struct mem_range r = {start, end - start};

	if (want == PROT_NONE) {
		err = host_mem_protect(start, end - start, PROT_NONE);
		pt = err ? pt : PROT_NONE;
	} else if ((epcm | want) != epcm) {
		err = host_mem_extend(start, end - start, epcm | want);
		epcm = pt = err ? epcm : epcm | want;
	}
	bool later = want && restrict_later(epcm, want);
	if (!err && want && epcm != want && !later && !adopted(start)) {
		err = host_mem_restrict(&r, 1, want);
		epcm = err ? epcm : want;
		pt &= epcm; /* more than that is of no use, so it does not count */
	}
	if (!err && want && pt != want) {
		err = host_mem_protect(start, end - start, want);
		pt = err ? pt : want;
	}
	page_states_change(start, end, PG_PT | 7 << PG_EPCM_SHIFT,
		      (uint8_t)(pt | epcm << PG_EPCM_SHIFT));
	if (later && !err)
		pool_note_restrict(start, end);
	return err ? -ENOMEM : 0;
}

static int run_augment(uaddr_t start, uaddr_t end)
{
	if (!pages_room((end - start) >> PAGE_SHIFT))
		return -ENOMEM;
	int err = page_states_make(start, end);
	if (!err)
		err = host_mem_augment(start, end - start);
	if (err) {
		place_reclaim(end - start);
		pool_release((end - start) >> PAGE_SHIFT);
		err = page_states_make(start, end);
		if (!err)
			err = host_mem_augment(start, end - start);
	}
	if (err)
		return -ENOMEM;
	page_states_change(start, end, 0xff, PG_COMMITTED | 3 << PG_EPCM_SHIFT | 3);
	page_states_account(start, end, 1);
	pages_committed += (end - start) >> PAGE_SHIFT;
	return 0;
}

int pages_adopt(uaddr_t start, uaddr_t end)
{
	int err = page_states_make(start, end);

	if (err)
		return err;
	page_states_change(start, end, 0xff, 7 << PG_EPCM_SHIFT);
	page_states_account(start, end, 1);
	adopted_start = start;
	adopted_end = end;
	return 0;
}

/* Pooled pages in equal state: no leaf is needed, but for rights. */
static int run_unpool(uaddr_t start, uaddr_t end, uint8_t state, bool zero)
{
	size_t pages = (end - start) >> PAGE_SHIFT;

	if (run_protect(start, end, state, PROT_READ | PROT_WRITE))
		return -ENOMEM;
	if (zero)
		memset((void *)start, 0, end - start);
	page_states_change(start, end, 0, PG_COMMITTED);
	pages_pooled -= adopted(start) ? 0 : pages;
	pages_pooled_least = MIN(pages_pooled_least, pages_pooled);
	pages_committed += pages;
	return 0;
}

static int range_commit(uaddr_t start, uaddr_t end, bool zero)
{
	for (uaddr_t a = pages_find(start, end, PG_COMMITTED, 0), stop; a < end;
	     a = pages_find(stop, end, PG_COMMITTED, 0)) {
		uint8_t state = page_state(a);
		stop = run_end(a, end, 0xff, state);
		int err = state ? run_unpool(a, stop, state, zero) : run_augment(a, stop);
		if (err)
			return err;
	}
	return 0;
}

int pages_commit(uaddr_t start, uaddr_t end)
{
	return range_commit(start, end, true);
}

int pages_commit_dirty(uaddr_t start, uaddr_t end)
{
	return range_commit(start, end, false);
}

/* Is there something to do for a committed page in `state` to have (at least) these rights? */
static bool rights_wrong(uaddr_t at, uint8_t state, int want, bool at_least)
{
	int epcm = state >> PG_EPCM_SHIFT & 7, pt = state & PG_PT;

	if (at_least)
		return (pt & want) != want;
	return pt != want || (want && epcm != want && !restrict_later(epcm, want) && !adopted(at));
}

static int rights_set(uaddr_t start, uaddr_t end, int prot, bool at_least)
{
	const uint8_t mask = (uint8_t)~PG_VALID;
	int want = prot_normal(prot);

	for (uaddr_t a = start, stop; a < end; a = stop) {
		a = pages_find(a, end, PG_COMMITTED, PG_COMMITTED);
		if (a == end)
			break;
		uint8_t state = page_state(a) & mask;
		stop = run_end(a, end, mask, state);
		if (!rights_wrong(a, state, want, at_least))
			continue;
		int err = run_protect(a, stop, state, at_least ? want | (state & PG_PT) : want);
		if (err)
			return err;
	}
	return 0;
}

int pages_protect(uaddr_t start, uaddr_t end, int prot)
{
	return rights_set(start, end, prot, false);
}

int pages_grant(uaddr_t start, uaddr_t end, int prot)
{
	return rights_set(start, end, prot, true);
}

int pages_limit(uaddr_t start, uaddr_t end, int prot)
{
	const uint8_t mask = (uint8_t)~PG_VALID;
	int want = prot_normal(prot);

	for (uaddr_t a = start, stop; a < end; a = stop) {
		a = pages_find(a, end, PG_COMMITTED, PG_COMMITTED);
		if (a == end)
			break;
		uint8_t state = page_state(a) & mask;
		stop = run_end(a, end, mask, state);
		if (!(state & PG_PT & ~want))
			continue;
		int err = run_protect(a, stop, state, state & PG_PT & want);
		if (err)
			return err;
	}
	return 0;
}

/* Committed runs without access, which are about to be pooled. */
static void runs_pool(const struct mem_range *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		page_states_change(r[i].addr, r[i].addr + r[i].len, PG_PT | PG_COMMITTED | PG_VALID, 0);
		pages_committed -= r[i].len >> PAGE_SHIFT;
		pages_pooled += adopted(r[i].addr) ? 0 : r[i].len >> PAGE_SHIFT;
	}
}

static void runs_hide_and_pool(const struct mem_range *r, unsigned n)
{
	int err = n ? host_mem_hide(r, n) : 0;

	if (!err) {
		runs_pool(r, n);
		return;
	}
	log_error("memory at %lx could not be given back: error %d", r->addr, -err);
	for (unsigned i = 0; i < n; i++)
		pages_clear_valid(r[i].addr, r[i].addr + r[i].len);
}

/* Adopted pages are never given back. */
static void note_trim(uaddr_t start, uaddr_t end)
{
	if (start < MIN(end, adopted_start))
		pool_note_trim(start, MIN(end, adopted_start));
	if (MAX(start, adopted_end) < end)
		pool_note_trim(MAX(start, adopted_end), end);
}

/* Committed pages in a state go to the pool. */
static void range_pool(uaddr_t start, uaddr_t end, uint8_t mask, uint8_t value)
{
	const uint8_t accessible = PG_EXISTS | PROT_READ;
	struct mem_range r[OCALL_MEM_RANGES] = {{0}};
	unsigned n = 0;
	bool any = false;

	for (uaddr_t a = start, stop; a < end; a = stop) {
		a = pages_find(a, end, mask, value);
		if (a == end)
			break;
		stop = run_end(a, end, mask, value);
		struct mem_range run = {a, stop - a};
		any = true;
		if (pages_find(a, stop, accessible, accessible) == stop) {
			runs_pool(&run, 1);
			continue;
		}
		r[n++] = run;
		if (n == OCALL_MEM_RANGES) {
			runs_hide_and_pool(r, n);
			n = 0;
		}
	}
	runs_hide_and_pool(r, n);
	if (any)
		note_trim(start, end);
}

void pages_decommit(uaddr_t start, uaddr_t end)
{
	range_pool(start, end, PG_COMMITTED, PG_COMMITTED);
}

void pages_decommit_invalid(uaddr_t start, uaddr_t end)
{
	range_pool(start, end, PG_COMMITTED | PG_VALID, PG_COMMITTED);
}

int pages_trim(const struct mem_range *r, unsigned n)
{
	int err = host_mem_remove(r, n);

	if (err) {
		log_error("memory at %lx+%lx could not be given back: error %d", r->addr, r->len, -err);
		return err;
	}
	for (unsigned i = 0; i < n; i++) {
		page_states_change(r[i].addr, r[i].addr + r[i].len, 0xff, 0);
		page_states_account(r[i].addr, r[i].addr + r[i].len, -1);
		pages_pooled -= r[i].len >> PAGE_SHIFT;
	}
	return 0;
}

int pages_restrict(const struct mem_range *r, unsigned n)
{
	int err = host_mem_restrict(r, n, PROT_READ);

	if (err)
		log_error("memory at %lx+%lx stays writable in the EPCM: error %d", r->addr, r->len, -err);
	for (unsigned i = 0; i < n && !err; i++)
		page_states_change(r[i].addr, r[i].addr + r[i].len, PROT_WRITE << PG_EPCM_SHIFT, 0);
	return err;
}

int pages_zero(uaddr_t start, uaddr_t end)
{
	int err = pages_protect(start, end, PROT_READ | PROT_WRITE);

	if (err)
		return err;
	for (uaddr_t a = start, stop; a < end; a = stop) {
		a = pages_find(a, end, PG_COMMITTED, PG_COMMITTED);
		if (a == end)
			break;
		stop = pages_run_end(a, end, PG_COMMITTED, PG_COMMITTED);
		memset((void *)a, 0, stop - a);
	}
	return 0;
}
