/* epcm.h: the enclave page cache map, 16 bits for each page of ELRANGE.
 *
 * A two-level radix by linear page: leaves of 4096 entries (16 MiB of ELRANGE) come when the first
 * page in them does, so a 1 TiB ELRANGE costs what is in use. Owner and linear address of the real
 * EPCM follow from the place of the entry. Entries change by compare-and-swap: a lost race is the
 * EPCM lock conflict of the SDM. Behind the entries of a leaf lie their stamps: the tracking epoch in
 * which a page was blocked or changed (track.h). The PTE bits belong to the host's page tables (memory.c) and
 * change in the same way, so neither side loses the other's bits. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define EPCM_R		0x0001
#define EPCM_W		0x0002
#define EPCM_X		0x0004
#define EPCM_RWX	0x0007
#define EPCM_PENDING	0x0008
#define EPCM_MODIFIED	0x0010
#define EPCM_PR		0x0020
#define EPCM_BLOCKED	0x0040
#define EPCM_VALID	0x0080
#define EPCM_TYPE_SHIFT 8
#define EPCM_TYPE_MASK	0x0700
#define EPCM_PTE_SHIFT	11
#define EPCM_PTE_MASK	0x3800
#define EPCM_RESIDENT	0x4000 /* the driver gave memory to this page */
#define EPCM_USED	0x8000 /* that memory may be other than zero */
#define EPCM_CPU_MASK                                                                              \
	(EPCM_RWX | EPCM_PENDING | EPCM_MODIFIED | EPCM_PR | EPCM_BLOCKED | EPCM_VALID |           \
	 EPCM_TYPE_MASK) /* the rest is the driver's */

#define EPCM_TYPE(t)	((t) << EPCM_TYPE_SHIFT)
#define EPCM_LEAF_BITS	12
#define EPCM_LEAF_PAGES (1UL << EPCM_LEAF_BITS)

typedef _Atomic uint16_t epcm_entry_t;

struct epcm {
	uint64_t base; /* first linear address */
	uint64_t pages;
	_Atomic(epcm_entry_t *) *leaves;
};

int epcm_init(struct epcm *m, uint64_t base, uint64_t size);
void epcm_free(struct epcm *m);
/* The entry for an address in ELRANGE; NULL: out of memory. */
epcm_entry_t *epcm_entry_create(struct epcm *m, uint64_t addr);

/* The driver wrote the page out; its PTE bits stay here. */
static inline bool epcm_evicted(uint16_t v)
{
	return (v & (EPCM_RESIDENT | EPCM_USED)) == EPCM_USED;
}

static inline unsigned int epcm_type(uint16_t v)
{
	return (v & EPCM_TYPE_MASK) >> EPCM_TYPE_SHIFT;
}

/* Stale-TLB mode: pending pages are inaccessible until EACCEPT, and a changed page counts as tracked
 * only when every thread of the old epoch has left. Otherwise the host's own TLB flush after a
 * driver's operation stands for that. Set before the first enclave is made. */
extern bool sgx_stale_tlb;

/* Pending pages are inaccessible in any mode: set, for good, once the driver brings pages by itself
 * when they are touched, because then nobody accepted what is touched. */
extern bool sgx_pending_hidden;

/* Pages with one of these are not mapped. */
static inline uint16_t epcm_hidden(void)
{
	return sgx_stale_tlb || sgx_pending_hidden ? EPCM_BLOCKED | EPCM_PENDING : EPCM_BLOCKED;
}

/* What the page tables and the EPCM allow together, as R/W/X bits. */
static inline unsigned int epcm_effective(uint16_t v)
{
	uint16_t hidden = epcm_hidden();

	return (v & (EPCM_VALID | hidden)) == EPCM_VALID ? (v & EPCM_RWX) & (v >> EPCM_PTE_SHIFT) : 0;
}

/* NULL where no page of the leaf was ever allocated. addr must be in ELRANGE. */
static inline epcm_entry_t *epcm_entry(const struct epcm *m, uint64_t addr)
{
	uint64_t page = (addr - m->base) >> 12;
	epcm_entry_t *leaf =
		atomic_load_explicit(&m->leaves[page >> EPCM_LEAF_BITS], memory_order_acquire);

	return leaf ? leaf + (page & (EPCM_LEAF_PAGES - 1)) : 0;
}

/* Only for a page that has an entry. */
static inline _Atomic uint32_t *epcm_stamp(const struct epcm *m, uint64_t addr)
{
	uint64_t page = (addr - m->base) >> 12;
	epcm_entry_t *leaf =
		atomic_load_explicit(&m->leaves[page >> EPCM_LEAF_BITS], memory_order_acquire);

	return (_Atomic uint32_t *)(leaf + EPCM_LEAF_PAGES) + (page & (EPCM_LEAF_PAGES - 1));
}

static inline uint16_t epcm_load(const struct epcm *m, uint64_t addr)
{
	epcm_entry_t *entry = epcm_entry(m, addr);

	return entry ? atomic_load_explicit(entry, memory_order_acquire) : 0;
}

static inline int epcm_swap(epcm_entry_t *entry, uint16_t old, uint16_t new)
{
	return atomic_compare_exchange_strong(entry, &old, new);
}

/* Replaces the bits of mask, keeps the others; for the driver's bits. */
static inline void epcm_set_bits(epcm_entry_t *entry, uint16_t mask, uint16_t bits)
{
	uint16_t old = atomic_load(entry);

	while ((old & mask) != bits && !atomic_compare_exchange_weak(entry, &old, (old & ~mask) | bits))
		;
}
