/* einit.c: EINIT and the signature check behind it. The path without a launch token (flexible
 * launch control): whoever sets IA32_SGXLEPUBKEYHASH to MRSIGNER first, as Linux does, may start
 * anything. */
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/sha.h>
#include <string.h>

#include "cost.h"
#include "sgxsim.h"

static const uint8_t sig_header[16] = {6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
static const uint8_t sig_header2[16] = {1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1, 0, 0, 0};
static const uint8_t sha256_info[19] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
					0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

/* After reset: the key of Intel's launch enclave. */
uint8_t sim_lepubkeyhash[SGX_HASH_SIZE] = {
	0xac, 0xb7, 0x70, 0x12, 0x05, 0x3e, 0x05, 0xa6, 0x3d, 0x41, 0x3b,
	0x8b, 0xba, 0xe8, 0xfb, 0x6c, 0x5d, 0x73, 0xb3, 0xf2, 0x99, 0x6d,
	0x91, 0xc4, 0x3b, 0xbb, 0xf9, 0x09, 0x59, 0xc0, 0xf8, 0xd4,
};

void sim_set_lepubkeyhash(const uint8_t hash[SGX_HASH_SIZE])
{
	memcpy(sim_lepubkeyhash, hash, SGX_HASH_SIZE);
}

void sgx_mrsigner(const struct sgx_sigstruct *sig, uint8_t mrsigner[SGX_HASH_SIZE])
{
	SHA256(sig->modulus, sizeof(sig->modulus), mrsigner);
}

/* EMSA-PKCS1-v1_5 of the signed parts, big endian. */
static void padded_hash(const struct sgx_sigstruct *sig, uint8_t em[SGX_MODULUS_SIZE])
{
	const uint8_t *raw = (const uint8_t *)sig;
	uint8_t message[SIGSTRUCT_SIGNED1_SIZE + SIGSTRUCT_SIGNED2_SIZE];
	size_t pad = SGX_MODULUS_SIZE - sizeof(sha256_info) - SGX_HASH_SIZE;

	memcpy(message, raw, SIGSTRUCT_SIGNED1_SIZE);
	memcpy(message + SIGSTRUCT_SIGNED1_SIZE, raw + SIGSTRUCT_SIGNED2_OFFSET,
	       SIGSTRUCT_SIGNED2_SIZE);
	memset(em, 0xff, pad);
	em[0] = 0;
	em[1] = 1;
	em[pad - 1] = 0;
	memcpy(em + pad, sha256_info, sizeof(sha256_info));
	SHA256(message, sizeof(message), em + pad + sizeof(sha256_info));
}

/* *rem = a * b - q * n, which must lie in [0, n): q is then the quotient, found without dividing.
 */
static int reduce(BIGNUM *rem, const BIGNUM *a, const BIGNUM *b, const BIGNUM *q, const BIGNUM *n,
		  BN_CTX *ctx)
{
	BIGNUM *product = BN_CTX_get(ctx);

	if (!product || !BN_mul(rem, a, b, ctx) || !BN_mul(product, q, n, ctx) ||
	    !BN_sub(rem, rem, product))
		return -ENOMEM;
	return BN_is_negative(rem) || BN_cmp(rem, n) >= 0 ? -EBADMSG : 0;
}

static int cube_check(const struct sgx_sigstruct *sig, BN_CTX *ctx)
{
	BIGNUM *n = BN_CTX_get(ctx), *s = BN_CTX_get(ctx), *q1 = BN_CTX_get(ctx);
	BIGNUM *q2 = BN_CTX_get(ctx), *r = BN_CTX_get(ctx), *cube = BN_CTX_get(ctx);
	uint8_t expected[SGX_MODULUS_SIZE], got[SGX_MODULUS_SIZE];
	int ret;

	if (!cube || !BN_lebin2bn(sig->modulus, SGX_MODULUS_SIZE, n) ||
	    !BN_lebin2bn(sig->signature, SGX_MODULUS_SIZE, s) ||
	    !BN_lebin2bn(sig->q1, SGX_MODULUS_SIZE, q1) ||
	    !BN_lebin2bn(sig->q2, SGX_MODULUS_SIZE, q2))
		return -ENOMEM;
	if (BN_num_bits(n) != SGX_MODULUS_SIZE * 8 || BN_cmp(s, n) >= 0)
		return -EBADMSG;
	ret = reduce(r, s, s, q1, n, ctx);
	if (!ret)
		ret = reduce(cube, s, r, q2, n, ctx);
	if (ret)
		return ret;
	padded_hash(sig, expected);
	if (BN_bn2binpad(cube, got, sizeof(got)) < 0)
		return -EBADMSG;
	return memcmp(got, expected, sizeof(got)) ? -EBADMSG : 0;
}

int sgx_signature_check(const struct sgx_sigstruct *sig)
{
	BN_CTX *ctx = BN_CTX_new();
	int ret;

	if (!ctx)
		return -ENOMEM;
	BN_CTX_start(ctx);
	ret = cube_check(sig, ctx);
	BN_CTX_end(ctx);
	BN_CTX_free(ctx);
	return ret;
}

static const char *sigstruct_problem(const struct sgx_sigstruct *sig, bool kss)
{
	if (memcmp(sig->header, sig_header, sizeof(sig_header)) ||
	    memcmp(sig->header2, sig_header2, sizeof(sig_header2)))
		return "SIGSTRUCT.HEADER or HEADER2 wrong";
	if (sig->vendor && sig->vendor != 0x8086)
		return "SIGSTRUCT.VENDOR neither 0 nor 0x8086";
	if (sig->exponent != 3)
		return "SIGSTRUCT.EXPONENT not 3";
	if (!sgx_is_zero(sig->reserved1, sizeof(sig->reserved1)) ||
	    !sgx_is_zero(sig->reserved2, sizeof(sig->reserved2)) ||
	    !sgx_is_zero(sig->reserved3, sizeof(sig->reserved3)) ||
	    !sgx_is_zero(sig->reserved4, sizeof(sig->reserved4)) ||
	    (!kss && (!sgx_is_zero(sig->isvfamilyid, sizeof(sig->isvfamilyid)) ||
		      !sgx_is_zero(sig->isvextprodid, sizeof(sig->isvextprodid)))))
		return "SIGSTRUCT reserved field not zero";
	return NULL;
}

/* Bits that the mask selects must be as the signer says. INIT is not part of the comparison. */
static bool attributes_match(const struct sgx_secs *secs, const struct sgx_sigstruct *sig)
{
	const struct sgx_attributes *have = &secs->attributes, *want = &sig->attributes;
	const struct sgx_attributes *mask = &sig->attributemask;

	return !(((have->flags ^ want->flags) & mask->flags & ~SGX_ATTR_INIT) ||
		 ((have->xfrm ^ want->xfrm) & mask->xfrm));
}

struct sgx_outcome sgx_einit(struct sgx_enclave *e, const struct sgx_sigstruct *sig)
{
	uint8_t mrsigner[SGX_HASH_SIZE], mrenclave[SGX_HASH_SIZE];
	const char *problem;
	bool launch_key;

	sgx_count_here(EV_EINIT);
	if (e->evicted)
		return SGX_PF(0, "SECS does not resolve in the EPC");
	if (e->secs.attributes.flags & SGX_ATTR_INIT)
		return SGX_GP("enclave already initialised");
	problem = sigstruct_problem(sig, e->secs.attributes.flags & SGX_ATTR_KSS);
	if (problem)
		return SGX_ERROR(SGX_INVALID_SIG_STRUCT, problem);
	if (sgx_signature_check(sig))
		return SGX_ERROR(SGX_INVALID_SIGNATURE, "SIGSTRUCT signature wrong");
	measure_value(&e->measure, mrenclave);
	if (memcmp(mrenclave, sig->enclavehash, SGX_HASH_SIZE))
		return SGX_ERROR(SGX_INVALID_MEASUREMENT, "MRENCLAVE is not SIGSTRUCT.ENCLAVEHASH");
	sgx_mrsigner(sig, mrsigner);
	launch_key = !memcmp(mrsigner, sim_lepubkeyhash, SGX_HASH_SIZE);
	if (e->secs.attributes.flags & SGX_ATTR_EINITTOKENKEY && !launch_key)
		return SGX_ERROR(SGX_INVALID_ATTRIBUTE, "EINITTOKENKEY is for the launch key only");
	if (!attributes_match(&e->secs, sig))
		return SGX_ERROR(SGX_INVALID_ATTRIBUTE,
				 "ATTRIBUTES are not those that were signed");
	if ((e->secs.miscselect ^ sig->miscselect) & sig->miscmask)
		return SGX_ERROR(SGX_INVALID_ATTRIBUTE, "MISCSELECT is not what was signed");
	if (!launch_key)
		return SGX_ERROR(SGX_INVALID_EINITTOKEN,
				 "no token, and MRSIGNER is not the launch key");

	memcpy(e->secs.mrenclave, mrenclave, SGX_HASH_SIZE);
	memcpy(e->secs.mrsigner, mrsigner, SGX_HASH_SIZE);
	e->secs.isvprodid = sig->isvprodid;
	e->secs.isvsvn = sig->isvsvn;
	memcpy(e->isvfamilyid, sig->isvfamilyid, sizeof(e->isvfamilyid));
	memcpy(e->isvextprodid, sig->isvextprodid, sizeof(e->isvextprodid));
	e->secs.attributes.flags |= SGX_ATTR_INIT;
	return SGX_OK;
}
