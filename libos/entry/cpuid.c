/* cpuid.c: a cache of CPUID leaves, hashed by leaf and subleaf; ld.so alone asks for dozens at each start of a
 * program. Entries are written once and never change, so readers need no lock: a slot is claimed and published
 * by its state. When the table is full, the instruction is executed. */
#include "entry/cpuid.h"
#include "base/types.h"

#define CACHE_SIZE 256u

enum slot_state { SLOT_FREE, SLOT_CLAIMED, SLOT_VALID };

static struct entry {
	uint32_t state, leaf, subleaf;
	struct cpuid_result result;
} cache[CACHE_SIZE];

static void execute(uint32_t leaf, uint32_t subleaf, struct cpuid_result *r)
{
	__asm__ volatile("cpuid" : "=a"(r->eax), "=b"(r->ebx), "=c"(r->ecx), "=d"(r->edx) : "a"(leaf), "c"(subleaf));
}

/* Where ECX is no input, programs leave anything in it. */
static bool has_subleaves(uint32_t leaf)
{
	switch (leaf) {
	case 0 ... 3:
	case 5 ... 6:
	case 9 ... 0xa:
	case 0x15 ... 0x16:
	case 0x40000000 ... 0x4fffffff:
	case 0x80000000 ... 0x8000001c:
		return false;
	}
	return true;
}

/* The slot of the leaf, or the first free one after where it should be; NULL: neither. */
static struct entry *slot_find(uint32_t leaf, uint32_t subleaf, uint32_t *state)
{
	uint32_t at = (leaf * 0x9e3779b1u ^ subleaf * 0x85ebca6bu) >> 24;

	for (uint32_t i = 0; i < CACHE_SIZE; i++) {
		struct entry *e = &cache[(at + i) % CACHE_SIZE];

		*state = __atomic_load_n(&e->state, __ATOMIC_ACQUIRE);
		if (*state == SLOT_FREE || (*state == SLOT_VALID && e->leaf == leaf && e->subleaf == subleaf))
			return e;
	}
	return NULL;
}

void cpuid_get(uint32_t leaf, uint32_t subleaf, struct cpuid_result *out)
{
	uint32_t state;

	subleaf = has_subleaves(leaf) ? subleaf : 0;
	struct entry *e = slot_find(leaf, subleaf, &state);

	if (e && state == SLOT_VALID) {
		*out = e->result;
		return;
	}
	execute(leaf, subleaf, out);
	if (!e || !__atomic_compare_exchange_n(&e->state, &state, SLOT_CLAIMED, false, __ATOMIC_ACQUIRE,
					       __ATOMIC_RELAXED))
		return;
	e->leaf = leaf;
	e->subleaf = subleaf;
	e->result = *out;
	__atomic_store_n(&e->state, SLOT_VALID, __ATOMIC_RELEASE);
}
