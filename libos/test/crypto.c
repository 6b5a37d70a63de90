/* crypto.c: known answers (NIST, RFC) and agreement with libcrypto on random inputs. */
#include "base/string.h"
#include "crypto/cmac.h"
#include "crypto/gcm.h"
#include "crypto/hkdf.h"
#include "crypto/x25519.h"
#include "test/crypto_reference.h"
#include "test/unit.h"

extern uint32_t OPENSSL_ia32cap_P[4];

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static size_t hex(const char *s, uint8_t *out)
{
	size_t n = 0;

	for (; *s; s += 2)
		out[n++] = (uint8_t)(digit(s[0]) << 4 | digit(s[1]));
	return n;
}

static void check_hex(const void *got, const char *want)
{
	uint8_t buf[256];
	size_t n = hex(want, buf);

	CHECK(!memcmp(got, buf, n));
}

static void gcm_case(const char *key, const char *nonce, const char *aad, const char *text, const char *sealed, const char *tag)
{
	uint8_t k[32], iv[12], a[64], p[128], c[128], t[16];
	size_t an = hex(aad, a), n = hex(text, p);
	struct gcm_key g;

	hex(key, k);
	hex(nonce, iv);
	gcm_key_init(&g, k);
	gcm_seal(&g, iv, a, an, p, n, c, t);
	check_hex(c, sealed);
	check_hex(t, tag);
	CHECK(gcm_open(&g, iv, a, an, c, n, c, t));
	CHECK(!memcmp(c, p, n));
}

/* Test cases 13 to 16 of "The Galois/Counter Mode of Operation" (McGrew, Viega), 256-bit keys. */
static void gcm_cases(void)
{
	static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
	static const char key[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
	static const char text[] = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449"
				   "a6b525b16aedf5aa0de657ba637b391aafd255";
	static const char sealed[] = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105"
				     "6828838c5f61e6393ba7a0abcc9f662898015ad";
	char text60[121] = { 0 }, sealed60[121] = { 0 };

	gcm_case(zeros, "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b");
	gcm_case(zeros, "000000000000000000000000", "", "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18",
		 "d0d1c8a799996bf0265b98b5d48ab919");
	gcm_case(key, "cafebabefacedbaddecaf888", "", text, sealed, "b094dac5d93471bdec1a502270e3cc6c");
	memcpy(text60, text, 120);
	memcpy(sealed60, sealed, 120);
	gcm_case(key, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", text60, sealed60,
		 "76fc6ece0f4e1768cddf8853bb2d551b");
}

UNIT_TEST(crypto, gcm_known_answers)
{
	gcm_cases();
}

/* The two steps of processors without AVX. */
UNIT_TEST(crypto, gcm_without_avx)
{
	OPENSSL_ia32cap_P[1] &= ~(1u << 28);
	gcm_cases();
}

UNIT_TEST(crypto, gcm_is_libcryptos)
{
	static uint8_t in[70000], want[70016], got[70016], back[70016];
	uint8_t key[32], iv[12], tag[16], right[16];
	struct gcm_key g;

	for (int round = 0; round < 600; round++) {
		int n, an;

		reference_random(key, 32);
		n = round < 400 ? round : (key[0] << 8 | key[1]) + key[2] % 4000;
		an = key[3] % 33;
		reference_random(iv, 12);
		reference_random(in, n);
		gcm_key_init(&g, key);
		reference_seal(key, iv, key, an, in, n, want, right);
		gcm_seal(&g, iv, key, (size_t)an, in, (size_t)n, got, tag);
		CHECK(!memcmp(want, got, (size_t)n) && !memcmp(tag, right, 16));
		CHECK(gcm_open(&g, iv, key, (size_t)an, got, (size_t)n, back, tag));
		CHECK(!memcmp(back, in, (size_t)n));
	}
}

UNIT_TEST(crypto, gcm_refuses)
{
	uint8_t key[32] = { 1 }, iv[12] = { 2 }, aad[4] = { 3 }, text[300] = { 4 }, sealed[300], out[300], tag[16];
	struct gcm_key g;

	gcm_key_init(&g, key);
	gcm_seal(&g, iv, aad, 4, text, 300, sealed, tag);
	for (int i = 0; i < 300 * 8; i += 13) {
		sealed[i / 8] ^= (uint8_t)(1 << i % 8);
		CHECK(!gcm_open(&g, iv, aad, 4, sealed, 300, out, tag));
		CHECK(!out[0] && !memcmp(out, out + 1, 299));
		sealed[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	tag[15] ^= 1;
	CHECK(!gcm_open(&g, iv, aad, 4, sealed, 300, out, tag));
	tag[15] ^= 1;
	aad[0]++;
	CHECK(!gcm_open(&g, iv, aad, 4, sealed, 300, out, tag));
	aad[0]--;
	iv[11]++;
	CHECK(!gcm_open(&g, iv, aad, 4, sealed, 300, out, tag));
	iv[11]--;
	CHECK(!gcm_open(&g, iv, aad, 4, sealed, 299, out, tag));
	CHECK(gcm_open(&g, iv, aad, 4, sealed, 300, out, tag));
}

/* RFC 4493, section 4. */
UNIT_TEST(crypto, cmac)
{
	static const char text[] = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
				   "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
	uint8_t key[16], m[64], mac[16];

	hex("2b7e151628aed2a6abf7158809cf4f3c", key);
	hex(text, m);
	aes128_cmac(key, m, 0, mac);
	check_hex(mac, "bb1d6929e95937287fa37d129b756746");
	aes128_cmac(key, m, 16, mac);
	check_hex(mac, "070a16b46b4d4144f79bdd9dd04a287c");
	aes128_cmac(key, m, 40, mac);
	check_hex(mac, "dfa66747de9ae63030ca32611497c827");
	aes128_cmac(key, m, 64, mac);
	check_hex(mac, "51f0bebf7e3b9d92fc49741779363cfe");
}

/* RFC 4231, test case 2, and RFC 5869, test cases 1 and 3. */
UNIT_TEST(crypto, hkdf)
{
	uint8_t secret[22], salt[13], info[10], out[42], mac[32];

	hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
	check_hex(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(secret, 0x0b, sizeof(secret));
	hex("000102030405060708090a0b0c", salt);
	hex("f0f1f2f3f4f5f6f7f8f9", info);
	hkdf_sha256(salt, 13, secret, 22, info, 10, out, 42);
	check_hex(out, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
	hkdf_sha256("", 0, secret, 22, "", 0, out, 42);
	check_hex(out, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

static void x25519_case(const char *secret, const char *u, const char *want)
{
	uint8_t k[32], p[32], out[32];

	hex(secret, k);
	hex(u, p);
	CHECK(x25519_shared(k, p, out));
	check_hex(out, want);
}

/* RFC 7748, sections 5.2 and 6.1. */
UNIT_TEST(crypto, x25519_known_answers)
{
	uint8_t k[32] = { 9 }, u[32] = { 9 }, r[32];

	x25519_case("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
		    "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
		    "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
	x25519_case("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
		    "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
		    "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
	for (int i = 0; i < 1000; i++) {
		CHECK(x25519_shared(k, u, r));
		memcpy(u, k, 32);
		memcpy(k, r, 32);
		if (!i)
			check_hex(k, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
	}
	check_hex(k, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

UNIT_TEST(crypto, x25519_is_libcryptos)
{
	uint8_t secret[32], other[32], got[32], want[32];

	for (int i = 0; i < 500; i++) {
		reference_random(secret, 32);
		reference_random(other, 32);
		if (i % 4 == 1)
			memset(other, 0xff, 16 + i % 17); /* near and above p */
		if (i % 4 == 2) {
			memset(other + 1, 0xff, 31);
			other[0] = (uint8_t)(239 + i % 17); /* from p + 2 on: p - 1, p and p + 1 share nothing */
		}
		CHECK(x25519_shared(secret, other, got));
		reference_shared(secret, other, want);
		CHECK(!memcmp(got, want, 32));
	}
	memset(other, 0, 32);
	CHECK(!x25519_shared(secret, other, got));
	other[0] = 1;
	CHECK(!x25519_shared(secret, other, got));
	memset(other, 0xff, 32);
	for (unsigned b = 236; b <= 238; b++) {
		other[0] = (uint8_t)b;
		CHECK(!x25519_shared(secret, other, got));
	}
}

UNIT_TEST(crypto, both_sides_share)
{
	uint8_t a[32], b[32], pa[32], pb[32], one[32], two[32];

	reference_random(a, 32);
	reference_random(b, 32);
	x25519_public(a, pa);
	x25519_public(b, pb);
	CHECK(x25519_shared(a, pb, one) && x25519_shared(b, pa, two) && !memcmp(one, two, 32));
}
