/* cpuid.c: a cache of CPUID leaves. Entries are written once and never change, so readers need no lock: a
 * slot is reserved by its counter and published by its valid flag. When the table is full, the instruction is executed. */
#include "entry/cpuid.h"
#include "base/types.h"

#define CACHE_SIZE 256

static struct entry {
	volatile bool valid;
	uint32_t leaf, subleaf;
	struct cpuid_result result;
} cache[CACHE_SIZE];
static volatile uint32_t used;

static void execute(uint32_t leaf, uint32_t subleaf, struct cpuid_result *r)
{
	__asm__ volatile("cpuid" : "=a"(r->eax), "=b"(r->ebx), "=c"(r->ecx), "=d"(r->edx) : "a"(leaf), "c"(subleaf));
}

void cpuid_get(uint32_t leaf, uint32_t subleaf, struct cpuid_result *out)
{
	uint32_t n = MIN(used, (uint32_t)CACHE_SIZE);
	struct entry *e;

	for (uint32_t i = 0; i < n; i++) {
		e = &cache[i];
		if (e->leaf == leaf && e->subleaf == subleaf && e->valid) {
			*out = e->result;
			return;
		}
	}
	execute(leaf, subleaf, out);
	n = used < CACHE_SIZE ? __atomic_fetch_add(&used, 1, __ATOMIC_SEQ_CST) : CACHE_SIZE;
	if (n >= CACHE_SIZE)
		return;
	e = &cache[n];
	e->leaf = leaf;
	e->subleaf = subleaf;
	e->result = *out;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	e->valid = true;
}
