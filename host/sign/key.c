/* key.c: RSA-3072 keys with exponent 3, the only ones SGX takes, as PEM files. */
#include <errno.h>
#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

#include "../sgxsim/state.h"
#include "sign.h"

static EVP_PKEY *key_make(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *key = NULL;

	if (ctx && e && BN_set_word(e, 3) && EVP_PKEY_keygen_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, SGX_MODULUS_SIZE * 8) == 1 &&
	    EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) == 1 && EVP_PKEY_generate(ctx, &key) != 1)
		key = NULL;
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static int pem_create(const char *path, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int ret = -ENOMEM;
	char *text;
	long size;

	if (bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)) {
		size = BIO_get_mem_data(bio, &text);
		ret = state_create(path, text, size);
	}
	BIO_free(bio);
	return ret;
}

int key_generate(const char *path, char err[SIGN_ERR_SIZE])
{
	EVP_PKEY *key = key_make();
	int ret;

	if (!key) {
		snprintf(err, SIGN_ERR_SIZE, "%s: RSA key generation failed", path);
		return -EIO;
	}
	ret = pem_create(path, key);
	EVP_PKEY_free(key);
	if (ret)
		snprintf(err, SIGN_ERR_SIZE, "%s: cannot write the key: %s", path, strerror(-ret));
	return ret;
}

static const char *key_problem(EVP_PKEY *key)
{
	const char *problem = NULL;
	BIGNUM *e = NULL;

	if (!EVP_PKEY_is_a(key, "RSA"))
		return "not an RSA key; RSA with 3072 bits and exponent 3 is needed";
	if (EVP_PKEY_get_bits(key) != SGX_MODULUS_SIZE * 8)
		problem = "not 3072 bits long";
	else if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) || !BN_is_word(e, 3))
		problem = "its exponent is not 3 (openssl genrsa -3 3072 makes a fitting key)";
	BN_free(e);
	return problem;
}

int key_load(const char *path, EVP_PKEY **out, char err[SIGN_ERR_SIZE])
{
	FILE *file = fopen(path, "re");
	const char *problem;
	EVP_PKEY *key;
	int ret;

	if (!file) {
		ret = -errno;
		snprintf(err, SIGN_ERR_SIZE, "%s: %s", path, strerror(-ret));
		return ret;
	}
	key = PEM_read_PrivateKey(file, NULL, NULL, (void *)"");
	fclose(file);
	problem = key ? key_problem(key) : "not an unencrypted private key in PEM format";
	if (!problem) {
		*out = key;
		return 0;
	}
	EVP_PKEY_free(key);
	snprintf(err, SIGN_ERR_SIZE, "%s: %s", path, problem);
	return -EINVAL;
}

int key_local(EVP_PKEY **key, char err[SIGN_ERR_SIZE])
{
	char path[PATH_MAX];
	int ret = state_path("key.pem", path, sizeof(path));

	if (ret) {
		snprintf(err, SIGN_ERR_SIZE, "no state directory: %s", strerror(-ret));
		return ret;
	}
	ret = key_load(path, key, err);
	if (ret != -ENOENT)
		return ret;
	ret = key_generate(path, err);
	if (ret && ret != -EEXIST)
		return ret;
	return key_load(path, key, err);
}
