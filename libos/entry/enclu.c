/* enclu.c: typed wrappers of the ENCLU leaves. */
#include "entry/enclu.h"
#include "base/log.h"

int enclu_leaf(unsigned leaf, const void *rbx, uint64_t rcx);

struct secinfo {
	uint64_t flags;
	uint64_t reserved[7];
} __attribute__((aligned(64)));

int enclu_eaccept(uint64_t addr, uint64_t secinfo_flags)
{
	struct secinfo info = { .flags = secinfo_flags };

	return enclu_leaf(ENCLU_EACCEPT, &info, addr);
}

int enclu_emodpe(uint64_t addr, uint64_t secinfo_flags)
{
	struct secinfo info = { .flags = secinfo_flags };

	return enclu_leaf(ENCLU_EMODPE, &info, addr);
}
