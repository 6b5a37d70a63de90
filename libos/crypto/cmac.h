/* cmac.h: AES-128-CMAC (NIST SP 800-38B), the MAC of SGX REPORTs. Saves vector registers itself. */
#pragma once
#include "base/types.h"

#define CMAC_SIZE 16u

void aes128_cmac(const uint8_t key[16], const void *data, size_t n, uint8_t mac[CMAC_SIZE]);
