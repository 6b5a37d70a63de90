/* enclu.c: typed wrappers of the ENCLU leaves. */
#include "entry/enclu.h"
#include "base/log.h"
#include "base/string.h"
#include "entry/report.h"

int enclu_leaf(unsigned leaf, const void *rbx, uint64_t rcx);
int enclu_leaf3(unsigned leaf, const void *rbx, const void *rcx, void *rdx);

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

	/* It leaves RAX alone, so its own number means that it went well. */
	return enclu_leaf(ENCLU_EMODPE, &info, addr) == ENCLU_FAULTED ? ENCLU_FAULTED : 0;
}

/* The operands in enclave memory, aligned as the leaf wants it. Under the giant lock, or at boot. */
void enclu_ereport(const struct sgx_targetinfo *target, const uint8_t data[64], struct sgx_report *out)
{
	static uint8_t aligned[64] __attribute__((aligned(128)));

	memcpy(aligned, data, sizeof(aligned));
	enclu_leaf3(ENCLU_EREPORT, target, aligned, out);
}

int enclu_egetkey(const struct sgx_keyrequest *request, uint8_t key[16])
{
	static uint8_t aligned[16] __attribute__((aligned(16)));
	int err = enclu_leaf3(ENCLU_EGETKEY, request, aligned, NULL);

	memcpy(key, aligned, sizeof(aligned));
	memset(aligned, 0, sizeof(aligned));
	return err;
}

uint64_t enclu_xfrm(void)
{
	static const struct sgx_targetinfo nobody;
	static const uint8_t data[64];
	static struct sgx_report report;

	enclu_ereport(&nobody, data, &report);
	return report.xfrm;
}
