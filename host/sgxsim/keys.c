/* keys.c: EREPORT and EGETKEY.
 *
 * A key is AES-128-CMAC under the machine's fuse key over everything the SDM says it depends on.
 * The SDM leaves the derivation open; what counts is that keys agree exactly when the dependencies
 * do. These leaves run on the host's stack with the host's FS; vector state is saved around them.
 */
#include <assert.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>
#include <sys/random.h>

#include "access.h"
#include "memory.h"
#include "state.h"

#define REPORT_MACED_SIZE offsetof(struct sgx_report, keyid)
#define KEYPOLICY_PLAIN (SGX_KEYPOLICY_MRENCLAVE | SGX_KEYPOLICY_MRSIGNER)
#define KEYPOLICY_KSS                                                                              \
	(KEYPOLICY_PLAIN | SGX_KEYPOLICY_NOISVPRODID | SGX_KEYPOLICY_CONFIGID |                    \
	 SGX_KEYPOLICY_ISVFAMILYID | SGX_KEYPOLICY_ISVEXTPRODID)
#define SEAL_FIXED_ATTRIBUTES (SGX_ATTR_INIT | SGX_ATTR_DEBUG)

struct key_dependencies {
	uint16_t keyname;
	uint16_t keypolicy;
	uint16_t isvprodid;
	uint16_t isvsvn;
	uint32_t miscselect;
	uint32_t miscmask;
	uint8_t owner_epoch[16];
	uint8_t cpusvn[16];
	struct sgx_attributes attributes;
	struct sgx_attributes attributemask;
	uint8_t mrenclave[SGX_HASH_SIZE];
	uint8_t mrsigner[SGX_HASH_SIZE];
	uint8_t keyid[32];
	/* Only with KSS; a key that uses none of it is as if they were not there. */
	uint8_t configid[64];
	uint8_t isvfamilyid[16];
	uint8_t isvextprodid[16];
	uint16_t configsvn;
	uint8_t padding[6];
};
#define PLAIN_DEPENDENCIES offsetof(struct key_dependencies, configid)
_Static_assert(PLAIN_DEPENDENCIES == 176 && sizeof(struct key_dependencies) == 280,
	       "no padding is hashed");

static const uint8_t owner_epoch[16] = "software owner 1";

static void cmac(const uint8_t key[SGX_KEY_SIZE], const void *data, size_t size,
		 uint8_t mac[SGX_KEY_SIZE])
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)"AES-128-CBC", 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(algorithm);
	size_t mac_size;
	int done = ctx && EVP_MAC_init(ctx, key, SGX_KEY_SIZE, params) &&
		   EVP_MAC_update(ctx, data, size) &&
		   EVP_MAC_final(ctx, mac, &mac_size, SGX_KEY_SIZE);

	assert(done);
	(void)done;
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(algorithm);
}

static int derive_key(const struct key_dependencies *d, uint8_t key[SGX_KEY_SIZE])
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static uint8_t fuse[SGX_KEY_SIZE];
	static bool have_fuse;
	size_t size;
	int ret = 0;

	pthread_mutex_lock(&lock);
	if (!have_fuse) {
		ret = state_fuse_key(fuse);
		have_fuse = !ret;
	}
	pthread_mutex_unlock(&lock);
	size = sgx_is_zero(d->configid, sizeof(*d) - PLAIN_DEPENDENCIES) ? PLAIN_DEPENDENCIES
									 : sizeof(*d);
	if (!ret)
		cmac(fuse, d, size, key);
	return ret;
}

static const uint8_t *report_keyid(void)
{
	static uint8_t keyid[32];
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static bool made;

	pthread_mutex_lock(&lock);
	if (!made)
		made = getrandom(keyid, sizeof(keyid), 0) == sizeof(keyid);
	pthread_mutex_unlock(&lock);
	return keyid;
}

static void report_key_dependencies(struct key_dependencies *d,
				    const uint8_t mrenclave[SGX_HASH_SIZE],
				    struct sgx_attributes attributes, uint32_t miscselect,
				    const uint8_t keyid[32])
{
	memset(d, 0, sizeof(*d));
	d->keyname = SGX_KEY_REPORT;
	d->attributes = attributes;
	d->miscselect = miscselect;
	memcpy(d->owner_epoch, owner_epoch, sizeof(owner_epoch));
	memcpy(d->cpusvn, sim_cpusvn, sizeof(sim_cpusvn));
	memcpy(d->mrenclave, mrenclave, SGX_HASH_SIZE);
	memcpy(d->keyid, keyid, 32);
}

static void report_fill(const struct sgx_enclave *e, const uint8_t data[64], struct sgx_report *r)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->cpusvn, sim_cpusvn, sizeof(r->cpusvn));
	r->miscselect = e->secs.miscselect;
	r->attributes = e->secs.attributes;
	memcpy(r->mrenclave, e->secs.mrenclave, SGX_HASH_SIZE);
	memcpy(r->mrsigner, e->secs.mrsigner, SGX_HASH_SIZE);
	r->isvprodid = e->secs.isvprodid;
	r->isvsvn = e->secs.isvsvn;
	r->configsvn = e->secs.configsvn;
	memcpy(r->configid, e->secs.configid, sizeof(r->configid));
	memcpy(r->isvfamilyid, e->isvfamilyid, sizeof(r->isvfamilyid));
	memcpy(r->isvextprodid, e->isvextprodid, sizeof(r->isvextprodid));
	memcpy(r->reportdata, data, 64);
	memcpy(r->keyid, report_keyid(), 32);
}

static bool targetinfo_reserved_ok(const struct sgx_targetinfo *ti)
{
	return sgx_is_zero(ti->reserved1, sizeof(ti->reserved1)) &&
	       sgx_is_zero(ti->reserved2, sizeof(ti->reserved2)) &&
	       sgx_is_zero(ti->reserved3, sizeof(ti->reserved3));
}

struct sgx_outcome sgx_ereport(struct sgx_enclave *e, uint64_t targetinfo, uint64_t reportdata,
			       uint64_t report)
{
	struct key_dependencies d;
	struct sgx_targetinfo ti = { 0 };
	struct sgx_outcome o;
	struct sgx_report r;
	uint8_t data[64], key[SGX_KEY_SIZE];

	if (targetinfo & 511 || reportdata & 127 || report & 511)
		return SGX_GP("operand not aligned");
	o = operand_access(e, targetinfo, 512, EPCM_R);
	if (!o.code)
		o = operand_access(e, reportdata, 128, EPCM_R);
	if (!o.code)
		o = operand_access(e, report, 512, EPCM_R | EPCM_W);
	if (o.code)
		return o;
	epc_copy(&ti, (const void *)targetinfo, sizeof(ti));
	epc_copy(data, (const void *)reportdata, sizeof(data));
	if (!targetinfo_reserved_ok(&ti))
		return SGX_GP("TARGETINFO reserved field not zero");
	report_fill(e, data, &r);
	report_key_dependencies(&d, ti.measurement, ti.attributes, ti.miscselect, r.keyid);
	d.configsvn = ti.configsvn;
	memcpy(d.configid, ti.configid, sizeof(d.configid));
	if (derive_key(&d, key))
		return SGX_GP("the machine has no fuse key: state directory not usable");
	cmac(key, &r, REPORT_MACED_SIZE, r.mac);
	epc_copy((void *)report, &r, sizeof(r));
	return SGX_OK;
}

static bool cpusvn_beyond(const uint8_t cpusvn[16])
{
	for (int i = 0; i < 16; i++)
		if (cpusvn[i] > sim_cpusvn[i])
			return true;
	return false;
}

/* The checks that depend on the key asked for. */
static struct sgx_outcome keyrequest_check(const struct sgx_enclave *e,
					   const struct sgx_keyrequest *r)
{
	uint64_t flags = e->secs.attributes.flags;

	if (r->keyname > SGX_KEY_SEAL)
		return SGX_ERROR(SGX_INVALID_KEYNAME, "no such key");
	if (r->keyname == SGX_KEY_REPORT)
		return SGX_OK;
	if (r->keyname == SGX_KEY_EINITTOKEN && !(flags & SGX_ATTR_EINITTOKENKEY))
		return SGX_ERROR(SGX_INVALID_ATTRIBUTE, "enclave may not have this key");
	if ((r->keyname == SGX_KEY_PROVISION || r->keyname == SGX_KEY_PROVISION_SEAL) &&
	    !(flags & SGX_ATTR_PROVISIONKEY))
		return SGX_ERROR(SGX_INVALID_ATTRIBUTE, "enclave may not have this key");
	if (cpusvn_beyond(r->cpusvn))
		return SGX_ERROR(SGX_INVALID_CPUSVN, "CPUSVN beyond the CPU's");
	if (r->isvsvn > e->secs.isvsvn)
		return SGX_ERROR(SGX_INVALID_ISVSVN, "ISVSVN beyond the enclave's");
	if (r->configsvn > e->secs.configsvn)
		return SGX_ERROR(SGX_INVALID_ISVSVN, "CONFIGSVN beyond the enclave's");
	return SGX_OK;
}

/* Without KSS the policy has none of these bits, and CONFIGSVN is 0. */
static void kss_dependencies(const struct sgx_enclave *e, const struct sgx_keyrequest *r,
			     struct key_dependencies *d)
{
	if (r->keypolicy & SGX_KEYPOLICY_NOISVPRODID)
		d->isvprodid = 0;
	if (r->keypolicy & SGX_KEYPOLICY_ISVFAMILYID)
		memcpy(d->isvfamilyid, e->isvfamilyid, sizeof(d->isvfamilyid));
	if (r->keypolicy & SGX_KEYPOLICY_ISVEXTPRODID)
		memcpy(d->isvextprodid, e->isvextprodid, sizeof(d->isvextprodid));
	if (r->keypolicy & SGX_KEYPOLICY_CONFIGID) {
		memcpy(d->configid, e->secs.configid, sizeof(d->configid));
		d->configsvn = r->configsvn;
	}
}

/* SEAL, PROVISION, PROVISION_SEAL and EINITTOKEN; what each does not depend on stays zero. */
static void masked_key_dependencies(const struct sgx_enclave *e, const struct sgx_keyrequest *r,
				    struct key_dependencies *d)
{
	bool seal = r->keyname == SGX_KEY_SEAL;

	memset(d, 0, sizeof(*d));
	d->keyname = r->keyname;
	d->isvprodid = e->secs.isvprodid;
	d->isvsvn = r->isvsvn;
	memcpy(d->cpusvn, r->cpusvn, sizeof(d->cpusvn));
	d->attributemask = r->attributemask;
	d->attributes.flags =
		(r->attributemask.flags | SEAL_FIXED_ATTRIBUTES) & e->secs.attributes.flags;
	d->attributes.xfrm = r->attributemask.xfrm & e->secs.attributes.xfrm;
	d->miscselect = r->miscmask & e->secs.miscselect;
	d->miscmask = ~r->miscmask;
	if (seal || r->keyname == SGX_KEY_EINITTOKEN) {
		memcpy(d->owner_epoch, owner_epoch, sizeof(owner_epoch));
		memcpy(d->keyid, r->keyid, sizeof(d->keyid));
	}
	if (seal || r->keyname == SGX_KEY_PROVISION_SEAL)
		kss_dependencies(e, r, d);
	if (seal)
		d->keypolicy = r->keypolicy;
	if (seal && r->keypolicy & SGX_KEYPOLICY_MRENCLAVE)
		memcpy(d->mrenclave, e->secs.mrenclave, SGX_HASH_SIZE);
	if (!seal || r->keypolicy & SGX_KEYPOLICY_MRSIGNER)
		memcpy(d->mrsigner, e->secs.mrsigner, SGX_HASH_SIZE);
}

struct sgx_outcome sgx_egetkey(struct sgx_enclave *e, uint64_t keyrequest, uint64_t key)
{
	struct sgx_outcome o = operand_access(e, keyrequest, 512, EPCM_R);
	struct key_dependencies d;
	struct sgx_keyrequest r = { 0 };
	uint8_t value[SGX_KEY_SIZE];
	uint16_t policy;

	if (!o.code)
		o = operand_access(e, key, 16, EPCM_R | EPCM_W);
	if (o.code)
		return o;
	epc_copy(&r, (const void *)keyrequest, sizeof(r));
	policy = e->secs.attributes.flags & SGX_ATTR_KSS ? KEYPOLICY_KSS : KEYPOLICY_PLAIN;
	if (r.reserved1 || !sgx_is_zero(r.reserved2, sizeof(r.reserved2)) ||
	    r.keypolicy & ~policy)
		return SGX_GP("KEYREQUEST reserved field not zero");
	o = keyrequest_check(e, &r);
	if (o.code)
		return o;
	if (r.keyname == SGX_KEY_REPORT) {
		report_key_dependencies(&d, e->secs.mrenclave, e->secs.attributes,
					e->secs.miscselect, r.keyid);
		d.configsvn = e->secs.configsvn;
		memcpy(d.configid, e->secs.configid, sizeof(d.configid));
	} else
		masked_key_dependencies(e, &r, &d);
	if (derive_key(&d, value))
		return SGX_GP("the machine has no fuse key: state directory not usable");
	epc_copy((void *)key, value, sizeof(value));
	return SGX_OK;
}
