/* epcm.c: making and freeing the radix of epcm.h. Leaves appear by compare-and-swap and stay until
 * the map goes, so readers (the signal handler among them) need no lock. */
#include "epcm.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

bool sgx_stale_tlb;
bool sgx_pending_hidden;

static uint64_t leaf_count(const struct epcm *m)
{
	return (m->pages + EPCM_LEAF_PAGES - 1) >> EPCM_LEAF_BITS;
}

int epcm_init(struct epcm *m, uint64_t base, uint64_t size)
{
	m->base = base;
	m->pages = size >> 12;
	m->leaves = mmap(NULL, leaf_count(m) * sizeof(*m->leaves), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return m->leaves == MAP_FAILED ? -ENOMEM : 0;
}

void epcm_free(struct epcm *m)
{
	for (uint64_t i = 0; i < leaf_count(m); i++)
		free(m->leaves[i]);
	munmap(m->leaves, leaf_count(m) * sizeof(*m->leaves));
}

epcm_entry_t *epcm_entry_create(struct epcm *m, uint64_t addr)
{
	uint64_t page = (addr - m->base) >> 12;
	_Atomic(epcm_entry_t *) *slot = &m->leaves[page >> EPCM_LEAF_BITS];
	epcm_entry_t *leaf = atomic_load(slot);
	epcm_entry_t *fresh;

	if (!leaf) {
		fresh = calloc(EPCM_LEAF_PAGES, sizeof(*fresh) + sizeof(uint32_t));
		if (!fresh)
			return NULL;
		if (atomic_compare_exchange_strong(slot, &leaf, fresh))
			leaf = fresh;
		else
			free(fresh);
	}
	return leaf + (page & (EPCM_LEAF_PAGES - 1));
}
