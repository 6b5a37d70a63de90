/* attest.c: mutual local attestation and the agreement on keys.
 *
 * Both sides make an X25519 key for this link alone. Each sends a REPORT whose data is a hash of its role and both
 * public keys. A REPORT's MAC is under a key that only the enclave it is meant for can get (EGETKEY); it is meant for an enclave
 * with this one's own measurement and attributes, so both sides can make and check REPORTs without asking who the
 * other is: whoever is not the same LibOS with the same configuration can do neither. The keys of the link come from the
 * shared secret and both public keys by HKDF. The role keeps the host from sending our own REPORT back to us, the fresh keys
 * from using an old one again. */
#include "base/log.h"
#include "base/string.h"
#include "crypto/hkdf.h"
#include "crypto/rng.h"
#include "crypto/sha256.h"
#include "crypto/cmac.h"
#include "crypto/util.h"
#include "eip/internal.h"
#include "linux/errno.h"

#define REPORT_LABEL "occlum eip report"
#define KEYS_LABEL "occlum eip keys"

static enum eip_role other(enum eip_role role)
{
	return role == EIP_PARENT ? EIP_CHILD : EIP_PARENT;
}

/* What we are, by our own REPORT; the same as long as the enclave lives. */
static const struct sgx_report *self(void)
{
	static const struct sgx_targetinfo nobody;
	static const uint8_t data[64];
	static struct sgx_report report;
	static bool known;

	if (!known)
		enclu_ereport(&nobody, data, &report);
	known = true;
	return &report;
}

void attest_begin(struct eip_attest *a, enum eip_role role)
{
	memset(a, 0, sizeof(*a));
	a->role = role;
	rng_bytes(a->secret, sizeof(a->secret));
	x25519_public(a->secret, a->public[role]);
}

static void transcript(const struct eip_attest *a, enum eip_role who, uint8_t data[64])
{
	struct {
		char label[sizeof(REPORT_LABEL)];
		uint8_t role;
		uint8_t parent[X25519_SIZE], child[X25519_SIZE];
	} in = { REPORT_LABEL, (uint8_t)who, { 0 }, { 0 } };

	memcpy(in.parent, a->public[EIP_PARENT], X25519_SIZE);
	memcpy(in.child, a->public[EIP_CHILD], X25519_SIZE);
	memset(data, 0, 64);
	sha256(&in, sizeof(in), data);
}

void attest_report(const struct eip_attest *a, uint8_t *out)
{
	static struct sgx_targetinfo target;
	static struct sgx_report report;
	const struct sgx_report *me = self();
	uint8_t data[64];

	memcpy(target.mrenclave, me->mrenclave, sizeof(target.mrenclave));
	target.attributes = me->attributes;
	target.xfrm = me->xfrm;
	target.cet_attributes = me->cet_attributes;
	target.configsvn = me->configsvn;
	target.miscselect = me->miscselect;
	memcpy(target.configid, me->configid, sizeof(target.configid));
	transcript(a, a->role, data);
	enclu_ereport(&target, data, &report);
	memcpy(out, &report, SGX_REPORT_SIZE);
}

static bool mac_right(const struct sgx_report *r)
{
	static struct sgx_keyrequest request;
	uint8_t key[16], mac[CMAC_SIZE];
	bool ok;

	request = (struct sgx_keyrequest){ .keyname = SGX_KEY_REPORT };
	memcpy(request.keyid, r->keyid, sizeof(request.keyid));
	ok = !enclu_egetkey(&request, key);
	aes128_cmac(key, r, SGX_REPORT_MACED, mac);
	ok = ok && same_bytes(mac, r->mac, sizeof(mac));
	wipe(key, sizeof(key));
	return ok;
}

/* All of a REPORT but what is its maker's to say. */
static bool same_identity(const struct sgx_report *r)
{
	return !memcmp(r, self(), offsetof(struct sgx_report, data));
}

int attest_check(const struct eip_attest *a, const uint8_t *report)
{
	static struct sgx_report r;
	uint8_t data[64];

	memcpy(&r, report, SGX_REPORT_SIZE);
	transcript(a, other(a->role), data);
	if (!mac_right(&r)) {
		log_error("the enclave at the other end of a link is none of this machine, or not meant for this one");
		return -EACCES;
	}
	if (!same_identity(&r)) {
		log_error("the enclave at the other end of a link has another measurement or other attributes");
		return -EACCES;
	}
	if (!same_bytes(r.data, data, sizeof(data))) {
		log_error("the enclave at the other end of a link speaks of other keys");
		return -EACCES;
	}
	return 0;
}

int attest_keys(struct eip_attest *a, struct gcm_key *send, struct gcm_key *recv)
{
	uint8_t shared[X25519_SIZE], salt[32], keys[2][GCM_KEY_SIZE];
	bool parent = a->role == EIP_PARENT;
	bool ok = x25519_shared(a->secret, a->public[other(a->role)], shared);

	sha256(a->public[EIP_PARENT], 2 * X25519_SIZE, salt);
	hkdf_sha256(salt, sizeof(salt), shared, sizeof(shared), KEYS_LABEL, sizeof(KEYS_LABEL), keys[0], sizeof(keys));
	gcm_key_init(send, keys[!parent]);
	gcm_key_init(recv, keys[parent]);
	wipe(keys, sizeof(keys));
	wipe(shared, sizeof(shared));
	wipe(a->secret, sizeof(a->secret));
	return ok ? 0 : -EACCES;
}
