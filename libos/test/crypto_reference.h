/* crypto_reference.h: what libcrypto itself answers. */
#pragma once
#include <stdint.h>

void reference_random(void *out, int n);
/* AES-256-GCM. */
void reference_seal(const uint8_t *key, const uint8_t *iv, const void *aad, int an, const void *in, int n, uint8_t *out, uint8_t *tag);
void reference_shared(const uint8_t *secret, const uint8_t *other, uint8_t *out);
