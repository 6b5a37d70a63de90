/* options.c: the environment's words for the modelled machine. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int epc_parse(const char *s, uint64_t *pages)
{
	char *end;
	uint64_t n = strtoull(s, &end, 10);
	unsigned int shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;

	if (end == s || *s == '-' || end[!!shift] || n > UINT64_MAX >> shift)
		return -EINVAL;
	*pages = (n << shift) / SGX_PAGE_SIZE;
	return *pages >= DRIVER_EPC_MIN ? 0 : -EINVAL;
}

int sgx_options(struct driver_options *o, char err[ENCLAVE_ERR_SIZE])
{
	const char *cpu = getenv("OCCLUM_SGX_CPU"), *epc = getenv("OCCLUM_SGX_EPC");
	const char *tlb = getenv("OCCLUM_SGX_TLB");

	*o = (struct driver_options){0};
	if (cpu && sim_cpu_select(cpu)) {
		snprintf(err, ENCLAVE_ERR_SIZE, "OCCLUM_SGX_CPU is '%s'; it can be sim, skl, cfl, glk or icx",
			 cpu);
		return -EINVAL;
	}
	if (epc && epc_parse(epc, &o->epc_pages)) {
		snprintf(err, ENCLAVE_ERR_SIZE, "OCCLUM_SGX_EPC is '%s'; it is a size like 64M, at least 1M",
			 epc);
		return -EINVAL;
	}
	if (tlb && strcmp(tlb, "stale") && strcmp(tlb, "flushed")) {
		snprintf(err, ENCLAVE_ERR_SIZE, "OCCLUM_SGX_TLB is '%s'; it can be flushed or stale", tlb);
		return -EINVAL;
	}
	sgx_stale_tlb = tlb && !strcmp(tlb, "stale");
	return 0;
}
