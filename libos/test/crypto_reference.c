/* crypto_reference.c: libcrypto's own answers, in a file of its own as its headers want libc's. */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "crypto_reference.h"

#define must(e) do { if (!(e)) abort(); } while (0)

void reference_random(void *out, int n)
{
	must(RAND_bytes(out, n) == 1);
}

void reference_seal(const uint8_t *key, const uint8_t *iv, const void *aad, int an, const void *in, int n, uint8_t *out,
		    uint8_t *tag)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int k;

	must(EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, iv) && EVP_EncryptUpdate(c, NULL, &k, aad, an) &&
		  EVP_EncryptUpdate(c, out, &k, in, n) && EVP_EncryptFinal_ex(c, out + n, &k) &&
		  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, 16, tag));
	EVP_CIPHER_CTX_free(c);
}

void reference_shared(const uint8_t *secret, const uint8_t *other, uint8_t *out)
{
	EVP_PKEY *mine = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, other, 32);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(mine, NULL);
	size_t n = 32;

	must(EVP_PKEY_derive_init(c) > 0 && EVP_PKEY_derive_set_peer(c, peer) > 0 && EVP_PKEY_derive(c, out, &n) > 0);
	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(mine);
	EVP_PKEY_free(peer);
}
