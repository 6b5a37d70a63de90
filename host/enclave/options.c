/* options.c: the environment's words for the modelled machine. */
#include "options.h"

#include "../sgxsim/cost.h"

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

/* OCCLUM_SGX_COST=off, account:PROFILE or spin:PROFILE. */
static int cost_option(const char *s, char err[ENCLAVE_ERR_SIZE])
{
	enum cost_mode mode = s && !strncmp(s, "spin:", 5) ? COST_SPIN : COST_ACCOUNT;
	const char *profile = s ? strchr(s, ':') : NULL;
	struct cost_profile p;

	if (!s || !strcmp(s, "off"))
		return 0;
	if (!profile || (mode == COST_ACCOUNT && strncmp(s, "account:", 8))) {
		snprintf(err, ENCLAVE_ERR_SIZE,
			 "OCCLUM_SGX_COST is '%s'; it can be off, account:PROFILE or spin:PROFILE", s);
		return -EINVAL;
	}
	if (cost_profile_load(profile + 1, &p, err))
		return -EINVAL;
	cost_use(&p, mode);
	return 0;
}

static const char *stats_path;

void enclave_stats_print(FILE *to)
{
	cost_json(to);
}

void enclave_stats_write(void)
{
	FILE *f = stats_path ? fopen(stats_path, "we") : NULL;

	if (!stats_path)
		return;
	if (!f) {
		fprintf(stderr, "occlum: cannot write %s: %s\n", stats_path, strerror(errno));
		return;
	}
	cost_json(f);
	fclose(f);
}

int sgx_options(struct driver_options *o, char err[ENCLAVE_ERR_SIZE])
{
	const char *cpu = getenv("OCCLUM_SGX_CPU"), *epc = getenv("OCCLUM_SGX_EPC");
	const char *tlb = getenv("OCCLUM_SGX_TLB"), *driver = getenv("OCCLUM_SGX_DRIVER");

	*o = (struct driver_options){0};
	if (cpu && sim_cpu_select(cpu)) {
		snprintf(err, ENCLAVE_ERR_SIZE, "OCCLUM_SGX_CPU is '%s'; it can be sim, sgx1, skl, cfl, glk or icx",
			 cpu);
		return -EINVAL;
	}
	if (epc && epc_parse(epc, &o->epc_pages)) {
		snprintf(err, ENCLAVE_ERR_SIZE, "OCCLUM_SGX_EPC is '%s'; it is a size like 64M, at least 1M",
			 epc);
		return -EINVAL;
	}
	if (driver && strcmp(driver, "linux") && strcmp(driver, "batch")) {
		snprintf(err, ENCLAVE_ERR_SIZE, "OCCLUM_SGX_DRIVER is '%s'; it can be linux or batch", driver);
		return -EINVAL;
	}
	o->linux_only = driver && !strcmp(driver, "linux");
	if (tlb && strcmp(tlb, "stale") && strcmp(tlb, "flushed")) {
		snprintf(err, ENCLAVE_ERR_SIZE, "OCCLUM_SGX_TLB is '%s'; it can be flushed or stale", tlb);
		return -EINVAL;
	}
	if (cost_option(getenv("OCCLUM_SGX_COST"), err))
		return -EINVAL;
	stats_path = getenv("OCCLUM_SGX_STATS");
	sgx_stale_tlb = tlb && !strcmp(tlb, "stale");
	return 0;
}
