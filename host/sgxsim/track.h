/* track.h: may a page's old translation still be in use?
 *
 * The enclave has an epoch, which ETRACK counts on. A thread remembers the epoch in which it
 * entered; a page that is blocked, restricted or changes its type is stamped with the epoch of that
 * moment. Tracking of the page is complete when ETRACK ran after the stamp and all threads of the
 * stamp's epoch or before have left. Threads that enter later fetch fresh translations.
 *
 * A thread has its epoch before it counts as inside: while it enters, the epoch that stands in its TCS is that of its
 * last time, and whoever took it for the new one would find a thread of long ago in an epoch that is over. It reads the
 * epoch after it has claimed the TCS, so it may look older than it is, never younger. A driver that waits for threads
 * to leave waits for those that enter too. Outside stale-TLB mode (epcm.h) threads are not looked at. Usable where
 * accept.c is: no TLS, no vector registers. */
#pragma once
#include "sgxsim.h"

static inline void track_stamp(struct sgx_enclave *e, uint64_t addr)
{
	atomic_store_explicit(epcm_stamp(&e->epcm, addr), atomic_load(&e->epoch),
			      memory_order_relaxed);
}

static inline uint32_t track_stamped(struct sgx_enclave *e, uint64_t addr)
{
	return atomic_load_explicit(epcm_stamp(&e->epcm, addr), memory_order_relaxed);
}

/* The first TCS from t on with a thread inside that entered in this epoch or before. */
static inline struct sgx_tcs_state *track_next(struct sgx_tcs_state *t, uint32_t epoch)
{
	while (t && !(atomic_load(&t->busy) == TCS_INSIDE && atomic_load(&t->epoch) <= epoch))
		t = t->next;
	return t;
}

static inline bool track_complete(struct sgx_enclave *e, uint32_t stamp)
{
	uint32_t quiet = atomic_load(&e->quiet);

	if (stamp < quiet)
		return true;
	if (stamp >= atomic_load(&e->epoch))
		return false;
	if (!sgx_stale_tlb)
		return true;
	if (track_next(atomic_load(&e->tcs), stamp))
		return false;
	while (quiet <= stamp && !atomic_compare_exchange_weak(&e->quiet, &quiet, stamp + 1))
		;
	return true;
}
