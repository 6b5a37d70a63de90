/* cmac.c: see cmac.h. The last block is masked with a subkey: of a whole block K1, of a filled-up one K2. */
#include "crypto/cmac.h"
#include "base/string.h"
#include "crypto/util.h"
#include "thread/thread.h"

#define BLOCK 16u

/* libcrypto: crypto/aes/asm. */
int aesni_set_encrypt_key(const uint8_t *key, int bits, void *round_keys);
void aesni_encrypt(const uint8_t in[16], uint8_t out[16], const void *round_keys);

/* Doubling in GF(2^128), big-endian. */
static void twice(uint8_t b[BLOCK])
{
	uint8_t carry = b[0] >> 7;

	for (unsigned i = 0; i < BLOCK - 1; i++)
		b[i] = (uint8_t)(b[i] << 1 | b[i + 1] >> 7);
	b[BLOCK - 1] = (uint8_t)(b[BLOCK - 1] << 1 ^ (carry ? 0x87 : 0));
}

static void mix(uint8_t to[BLOCK], const uint8_t *with, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] ^= with[i];
}

void aes128_cmac(const uint8_t key[16], const void *data, size_t n, uint8_t mac[CMAC_SIZE])
{
	uint8_t round_keys[244] __attribute__((aligned(16)));
	uint8_t subkey[BLOCK] = { 0 }, state[BLOCK] = { 0 };
	const uint8_t *p = data;

	fpu_begin();
	aesni_set_encrypt_key(key, 128, round_keys);
	for (; n > BLOCK; n -= BLOCK, p += BLOCK) {
		mix(state, p, BLOCK);
		aesni_encrypt(state, state, round_keys);
	}
	aesni_encrypt(subkey, subkey, round_keys);
	twice(subkey);
	mix(state, p, n);
	if (n < BLOCK) {
		twice(subkey);
		state[n] ^= 0x80;
	}
	mix(state, subkey, BLOCK);
	aesni_encrypt(state, mac, round_keys);
	fpu_end();
	wipe(round_keys, sizeof(round_keys));
	wipe(subkey, sizeof(subkey));
}
