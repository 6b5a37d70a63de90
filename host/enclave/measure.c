/* measure.c: a backend that builds nothing and computes MRENCLAVE, for `occlum build` and `print`.
 * It does in hashes what EADD and EEXTEND do, through the same loader sequence. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../sgxsim/sgxsim.h"
#include "backend.h"
#include "measure_pages.h"

static int hash_create(struct enclave *e, const struct sgx_secs *secs)
{
	struct sgx_measure *m = calloc(1, sizeof(*m));
	int ret;

	if (!m)
		return -ENOMEM;
	ret = measure_create(m, secs->ssa_frame_size, secs->size);
	if (ret)
		free(m);
	else
		e->priv = m;
	return ret;
}

void measure_pages(struct sgx_measure *m, uint64_t offset, const void *src, uint64_t len, uint64_t flags,
		   bool measure)
{
	bool tcs = (flags & SECINFO_TYPE_MASK) == SECINFO_TCS;
	struct sgx_secinfo si = {.flags = tcs ? flags & ~SECINFO_RWX : flags};
	const uint8_t *page;

	for (uint64_t i = 0; i < len; i += SGX_PAGE_SIZE) {
		page = src ? (const uint8_t *)src + i : sgx_zero_page;
		measure_add(m, offset + i, &si);
		for (uint64_t o = 0; measure && o < SGX_PAGE_SIZE; o += SGX_EXTEND_SIZE)
			measure_extend(m, offset + i + o, page + o);
	}
}

static int hash_add_pages(struct enclave *e, uint64_t addr, const void *src, uint64_t len,
			  uint64_t flags, unsigned int how)
{
	measure_pages(e->priv, addr - e->elrange.addr, src, len, flags, how & ADD_MEASURED);
	return 0;
}

static int hash_measurement(struct enclave *e, uint8_t mrenclave[SGX_HASH_SIZE])
{
	measure_value(e->priv, mrenclave);
	return 0;
}

static void hash_destroy(struct enclave *e)
{
	if (e->priv)
		measure_free(e->priv);
	free(e->priv);
}

const struct enclave_backend enclave_backend_measure = {
	.name = "measure",
	.create = hash_create,
	.add_pages = hash_add_pages,
	.measurement = hash_measurement,
	.destroy = hash_destroy,
};
