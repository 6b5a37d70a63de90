/* pages.h: what the LibOS knows about every page of the user part of ELRANGE: one byte each.
 *
 * Only vm/ includes this. Ranges are page aligned, end exclusive. prot is normalised by callees:
 * write or execute includes read, as on x86. */
#pragma once
#include "abi/layout.h"
#include "abi/ocall.h"
#include "base/types.h"

#define PG_PT	      0x07 /* R W X as in the host's page tables: what the CPU lets through */
#define PG_EPCM_SHIFT 3	   /* R W X as in the EPCM */
#define PG_EXISTS     0x08 /* R in the EPCM, which every page has: without PG_COMMITTED it is pooled (pool.c) */
#define PG_COMMITTED  0x40 /* the page exists and is in use */
#define PG_VALID      0x80 /* it holds what the mapping (or parked piece) over it says */

/* PROT_WRITE and PROT_EXEC imply PROT_READ. */
static inline int prot_normal(int prot)
{
	return prot & 6 ? (prot & 7) | 1 : prot & 1;
}

uint8_t page_state(uaddr_t addr);
bool page_is_zero(uaddr_t addr); /* of one that can be read */
/* First page with (state & mask) == value in [start, end), or end. */
uaddr_t pages_find(uaddr_t start, uaddr_t end, uint8_t mask, uint8_t value);
/* End of the run of such pages that begins at start (start itself if it is none). */
uaddr_t pages_run_end(uaddr_t start, uaddr_t end, uint8_t mask, uint8_t value);
size_t pages_count(uaddr_t start, uaddr_t end, uint8_t mask, uint8_t value);

/* [start, end) was added before the enclave ran (boot.h), R W X in the EPCM, without access, with any content. Such pages are
 * pooled and never given back, and their rights are those of the page tables: that is all that SGX1 can do, and it costs no
 * leaf. At boot, once. 0 or -ENOMEM. */
int pages_adopt(uaddr_t start, uaddr_t end) must_check;
/* Commits what is not committed yet: zero pages, R+W. -ENOMEM: some may have been committed. */
int pages_commit(uaddr_t start, uaddr_t end) must_check;
/* The same for who overwrites all of it: the content is whatever was there. */
int pages_commit_dirty(uaddr_t start, uaddr_t end) must_check;
/* Gives every committed page exactly these rights; no host call where they are right already. */
int pages_protect(uaddr_t start, uaddr_t end, int prot) must_check;
/* Gives every committed page at least these rights. */
int pages_grant(uaddr_t start, uaddr_t end, int prot) must_check;
/* Takes away from every committed page the rights that prot does not have. */
int pages_limit(uaddr_t start, uaddr_t end, int prot) must_check;
/* Is there memory for so many pages more? Gives back pooled memory if that helps. */
bool pages_room(size_t pages) must_check;
/* Committed pages are no longer: they go to the pool, without any access, and from there to the host. */
void pages_decommit(uaddr_t start, uaddr_t end);
/* Only those without PG_VALID. */
void pages_decommit_invalid(uaddr_t start, uaddr_t end);
/* Set or clear PG_VALID of committed pages; how many changed. */
size_t pages_set_valid(uaddr_t start, uaddr_t end);
size_t pages_clear_valid(uaddr_t start, uaddr_t end);
/* Zeroes the committed pages of the range; leaves them R+W. */
int pages_zero(uaddr_t start, uaddr_t end) must_check;

/* pagestate.c, for pages.c. There is room for the states of a range from now on. -ENOMEM. */
int page_states_make(uaddr_t start, uaddr_t end) must_check;
/* The pages of a range whose states are set have come into being, or (sign < 0) their states are 0 and they are gone. */
void page_states_account(uaddr_t start, uaddr_t end, int sign);
/* state = (state & ~clear) | set for pages of a range that has room; how many were changed. */
size_t page_states_change(uaddr_t start, uaddr_t end, uint8_t clear, uint8_t set);

/* pool.c, for pages.c: [start, end) has pages that can be given back, or rights that can be taken away, later. */
void pool_note_trim(uaddr_t start, uaddr_t end);
void pool_note_restrict(uaddr_t start, uaddr_t end);
/* pages.c, for pool.c. The whole range is pooled; 0: it is gone. */
int pages_trim(const struct mem_range *r, unsigned n) must_check;
/* The whole range is data with EPCM rights R+W of which the process may use R only: W goes from the EPCM too. */
int pages_restrict(const struct mem_range *r, unsigned n) must_check;

extern uint64_t pages_committed; /* pages, whole user range */
extern uint64_t pages_pooled;	 /* pages that exist besides those, but for adopted ones */
extern uint64_t pages_pooled_least; /* since pool.c set it */
/* Counts changes of page states and of mappings, but not those that turns of relatives make (family.c). Never 0. */
extern uint64_t pages_changes;
