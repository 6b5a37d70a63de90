/* enclu.c: typed wrappers of the ENCLU leaves. */
#include "entry/enclu.h"
#include "base/log.h"

int enclu_leaf(unsigned leaf, const void *rbx, uint64_t rcx);
int enclu_leaf3(unsigned leaf, const void *rbx, const void *rcx, void *rdx);

/* REPORT, SDM 38.15: only what is read here. */
struct report {
	uint8_t cpusvn[16];
	uint32_t miscselect;
	uint8_t reserved[28];
	uint64_t attributes, xfrm;
	uint8_t rest[432 - 64];
} __attribute__((aligned(512)));
_Static_assert(offsetof(struct report, xfrm) == 56, "REPORT.ATTRIBUTES");

struct secinfo {
	uint64_t flags;
	uint64_t reserved[7];
} __attribute__((aligned(64)));

int enclu_eaccept(uint64_t addr, uint64_t secinfo_flags)
{
	struct secinfo info = { .flags = secinfo_flags };

	return enclu_leaf(ENCLU_EACCEPT, &info, addr);
}

void enclu_emodpe(uint64_t addr, uint64_t secinfo_flags)
{
	struct secinfo info = { .flags = secinfo_flags };

	enclu_leaf(ENCLU_EMODPE, &info, addr);
}

uint64_t enclu_xfrm(void)
{
	static const uint8_t target[512] __attribute__((aligned(512)));
	static const uint8_t data[64] __attribute__((aligned(128)));
	static struct report report;

	enclu_leaf3(ENCLU_EREPORT, target, data, &report);
	return report.xfrm;
}
