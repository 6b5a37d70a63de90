/* rng.c: a hash-based generator: block i = SHA-256(key, i); after each request the key is replaced by
 * SHA-256(key, "next"), so earlier output cannot be computed from a later state. Seeded and stirred with
 * RDSEED/RDRAND; without those the enclave does not start. */
#include "crypto/rng.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/sha256.h"

static struct {
	uint8_t key[32];
	uint64_t counter;
} state;

static bool hw_random(uint64_t *out)
{
	for (int tries = 0; tries < 100; tries++) {
		unsigned char ok;

		__asm__ volatile("rdrand %0; setc %1" : "=r"(*out), "=qm"(ok) : : "cc");
		if (ok)
			return true;
		__builtin_ia32_pause();
	}
	return false;
}

void rng_init(void)
{
	uint64_t seed[12];

	for (size_t i = 0; i < ARRAY_SIZE(seed); i++)
		if (!hw_random(&seed[i]))
			panic("RDRAND gives no numbers: no randomness, no start");
	sha256(seed, sizeof(seed), state.key);
	memset(seed, 0, sizeof(seed));
	__asm__ volatile("" : : "r"(seed) : "memory");
}

static void rekey(void)
{
	struct {
		uint8_t key[32];
		uint64_t fresh;
		char label[8];
	} in = { .label = "next" };

	memcpy(in.key, state.key, 32);
	hw_random(&in.fresh);
	sha256(&in, sizeof(in), state.key);
}

static void generate(uint8_t *p, size_t n)
{
	uint8_t block[32];

	while (n) {
		size_t k = MIN(n, sizeof(block));

		state.counter++;
		sha256(&state, sizeof(state), block);
		memcpy(p, block, k);
		p += k;
		n -= k;
	}
	rekey();
}

/* Small requests (addresses, stack cookies, uuids) share blocks made in advance; what is handed out is erased. */
void rng_bytes(void *buf, size_t n)
{
	static uint8_t pool[512];
	static size_t left;

	if (n > 64) {
		generate(buf, n);
		return;
	}
	if (left < n) {
		generate(pool, sizeof(pool));
		left = sizeof(pool);
	}
	left -= n;
	memcpy(buf, pool + left, n);
	memset(pool + left, 0, n);
}

uint64_t rng_u64(void)
{
	uint64_t v;

	rng_bytes(&v, sizeof(v));
	return v;
}
