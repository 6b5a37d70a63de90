/* test_sign.c: SIGSTRUCTs: the vectors of data/, our own, and every bit of both flipped. EINIT's
 * check (q1 and q2) and the signer's (OpenSSL's RSA) must agree on all of them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../sgxsim/sgxsim.h"
#include "../sign/sign.h"
#include "test_state.h"

#ifndef TEST_DATA
#define TEST_DATA "host/test/data"
#endif

static char key_path[128];

static void setup(void)
{
	state_use();
	snprintf(key_path, sizeof(key_path), "%s/key-%d.pem", state_dir, getpid());
}

TestSuite(sign, .init = setup, .timeout = 120);

static struct sgx_sigstruct vector_read(const char *name)
{
	struct sgx_sigstruct sig = { 0 };
	uint8_t *p = (uint8_t *)&sig;
	char path[256];
	unsigned int byte;
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/sigstruct_%s.hex", TEST_DATA, name);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	while (n < sizeof(sig) && fscanf(f, "%2x", &byte) == 1)
		p[n++] = byte;
	fclose(f);
	cr_assert_eq(n, sizeof(sig));
	return sig;
}

static void hash_is(const uint8_t *hash, const char *hex)
{
	char text[2 * SGX_HASH_SIZE + 1];

	for (int i = 0; i < SGX_HASH_SIZE; i++)
		sprintf(text + 2 * i, "%02x", hash[i]);
	cr_assert_str_eq(text, hex);
}

static void both_accept(const struct sgx_sigstruct *sig)
{
	char err[SIGN_ERR_SIZE] = "";

	cr_assert_eq(sigstruct_verify(sig, err), 0, "%s", err);
	cr_assert_eq(sgx_signature_check(sig), 0);
}

/* The exponent and the last reserved field are neither signed nor in the arithmetic: EINIT looks at
 * them before. */
static bool checked_by_format(size_t byte)
{
	return (byte >= 512 && byte < 516) || (byte >= 1028 && byte < 1040);
}

/* One bit in each byte; the bit moves on so that all eight come up. */
static void every_byte_matters(const struct sgx_sigstruct *good)
{
	struct sgx_sigstruct sig;
	char err[SIGN_ERR_SIZE];

	for (size_t i = 0; i < sizeof(sig); i++) {
		sig = *good;
		((uint8_t *)&sig)[i] ^= 1 << i % 8;
		cr_assert_eq(sigstruct_verify(&sig, err), -EBADMSG, "byte %zu", i);
		if (!checked_by_format(i))
			cr_assert_eq(sgx_signature_check(&sig), -EBADMSG, "byte %zu", i);
	}
}

Test(sign, vectors_verify)
{
	struct sgx_sigstruct sig = vector_read("test_enclave");
	uint8_t mrsigner[SGX_HASH_SIZE];

	both_accept(&sig);
	sigstruct_mrsigner(&sig, mrsigner);
	hash_is(sig.enclavehash,
		"784acfd7d5096a8f0fbd3265760bff21b120f62407a9a9e5ba31aa3c8ed198fc");
	hash_is(mrsigner, "fb4bab3d6036ac1d730fa83d7366df1dd2dfeac194ef335d6854d8a6c6475542");

	sig = vector_read("le_prod_css");
	both_accept(&sig);
	sigstruct_mrsigner(&sig, mrsigner);
	hash_is(sig.enclavehash,
		"7881af9f9def547da9908c008f29cde9bd78064e36ac7e14c83c294ca4806150");
	hash_is(mrsigner, "acb77012053e05a63d413b8bbae8fb6c5d73b3f2996d91c43bbbf90959c0f8d4");
	cr_assert_eq(sig.attributes.flags, 0x24);
	cr_assert_eq(sig.isvprodid, 32);
	cr_assert_eq(sig.isvsvn, 7);

	sig = vector_read("pce");
	both_accept(&sig);
	sigstruct_mrsigner(&sig, mrsigner);
	hash_is(mrsigner, "c54a62f2be9ef76efb1f3930ad81ea7f60defc1f5f25e09b7c067a815ae0c6cb");
	cr_assert_eq(sig.attributes.flags, 0x14);
	cr_assert_eq(sig.isvsvn, 16);
}

Test(sign, flipped_bits_in_vectors)
{
	struct sgx_sigstruct sig = vector_read("test_enclave");

	every_byte_matters(&sig);
	sig = vector_read("le_prod_css");
	every_byte_matters(&sig);
	sig = vector_read("pce");
	every_byte_matters(&sig);
}

Test(sign, own_signature)
{
	const struct sigstruct_params params = {
		.attributes = {SGX_ATTR_MODE64, 7},
		.attributemask = {~0UL, ~0UL},
		.miscselect = 1,
		.miscmask = 1,
		.isvprodid = 5,
		.isvsvn = 6,
		.swdefined = 7,
		.date = 0x20240229,
	};
	uint8_t mrenclave[SGX_HASH_SIZE] = {1, 2, 3}, signer[2][SGX_HASH_SIZE];
	char err[SIGN_ERR_SIZE] = "";
	struct sgx_sigstruct sig;
	EVP_PKEY *key;

	cr_assert_eq(key_generate(key_path, err), 0, "%s", err);
	cr_assert_eq(key_load(key_path, &key, err), 0, "%s", err);
	cr_assert_eq(sigstruct_sign(&params, mrenclave, key, &sig), 0);
	both_accept(&sig);
	every_byte_matters(&sig);
	cr_assert_eq(sig.date, 0x20240229);
	cr_assert_eq(sig.swdefined, 7);
	cr_assert_arr_eq(sig.enclavehash, mrenclave, sizeof(mrenclave));
	cr_assert_eq(key_mrsigner(key, signer[0]), 0);
	sigstruct_mrsigner(&sig, signer[1]);
	cr_assert_arr_eq(signer[0], signer[1], SGX_HASH_SIZE);
	EVP_PKEY_free(key);
}

Test(sign, date_of_today_is_bcd)
{
	const struct sigstruct_params params = {.isvsvn = 1};
	uint8_t mrenclave[SGX_HASH_SIZE] = {0};
	char err[SIGN_ERR_SIZE], text[16], today[16];
	struct sgx_sigstruct sig;
	time_t now = time(NULL);
	EVP_PKEY *key;

	cr_assert_eq(key_local(&key, err), 0, "%s", err);
	cr_assert_eq(sigstruct_sign(&params, mrenclave, key, &sig), 0);
	EVP_PKEY_free(key);
	snprintf(text, sizeof(text), "%08x", sig.date);
	strftime(today, sizeof(today), "%Y%m%d", gmtime(&now));
	cr_assert_str_eq(text, today);
}

static void key_write(const char *path, int bits, unsigned int exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *key = NULL;
	FILE *f = fopen(path, "w");

	BN_set_word(e, exponent);
	EVP_PKEY_keygen_init(ctx);
	EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits);
	EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e);
	cr_assert_eq(EVP_PKEY_generate(ctx, &key), 1);
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
	BN_free(e);
}

static void key_refused(int error, const char *text)
{
	char err[SIGN_ERR_SIZE] = "";
	EVP_PKEY *key;

	cr_assert_eq(key_load(key_path, &key, err), error);
	cr_assert_not_null(strstr(err, text), "'%s' does not say '%s'", err, text);
	cr_assert_not_null(strstr(err, key_path), "the message names the file");
}

Test(sign, unfit_keys_are_explained)
{
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	FILE *f;

	key_refused(-ENOENT, "No such file");
	key_write(key_path, 2048, 3);
	key_refused(-EINVAL, "3072 bits");
	key_write(key_path, 3072, 65537);
	key_refused(-EINVAL, "exponent is not 3");
	f = fopen(key_path, "w");
	PEM_write_PrivateKey(f, ec, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	EVP_PKEY_free(ec);
	key_refused(-EINVAL, "not an RSA key");
	f = fopen(key_path, "w");
	fputs("nothing\n", f);
	fclose(f);
	key_refused(-EINVAL, "PEM");
}

Test(sign, key_files_are_private_and_kept)
{
	char err[SIGN_ERR_SIZE], local[160];
	struct stat st;
	EVP_PKEY *a, *b;

	cr_assert_eq(key_local(&a, err), 0, "%s", err);
	cr_assert_eq(key_local(&b, err), 0, "%s", err);
	cr_assert_eq(EVP_PKEY_eq(a, b), 1, "the same key again");
	EVP_PKEY_free(a);
	EVP_PKEY_free(b);
	snprintf(local, sizeof(local), "%s/occlum/key.pem", state_dir);
	cr_assert_eq(stat(local, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(key_generate(local, err), -EEXIST, "never overwritten");
}
