/* sigstruct.c: making and checking SIGSTRUCTs.
 *
 * RSASSA-PKCS1-v1_5 with SHA-256 over two parts of the structure, plus the quotients that let EINIT
 * compute s^3 mod n without dividing: q1 = s^2 / n, q2 = s * (s^2 mod n) / n. All numbers little
 * endian. The check here goes through OpenSSL's own RSA, so it is independent of the one in EINIT.
 */
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sign.h"

static const uint8_t header[16] = {6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
static const uint8_t header2[16] = {1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1, 0, 0, 0};

static uint32_t bcd(unsigned int n)
{
	uint32_t out = 0;

	for (int shift = 0; n; shift += 4, n /= 10)
		out |= (n % 10) << shift;
	return out;
}

static uint32_t date_today(void)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	return bcd((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
}

static void message_get(const struct sgx_sigstruct *sig,
			uint8_t message[SIGSTRUCT_SIGNED1_SIZE + SIGSTRUCT_SIGNED2_SIZE])
{
	const uint8_t *raw = (const uint8_t *)sig;

	memcpy(message, raw, SIGSTRUCT_SIGNED1_SIZE);
	memcpy(message + SIGSTRUCT_SIGNED1_SIZE, raw + SIGSTRUCT_SIGNED2_OFFSET,
	       SIGSTRUCT_SIGNED2_SIZE);
}

static void fields_fill(const struct sigstruct_params *p, const uint8_t mrenclave[SGX_HASH_SIZE],
			struct sgx_sigstruct *s)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->header, header, sizeof(header));
	memcpy(s->header2, header2, sizeof(header2));
	s->date = p->date ? p->date : date_today();
	s->swdefined = p->swdefined;
	s->exponent = 3;
	s->miscselect = p->miscselect;
	s->miscmask = p->miscmask;
	s->attributes = p->attributes;
	s->attributemask = p->attributemask;
	memcpy(s->enclavehash, mrenclave, SGX_HASH_SIZE);
	s->isvprodid = p->isvprodid;
	s->isvsvn = p->isvsvn;
}

/* The modulus of an RSA-3072, e = 3 key. */
static int modulus_get(EVP_PKEY *key, uint8_t modulus[SGX_MODULUS_SIZE])
{
	BIGNUM *n = NULL, *e = NULL;
	int ret = -EINVAL;

	if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) && BN_is_word(e, 3) &&
	    BN_num_bits(n) == SGX_MODULUS_SIZE * 8 &&
	    BN_bn2lebinpad(n, modulus, SGX_MODULUS_SIZE) > 0)
		ret = 0;
	BN_free(n);
	BN_free(e);
	return ret;
}

static int message_sign(EVP_PKEY *key, struct sgx_sigstruct *s)
{
	uint8_t message[SIGSTRUCT_SIGNED1_SIZE + SIGSTRUCT_SIGNED2_SIZE], be[SGX_MODULUS_SIZE] = { 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = sizeof(be);
	int done;

	message_get(s, message);
	done = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) &&
	       EVP_DigestSign(ctx, be, &size, message, sizeof(message)) == 1 && size == sizeof(be);
	EVP_MD_CTX_free(ctx);
	for (size_t i = 0; i < sizeof(be); i++)
		s->signature[i] = be[sizeof(be) - 1 - i];
	return done ? 0 : -EIO;
}

static int quotients_compute(const struct sgx_sigstruct *sig, uint8_t q1_out[SGX_MODULUS_SIZE],
			     uint8_t q2_out[SGX_MODULUS_SIZE])
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n, *s, *q, *r, *product;
	int done = 0;

	if (!ctx)
		return -ENOMEM;
	BN_CTX_start(ctx);
	n = BN_CTX_get(ctx);
	s = BN_CTX_get(ctx);
	q = BN_CTX_get(ctx);
	r = BN_CTX_get(ctx);
	product = BN_CTX_get(ctx);
	done = product && BN_lebin2bn(sig->modulus, SGX_MODULUS_SIZE, n) &&
	       BN_lebin2bn(sig->signature, SGX_MODULUS_SIZE, s) && !BN_is_zero(n) &&
	       BN_sqr(product, s, ctx) && BN_div(q, r, product, n, ctx) &&
	       BN_bn2lebinpad(q, q1_out, SGX_MODULUS_SIZE) > 0 && BN_mul(product, s, r, ctx) &&
	       BN_div(q, NULL, product, n, ctx) && BN_bn2lebinpad(q, q2_out, SGX_MODULUS_SIZE) > 0;
	BN_CTX_end(ctx);
	BN_CTX_free(ctx);
	return done ? 0 : -EBADMSG;
}

int sigstruct_sign(const struct sigstruct_params *params, const uint8_t mrenclave[SGX_HASH_SIZE],
		   EVP_PKEY *key, struct sgx_sigstruct *out)
{
	int ret;

	fields_fill(params, mrenclave, out);
	ret = modulus_get(key, out->modulus);
	if (!ret)
		ret = message_sign(key, out);
	return ret ? ret : quotients_compute(out, out->q1, out->q2);
}

/* A public key of the modulus in the structure. */
static EVP_PKEY *public_key(const struct sgx_sigstruct *sig)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *n = BN_lebin2bn(sig->modulus, SGX_MODULUS_SIZE, NULL), *e = BN_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (build && ctx && n && e && BN_set_word(e, sig->exponent) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) &&
	    (params = OSSL_PARAM_BLD_to_param(build)) && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static int signature_verify(const struct sgx_sigstruct *sig)
{
	uint8_t message[SIGSTRUCT_SIGNED1_SIZE + SIGSTRUCT_SIGNED2_SIZE], be[SGX_MODULUS_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *key = public_key(sig);
	int done;

	message_get(sig, message);
	for (size_t i = 0; i < sizeof(be); i++)
		be[i] = sig->signature[sizeof(be) - 1 - i];
	done = ctx && key && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	       EVP_DigestVerify(ctx, be, sizeof(be), message, sizeof(message)) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return done ? 0 : -EBADMSG;
}

static bool is_zero(const uint8_t *p, size_t size)
{
	while (size && !*p)
		p++, size--;
	return !size;
}

static const char *format_problem(const struct sgx_sigstruct *s)
{
	if (memcmp(s->header, header, sizeof(header)) ||
	    memcmp(s->header2, header2, sizeof(header2)))
		return "wrong header";
	if (s->vendor && s->vendor != 0x8086)
		return "unknown vendor";
	if (s->exponent != 3)
		return "exponent is not 3";
	if (!is_zero(s->reserved1, sizeof(s->reserved1)) ||
	    !is_zero(s->reserved2, sizeof(s->reserved2)) ||
	    !is_zero(s->reserved3, sizeof(s->reserved3)) ||
	    !is_zero(s->reserved4, sizeof(s->reserved4)))
		return "reserved field not zero";
	return NULL;
}

int sigstruct_verify(const struct sgx_sigstruct *sig, char err[SIGN_ERR_SIZE])
{
	uint8_t q1[SGX_MODULUS_SIZE], q2[SGX_MODULUS_SIZE];
	const char *problem = format_problem(sig);

	if (!problem && signature_verify(sig))
		problem = "signature wrong";
	if (!problem && quotients_compute(sig, q1, q2))
		problem = "signature not below the modulus";
	if (!problem && (memcmp(q1, sig->q1, sizeof(q1)) || memcmp(q2, sig->q2, sizeof(q2))))
		problem = "q1 or q2 wrong";
	if (!problem)
		return 0;
	snprintf(err, SIGN_ERR_SIZE, "SIGSTRUCT: %s", problem);
	return -EBADMSG;
}

void sigstruct_mrsigner(const struct sgx_sigstruct *sig, uint8_t mrsigner[SGX_HASH_SIZE])
{
	SHA256(sig->modulus, sizeof(sig->modulus), mrsigner);
}

int key_mrsigner(EVP_PKEY *key, uint8_t mrsigner[SGX_HASH_SIZE])
{
	uint8_t modulus[SGX_MODULUS_SIZE];
	int ret = modulus_get(key, modulus);

	if (!ret)
		SHA256(modulus, sizeof(modulus), mrsigner);
	return ret;
}
