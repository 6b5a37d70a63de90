/* measure.h: MRENCLAVE, the SHA-256 over one 64-byte record for each ECREATE, EADD and EEXTEND. */
#pragma once
#include <openssl/evp.h>

#include "arch.h"

struct sgx_measure {
	EVP_MD_CTX *hash;
	uint32_t fill; /* of pending, which belongs behind what is hashed */
	uint8_t pending[4096];
};

int measure_create(struct sgx_measure *m, uint32_t ssa_frame_size,
		   uint64_t size); /* 0 or -ENOMEM */
void measure_add(struct sgx_measure *m, uint64_t offset, const struct sgx_secinfo *si);
void measure_extend(struct sgx_measure *m, uint64_t offset, const void *chunk); /* 256 bytes */
/* The value so far; more may be added after it. */
void measure_value(const struct sgx_measure *m, uint8_t mrenclave[SGX_HASH_SIZE]);
void measure_free(struct sgx_measure *m);
