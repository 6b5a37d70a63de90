/* measure.c: the records of MRENCLAVE and the hash over them. The tags are the leaf names as little
 * endian text. OpenSSL only fails here when memory is gone at creation; later that is our bug. */
#include "measure.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define TAG_ECREATE 0x0045544145524345UL
#define TAG_EADD    0x0000000044444145UL
#define TAG_EEXTEND 0x00444e4554584545UL

static void hash_flush(struct sgx_measure *m)
{
	int done = EVP_DigestUpdate(m->hash, m->pending, m->fill);

	assert(done);
	(void)done;
	m->fill = 0;
}

/* Records are small, and each way into OpenSSL costs as much as a block: so many at a time. The next bytes of what is
 * hashed; size is a multiple of 64. */
static uint8_t *hash_room(struct sgx_measure *m, uint32_t size)
{
	uint8_t *p;

	if (m->fill + size > sizeof(m->pending))
		hash_flush(m);
	p = m->pending + m->fill;
	m->fill += size;
	return p;
}

int measure_create(struct sgx_measure *m, uint32_t ssa_frame_size, uint64_t size)
{
	uint64_t tag = TAG_ECREATE;
	uint8_t *record;

	m->hash = EVP_MD_CTX_new();
	m->fill = 0;
	if (!m->hash || !EVP_DigestInit_ex(m->hash, EVP_sha256(), NULL)) {
		EVP_MD_CTX_free(m->hash);
		return -ENOMEM;
	}
	record = memset(hash_room(m, 64), 0, 64);
	memcpy(record, &tag, 8);
	memcpy(record + 8, &ssa_frame_size, 4);
	memcpy(record + 12, &size, 8);
	return 0;
}

void measure_add(struct sgx_measure *m, uint64_t offset, const struct sgx_secinfo *si)
{
	uint8_t *record = hash_room(m, 64);
	uint64_t tag = TAG_EADD;

	memcpy(record, &tag, 8);
	memcpy(record + 8, &offset, 8);
	memcpy(record + 16, si, 48);
}

void measure_extend(struct sgx_measure *m, uint64_t offset, const void *chunk)
{
	const uint64_t record[8] = {TAG_EEXTEND, offset};
	uint8_t *p = hash_room(m, sizeof(record) + SGX_EXTEND_SIZE);

	memcpy(p, record, sizeof(record));
	memcpy(p + sizeof(record), chunk, SGX_EXTEND_SIZE);
}

void measure_value(const struct sgx_measure *m, uint8_t mrenclave[SGX_HASH_SIZE])
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	int done = copy && EVP_MD_CTX_copy_ex(copy, m->hash) && EVP_DigestUpdate(copy, m->pending, m->fill) &&
		   EVP_DigestFinal_ex(copy, mrenclave, NULL);

	assert(done);
	(void)done;
	EVP_MD_CTX_free(copy);
}

void measure_free(struct sgx_measure *m)
{
	EVP_MD_CTX_free(m->hash);
	m->hash = NULL;
}
