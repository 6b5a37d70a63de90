/* x25519.h: Diffie-Hellman on Curve25519 (RFC 7748), on libcrypto's field arithmetic. Neither time nor memory accesses
 * depend on the secret. */
#pragma once
#include "base/types.h"

#define X25519_SIZE 32u

void x25519_public(const uint8_t secret[X25519_SIZE], uint8_t out[X25519_SIZE]);
/* False if the other's key is one of those that give zero whatever the secret: then nobody shares anything. */
bool x25519_shared(const uint8_t secret[X25519_SIZE], const uint8_t other[X25519_SIZE], uint8_t out[X25519_SIZE]) must_check;
