/* gcm.c: counter mode and hash put together. Long texts go through libcrypto's interleaved loop (AVX and MOVBE), which does both
 * at once; the rest, and all of it on processors without AVX, in two steps. */
#include "crypto/gcm.h"
#include "base/string.h"
#include "crypto/util.h"
#include "thread/thread.h"

/* libcrypto: crypto/aes/asm, crypto/modes/asm. */
int aesni_set_encrypt_key(const uint8_t *key, int bits, void *round_keys);
void aesni_encrypt(const uint8_t in[16], uint8_t out[16], const void *round_keys);
void aesni_ctr32_encrypt_blocks(const void *in, void *out, size_t blocks, const void *round_keys, const uint8_t counter[16]);
void gcm_init_avx(uint64_t powers[16][2], const uint64_t h[2]);
void gcm_init_clmul(uint64_t powers[16][2], const uint64_t h[2]);
void gcm_gmult_avx(uint8_t xi[16], uint64_t powers[16][2]);
void gcm_gmult_clmul(uint8_t xi[16], uint64_t powers[16][2]);
void gcm_ghash_avx(uint8_t xi[16], uint64_t powers[16][2], const void *in, size_t n);
void gcm_ghash_clmul(uint8_t xi[16], uint64_t powers[16][2], const void *in, size_t n);
/* Of the first n bytes so many as it likes (a multiple of 96); the counter and xi go on behind them. */
size_t aesni_gcm_encrypt(const void *in, void *out, size_t n, const void *round_keys, uint8_t counter[16], uint8_t xi[16]);
size_t aesni_gcm_decrypt(const void *in, void *out, size_t n, const void *round_keys, uint8_t counter[16], uint8_t xi[16]);
extern uint32_t OPENSSL_ia32cap_P[4];

_Static_assert(offsetof(struct gcm_key, powers) == offsetof(struct gcm_key, xi) + 32, "libcrypto finds the powers behind xi");
_Static_assert(offsetof(struct gcm_key, rounds) == 240, "AES_KEY");

#define BLOCK 16u

/* AVX and MOVBE, in CPUID.1:ECX. */
static bool have_avx(void)
{
	return (OPENSSL_ia32cap_P[1] >> 22 & 0x41) == 0x41;
}

void gcm_key_init(struct gcm_key *k, const uint8_t key[GCM_KEY_SIZE])
{
	uint8_t h[BLOCK] = { 0 };

	memset(k, 0, sizeof(*k));
	fpu_begin();
	aesni_set_encrypt_key(key, 256, k->round_keys);
	aesni_encrypt(h, h, k->round_keys);
	memcpy(k->h, h, BLOCK);
	k->h[0] = __builtin_bswap64(k->h[0]);
	k->h[1] = __builtin_bswap64(k->h[1]);
	(have_avx() ? gcm_init_avx : gcm_init_clmul)(k->powers, k->h);
	fpu_end();
	wipe(h, sizeof(h));
}

static void hash_blocks(struct gcm_key *k, const void *in, size_t n)
{
	if (n)
		(have_avx() ? gcm_ghash_avx : gcm_ghash_clmul)(k->xi, k->powers, in, n);
}

/* The last block is filled up with zeros. */
static void hash(struct gcm_key *k, const void *in, size_t n)
{
	uint8_t last[BLOCK] = { 0 };
	size_t whole = n - n % BLOCK;

	hash_blocks(k, in, whole);
	memcpy(last, (const uint8_t *)in + whole, n - whole);
	if (n != whole)
		hash_blocks(k, last, BLOCK);
}

static void counter_add(uint8_t counter[BLOCK], size_t blocks)
{
	uint32_t c;

	memcpy(&c, counter + 12, 4);
	c = __builtin_bswap32(__builtin_bswap32(c) + (uint32_t)blocks);
	memcpy(counter + 12, &c, 4);
}

static void crypt(struct gcm_key *k, uint8_t counter[BLOCK], const uint8_t *in, uint8_t *out, size_t n)
{
	size_t blocks = n / BLOCK, rest = n % BLOCK;
	uint8_t last[BLOCK] = { 0 };

	if (blocks)
		aesni_ctr32_encrypt_blocks(in, out, blocks, k->round_keys, counter);
	if (!rest)
		return;
	counter_add(counter, blocks);
	memcpy(last, in + blocks * BLOCK, rest);
	aesni_ctr32_encrypt_blocks(last, last, 1, k->round_keys, counter);
	memcpy(out + blocks * BLOCK, last, rest);
}

/* Begins a text: the counter of its first block, and the hash of what is only authenticated. */
static void begin(struct gcm_key *k, const uint8_t nonce[GCM_NONCE_SIZE], const void *aad, size_t aad_len,
		  uint8_t counter[BLOCK])
{
	memcpy(counter, nonce, GCM_NONCE_SIZE);
	memset(counter + GCM_NONCE_SIZE, 0, 4);
	counter[15] = 2;
	memset(k->xi, 0, BLOCK);
	hash(k, aad, aad_len);
}

static void finish(struct gcm_key *k, const uint8_t nonce[GCM_NONCE_SIZE], size_t aad_len, size_t n, uint8_t tag[GCM_TAG_SIZE])
{
	uint64_t lengths[2] = { __builtin_bswap64(aad_len * 8), __builtin_bswap64(n * 8) };
	uint8_t first[BLOCK] = { 0 };

	hash_blocks(k, lengths, sizeof(lengths));
	memcpy(first, nonce, GCM_NONCE_SIZE);
	first[15] = 1;
	aesni_encrypt(first, first, k->round_keys);
	for (unsigned i = 0; i < BLOCK; i++)
		tag[i] = k->xi[i] ^ first[i];
}

void gcm_seal(struct gcm_key *k, const uint8_t nonce[GCM_NONCE_SIZE], const void *aad, size_t aad_len, const void *in, size_t n,
	      void *out, uint8_t tag[GCM_TAG_SIZE])
{
	uint8_t counter[BLOCK];
	size_t bulk = 0;

	fpu_begin();
	begin(k, nonce, aad, aad_len, counter);
	if (have_avx())
		bulk = aesni_gcm_encrypt(in, out, n, k->round_keys, counter, k->xi);
	crypt(k, counter, (const uint8_t *)in + bulk, (uint8_t *)out + bulk, n - bulk);
	hash(k, (const uint8_t *)out + bulk, n - bulk);
	finish(k, nonce, aad_len, n, tag);
	fpu_end();
}

bool gcm_open(struct gcm_key *k, const uint8_t nonce[GCM_NONCE_SIZE], const void *aad, size_t aad_len, const void *in, size_t n,
	      void *out, const uint8_t tag[GCM_TAG_SIZE])
{
	uint8_t counter[BLOCK], right[GCM_TAG_SIZE];
	size_t bulk = 0;
	bool ok;

	fpu_begin();
	begin(k, nonce, aad, aad_len, counter);
	if (have_avx())
		bulk = aesni_gcm_decrypt(in, out, n, k->round_keys, counter, k->xi);
	hash(k, (const uint8_t *)in + bulk, n - bulk);
	crypt(k, counter, (const uint8_t *)in + bulk, (uint8_t *)out + bulk, n - bulk);
	finish(k, nonce, aad_len, n, right);
	fpu_end();
	ok = same_bytes(right, tag, GCM_TAG_SIZE);
	if (!ok)
		memset(out, 0, n);
	wipe(right, sizeof(right));
	return ok;
}
