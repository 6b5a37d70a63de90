/* hkdf.c: see hkdf.h. */
#include "crypto/hkdf.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/sha256.h"
#include "crypto/util.h"

#define BLOCK 64u
#define HASH 32u

static void pad(uint8_t block[BLOCK], const void *key, size_t key_len, uint8_t with)
{
	memset(block, 0, BLOCK);
	memcpy(block, key, key_len);
	for (unsigned i = 0; i < BLOCK; i++)
		block[i] ^= with;
}

void hmac_sha256(const void *key, size_t key_len, const void *message, size_t n, uint8_t mac[32])
{
	uint8_t buf[BLOCK + HMAC_MESSAGE_MAX];
	uint8_t inner[HASH];

	assert(key_len <= BLOCK && n <= HMAC_MESSAGE_MAX);
	pad(buf, key, key_len, 0x36);
	memcpy(buf + BLOCK, message, n);
	sha256(buf, BLOCK + n, inner);
	pad(buf, key, key_len, 0x5c);
	memcpy(buf + BLOCK, inner, HASH);
	sha256(buf, BLOCK + HASH, mac);
	wipe(buf, sizeof(buf));
	wipe(inner, sizeof(inner));
}

void hkdf_sha256(const void *salt, size_t salt_len, const void *secret, size_t secret_len, const void *info, size_t info_len,
		 uint8_t *out, size_t n)
{
	uint8_t key[HASH], step[HASH + HKDF_INFO_MAX + 1];
	uint8_t block[HASH];
	size_t before = 0;

	assert(info_len <= HKDF_INFO_MAX && n <= 255 * HASH);
	hmac_sha256(salt, salt_len, secret, secret_len, key);
	for (uint8_t i = 1; n; i++) {
		size_t k = MIN(n, (size_t)HASH);

		memcpy(step, block, before);
		memcpy(step + before, info, info_len);
		step[before + info_len] = i;
		hmac_sha256(key, HASH, step, before + info_len + 1, block);
		memcpy(out, block, k);
		out += k;
		n -= k;
		before = HASH;
	}
	wipe(key, sizeof(key));
	wipe(block, sizeof(block));
	wipe(step, sizeof(step));
}
