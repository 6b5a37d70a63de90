/* sha256.c: padding and state around libcrypto's block function (assembly: SHA-NI where there is). */
#include "crypto/sha256.h"
#include "base/string.h"
#include "thread/thread.h"

/* libcrypto: crypto/sha/asm and crypto/x86_64cpuid. The state is eight 32-bit words. */
void sha256_block_data_order(uint32_t state[8], const void *data, size_t blocks);

void sha256(const void *data, size_t n, uint8_t out[32])
{
	uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	uint8_t tail[128] = { 0 };
	size_t rest = n % 64, tail_blocks = rest < 56 ? 1 : 2;
	uint64_t bits = __builtin_bswap64(n * 8);

	memcpy(tail, (const char *)data + n - rest, rest);
	tail[rest] = 0x80;
	memcpy(tail + tail_blocks * 64 - 8, &bits, 8);
	fpu_begin();
	if (n >= 64)
		sha256_block_data_order(h, data, n / 64);
	sha256_block_data_order(h, tail, tail_blocks);
	fpu_end();
	for (int i = 0; i < 8; i++)
		h[i] = __builtin_bswap32(h[i]);
	memcpy(out, h, 32);
}
