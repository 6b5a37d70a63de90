/* rng.h: random numbers made inside the enclave (RDRAND-seeded DRBG); the host is never asked. */
#pragma once
#include "base/types.h"

void rng_init(void);
void rng_bytes(void *buf, size_t n);
uint64_t rng_u64(void);
