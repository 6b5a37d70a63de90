/* gcm.h: AES-256-GCM (NIST SP 800-38D) with 96-bit nonces, on libcrypto's AES-NI and carry-less multiplication.
 *
 * A nonce must never be used twice with a key: whoever seals counts. Each call saves and restores the program's vector
 * registers itself and does not sleep; a key is used by one call at a time (giant lock). in and out may be
 * the same place, but must not overlap otherwise. */
#pragma once
#include "base/types.h"

#define GCM_KEY_SIZE 32u
#define GCM_NONCE_SIZE 12u
#define GCM_TAG_SIZE 16u

struct gcm_key {
	uint32_t round_keys[60]; /* as libcrypto's AES_KEY */
	uint32_t rounds, pad[3];
	/* In the order that libcrypto's assembly relies on. */
	uint8_t xi[16]; /* the hash, while a call runs */
	uint64_t h[2];
	uint64_t powers[16][2];
} __attribute__((aligned(16)));

void gcm_key_init(struct gcm_key *k, const uint8_t key[GCM_KEY_SIZE]);
void gcm_seal(struct gcm_key *k, const uint8_t nonce[GCM_NONCE_SIZE], const void *aad, size_t aad_len, const void *in, size_t n,
	      void *out, uint8_t tag[GCM_TAG_SIZE]);
/* False if tag is not that of nonce, aad and in: then out is all zero. */
bool gcm_open(struct gcm_key *k, const uint8_t nonce[GCM_NONCE_SIZE], const void *aad, size_t aad_len, const void *in, size_t n,
	      void *out, const uint8_t tag[GCM_TAG_SIZE]) must_check;
