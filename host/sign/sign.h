/* sign.h: SIGSTRUCTs and the RSA keys that make them. */
#pragma once
#include <openssl/evp.h>

#include "../sgxsim/arch.h"

#define SIGN_ERR_SIZE 256

struct sigstruct_params {
	struct sgx_attributes attributes;    /* what EINIT must find ... */
	struct sgx_attributes attributemask; /* ... in these bits */
	uint32_t miscselect, miscmask;
	uint16_t isvprodid, isvsvn;
	uint32_t swdefined;
	uint32_t date; /* BCD 0xyyyymmdd; 0: today (UTC) */
};

/* All return 0 or -errno; -EINVAL: the key is not RSA-3072 with exponent 3. */
int sigstruct_sign(const struct sigstruct_params *params, const uint8_t mrenclave[SGX_HASH_SIZE],
		   EVP_PKEY *key, struct sgx_sigstruct *out);
/* Header, reserved fields, signature (by OpenSSL's RSA), q1 and q2. -EBADMSG, with err saying
 * which. */
int sigstruct_verify(const struct sgx_sigstruct *sig, char err[SIGN_ERR_SIZE]);
void sigstruct_mrsigner(const struct sgx_sigstruct *sig, uint8_t mrsigner[SGX_HASH_SIZE]);
int key_mrsigner(EVP_PKEY *key, uint8_t mrsigner[SGX_HASH_SIZE]);

/* Writes a new key as PEM, mode 0600; -EEXIST if the file is there. */
int key_generate(const char *path, char err[SIGN_ERR_SIZE]);
int key_load(const char *path, EVP_PKEY **key, char err[SIGN_ERR_SIZE]);
/* The machine's throw-away key, made on first use and kept in the state directory. */
int key_local(EVP_PKEY **key, char err[SIGN_ERR_SIZE]);
