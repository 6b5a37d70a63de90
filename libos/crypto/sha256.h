/* sha256.h: SHA-256 (libcrypto's inside the enclave); saves vector registers itself. */
#pragma once
#include "base/types.h"

void sha256(const void *data, size_t n, uint8_t out[32]);
