/* x25519.c: the Montgomery ladder of RFC 7748, section 5. Field elements are five limbs of 51 bits; multiplication is
 * libcrypto's assembly (general registers only). Its results have limbs a little over 51 bits, it takes ones of up to
 * 54: sums and differences need no carry before they are multiplied. */
#include "crypto/x25519.h"
#include "base/string.h"
#include "crypto/util.h"

typedef uint64_t fe[5];

/* libcrypto: crypto/ec/asm. */
void x25519_fe51_mul(fe out, const fe a, const fe b);
void x25519_fe51_sqr(fe out, const fe a);
void x25519_fe51_mul121666(fe out, const fe a);

#define LIMB 51
#define LIMB_MASK ((1UL << LIMB) - 1)

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Bit 255 is ignored, as the RFC says. */
static void fe_from_bytes(fe out, const uint8_t s[X25519_SIZE])
{
	out[0] = load64(s) & LIMB_MASK;
	out[1] = load64(s + 6) >> 3 & LIMB_MASK;
	out[2] = load64(s + 12) >> 6 & LIMB_MASK;
	out[3] = load64(s + 19) >> 1 & LIMB_MASK;
	out[4] = load64(s + 24) >> 12 & LIMB_MASK;
}

/* Carries once round; what leaves the top comes back 19-fold. */
static void fe_carry(fe a)
{
	for (int i = 0; i < 4; i++) {
		a[i + 1] += a[i] >> LIMB;
		a[i] &= LIMB_MASK;
	}
	a[0] += 19 * (a[4] >> LIMB);
	a[4] &= LIMB_MASK;
}

/* The one representative below p. */
static void fe_to_bytes(uint8_t s[X25519_SIZE], const fe in)
{
	fe a;
	uint64_t q, word;

	memcpy(a, in, sizeof(fe));
	fe_carry(a);
	fe_carry(a);
	/* q = 1 if a >= p: then adding 19 reaches bit 255. */
	q = (a[0] + 19) >> LIMB;
	for (int i = 1; i < 5; i++)
		q = (a[i] + q) >> LIMB;
	a[0] += 19 * q;
	for (int i = 0; i < 4; i++) {
		a[i + 1] += a[i] >> LIMB;
		a[i] &= LIMB_MASK;
	}
	a[4] &= LIMB_MASK;
	word = a[0] | a[1] << 51;
	memcpy(s, &word, 8);
	word = a[1] >> 13 | a[2] << 38;
	memcpy(s + 8, &word, 8);
	word = a[2] >> 26 | a[3] << 25;
	memcpy(s + 16, &word, 8);
	word = a[3] >> 39 | a[4] << 12;
	memcpy(s + 24, &word, 8);
}

static void fe_add(fe out, const fe a, const fe b)
{
	for (int i = 0; i < 5; i++)
		out[i] = a[i] + b[i];
}

/* a - b + 2p: never below zero. */
static void fe_sub(fe out, const fe a, const fe b)
{
	out[0] = a[0] + 0xfffffffffffdaUL - b[0];
	for (int i = 1; i < 5; i++)
		out[i] = a[i] + 0xffffffffffffeUL - b[i];
}

static void fe_swap(fe a, fe b, uint64_t bit)
{
	uint64_t mask = 0 - bit;

	for (int i = 0; i < 5; i++) {
		uint64_t t = mask & (a[i] ^ b[i]);

		a[i] ^= t;
		b[i] ^= t;
	}
}

/* out = a^(2^n). */
static void fe_square_times(fe out, const fe a, int n)
{
	x25519_fe51_sqr(out, a);
	while (--n)
		x25519_fe51_sqr(out, out);
}

/* out = (a^(2^n)) * b. */
static void fe_shift_mul(fe out, const fe a, int n, const fe b)
{
	fe t;

	fe_square_times(t, a, n);
	x25519_fe51_mul(out, t, b);
}

/* 1/z = z^(p - 2), p - 2 = 2^255 - 21; a_n is z^(2^n - 1). */
static void fe_invert(fe out, const fe z)
{
	fe z2, z9, z11, a5, a10, a20, a40, a50, a100, t;

	x25519_fe51_sqr(z2, z);
	fe_shift_mul(z9, z2, 2, z);
	x25519_fe51_mul(z11, z9, z2);
	fe_shift_mul(a5, z11, 1, z9);
	fe_shift_mul(a10, a5, 5, a5);
	fe_shift_mul(a20, a10, 10, a10);
	fe_shift_mul(a40, a20, 20, a20);
	fe_shift_mul(a50, a40, 10, a10);
	fe_shift_mul(a100, a50, 50, a50);
	fe_shift_mul(t, a100, 100, a100);
	fe_shift_mul(t, t, 50, a50);
	fe_shift_mul(out, t, 5, z11);
}

struct ladder {
	fe x1, x2, z2, x3, z3;
};

/* (x2, z2) doubled, (x3, z3) the sum of both. */
static void ladder_step(struct ladder *l)
{
	fe a, b, c, d, aa, bb, e;

	fe_add(a, l->x2, l->z2);
	fe_sub(b, l->x2, l->z2);
	fe_add(c, l->x3, l->z3);
	fe_sub(d, l->x3, l->z3);
	x25519_fe51_mul(d, d, a);
	x25519_fe51_mul(c, c, b);
	x25519_fe51_sqr(aa, a);
	x25519_fe51_sqr(bb, b);
	fe_add(l->x3, d, c);
	x25519_fe51_sqr(l->x3, l->x3);
	fe_sub(e, d, c);
	x25519_fe51_sqr(e, e);
	x25519_fe51_mul(l->z3, e, l->x1);
	x25519_fe51_mul(l->x2, aa, bb);
	fe_sub(e, aa, bb);
	x25519_fe51_mul121666(c, e);
	fe_add(c, c, bb);
	x25519_fe51_mul(l->z2, e, c);
}

static void scalar_mult(const uint8_t secret[X25519_SIZE], const uint8_t u[X25519_SIZE], uint8_t out[X25519_SIZE])
{
	struct ladder l = { .x2 = { 1 }, .z3 = { 1 } };
	uint8_t k[X25519_SIZE];
	uint64_t swap = 0;

	memcpy(k, secret, sizeof(k));
	k[0] &= 248;
	k[31] = (k[31] & 127) | 64;
	fe_from_bytes(l.x1, u);
	memcpy(l.x3, l.x1, sizeof(fe));
	for (int i = 254; i >= 0; i--) {
		uint64_t bit = k[i / 8] >> (i % 8) & 1;

		fe_swap(l.x2, l.x3, swap ^ bit);
		fe_swap(l.z2, l.z3, swap ^ bit);
		swap = bit;
		ladder_step(&l);
	}
	fe_swap(l.x2, l.x3, swap);
	fe_swap(l.z2, l.z3, swap);
	fe_invert(l.z2, l.z2);
	x25519_fe51_mul(l.x2, l.x2, l.z2);
	fe_to_bytes(out, l.x2);
	wipe(k, sizeof(k));
	wipe(&l, sizeof(l));
}

void x25519_public(const uint8_t secret[X25519_SIZE], uint8_t out[X25519_SIZE])
{
	static const uint8_t nine[X25519_SIZE] = { 9 };

	scalar_mult(secret, nine, out);
}

bool x25519_shared(const uint8_t secret[X25519_SIZE], const uint8_t other[X25519_SIZE], uint8_t out[X25519_SIZE])
{
	static const uint8_t zero[X25519_SIZE];

	scalar_mult(secret, other, out);
	return !same_bytes(out, zero, X25519_SIZE);
}
