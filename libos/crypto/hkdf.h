/* hkdf.h: HMAC-SHA-256 (RFC 2104) and HKDF (RFC 5869) for short inputs. Save vector registers themselves. */
#pragma once
#include "base/types.h"

#define HMAC_MESSAGE_MAX 256u /* bytes */
#define HKDF_INFO_MAX 128u

/* key_len <= 64, n <= HMAC_MESSAGE_MAX. */
void hmac_sha256(const void *key, size_t key_len, const void *message, size_t n, uint8_t mac[32]);
/* secret_len <= HMAC_MESSAGE_MAX, salt_len <= 64, info_len <= HKDF_INFO_MAX, n <= 255 * 32. */
void hkdf_sha256(const void *salt, size_t salt_len, const void *secret, size_t secret_len, const void *info, size_t info_len,
		 uint8_t *out, size_t n);
