/* paging.c: EPA, EWB, ELDU, ELDB: EPC pages that go out sealed and come back once.
 *
 * AES-128-GCM under a key that lives as long as the process (the CPU's paging key lasts until the
 * next reset). Authenticated are the content and what the EPCM said of the page; the version in a
 * slot of a version array is the nonce, so a page comes back only while its slot holds its version,
 * and the slot is emptied then: an older copy never fits again. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "memory.h"
#include "cost.h"
#include "sgxsim.h"
#include "track.h"

#define SEALED_STATE                                                                               \
	(SECINFO_RWX | SECINFO_PENDING | SECINFO_MODIFIED | SECINFO_PR | SECINFO_TYPE_MASK)

struct mac_header {
	uint64_t flags; /* as SECINFO.FLAGS */
	uint64_t eid;
	uint64_t linaddr;
	uint8_t zero[104];
};
_Static_assert(sizeof(struct mac_header) == 128, "size of the SDM's header");

static const uint8_t *paging_key(void)
{
	static uint8_t key[SGX_KEY_SIZE];
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static bool made;

	pthread_mutex_lock(&lock);
	while (!made)
		made = getrandom(key, sizeof(key), 0) == sizeof(key);
	pthread_mutex_unlock(&lock);
	return key;
}

/* One AES-GCM pass over a page; 0, -EBADMSG or -ENOMEM. */
static int page_crypt(bool seal, uint64_t version, const struct mac_header *header,
		      const uint8_t *in, uint8_t *out, uint8_t mac[SGX_KEY_SIZE])
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t iv[12] = {0};
	int n, ret = -ENOMEM;

	memcpy(iv + 4, &version, sizeof(version));
	if (!c || !EVP_CipherInit_ex(c, EVP_aes_128_gcm(), NULL, paging_key(), iv, seal) ||
	    !EVP_CipherUpdate(c, NULL, &n, (const uint8_t *)header, sizeof(*header)) ||
	    !EVP_CipherUpdate(c, out, &n, in, SGX_PAGE_SIZE))
		goto out;
	if (!seal && !EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, SGX_KEY_SIZE, mac))
		goto out;
	ret = EVP_CipherFinal_ex(c, out + n, &n) > 0 ? 0 : -EBADMSG;
	if (!ret && seal && !EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, SGX_KEY_SIZE, mac))
		ret = -ENOMEM;
out:
	EVP_CIPHER_CTX_free(c);
	return ret;
}

struct sgx_outcome sgx_epa(struct sgx_va *va)
{
	sgx_count_here(EV_EPA);
	if (va->valid)
		return SGX_PF(0, "EPC page already valid");
	memset(va->slots, 0, sizeof(va->slots));
	va->valid = true;
	return SGX_OK;
}

struct sgx_outcome sgx_eremove_va(struct sgx_va *va)
{
	va->valid = false;
	return SGX_OK;
}

static struct sgx_outcome operands_check(const struct sgx_pageinfo *pi, struct sgx_epc page,
					 struct sgx_va_slot slot)
{
	if (slot.offset & 7 || slot.offset >= SGX_PAGE_SIZE)
		return SGX_GP("version slot not aligned");
	if (!page.va && page.addr != SGX_ADDR_SECS && page.addr & (SGX_PAGE_SIZE - 1))
		return SGX_GP("EPC page not page aligned");
	if (page.va == slot.va)
		return SGX_GP("a version array cannot hold its own version");
	if (pi->srcpge & (SGX_PAGE_SIZE - 1) || pi->secinfo & 127)
		return SGX_GP("PAGEINFO.SRCPGE or PCMD not aligned");
	if (!slot.va || !slot.va->valid)
		return SGX_PF(0, "slot not in a version array page");
	return SGX_OK;
}

/* Content that is not at a linear address: copied to or from the page's own place. */
static void *elsewhere(struct sgx_epc page, unsigned int type)
{
	if (page.va)
		return page.va->slots;
	if (type == SGX_PT_SECS)
		return &page.e->secs;
	return type == SGX_PT_TCS ? &sgx_tcs_find(page.e, page.addr)->page : NULL;
}

static void content_read(struct sgx_epc page, unsigned int type, uint8_t out[SGX_PAGE_SIZE])
{
	struct sgx_tcs_state *tcs;

	if (type == SGX_PT_TCS) {
		tcs = sgx_tcs_find(page.e, page.addr);
		tcs->page.cssa = tcs->cssa;
	}
	if (elsewhere(page, type)) {
		memcpy(out, elsewhere(page, type), SGX_PAGE_SIZE);
		return;
	}
	mprotect((void *)page.addr, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE);
	epc_copy(out, (const void *)page.addr, SGX_PAGE_SIZE);
}

/* What page may be written out now, and as what; code 0: header filled. */
static struct sgx_outcome ewb_state(struct sgx_epc page, struct mac_header *h)
{
	uint16_t v;

	if (page.va) {
		h->flags = SECINFO_TYPE(SGX_PT_VA);
		return page.va->valid ? SGX_OK : SGX_PF(0, "EPC page not valid");
	}
	h->eid = page.e->eid;
	if (page.addr == SGX_ADDR_SECS) {
		h->flags = SECINFO_TYPE(SGX_PT_SECS);
		h->eid = 0;
		if (page.e->evicted)
			return SGX_PF(0, "EPC page not valid");
		return page.e->children ? SGX_ERROR(SGX_CHILD_PRESENT, "the SECS has pages") : SGX_OK;
	}
	if (!sgx_in_elrange(page.e, page.addr))
		return SGX_PF(page.addr, "page does not resolve in the EPC");
	v = epcm_load(&page.e->epcm, page.addr);
	if (!(v & EPCM_VALID))
		return SGX_PF(page.addr, "EPC page not valid");
	if (!(v & EPCM_BLOCKED))
		return SGX_ERROR(SGX_PAGE_NOT_BLOCKED, "page not blocked");
	if (!track_complete(page.e, track_stamped(page.e, page.addr)))
		return SGX_ERROR(SGX_NOT_TRACKED, "a thread may still have a translation");
	h->linaddr = page.addr;
	h->flags = v & SEALED_STATE & ~SECINFO_TYPE_MASK;
	h->flags |= SECINFO_TYPE(epcm_type(v));
	return SGX_OK;
}

static void ewb_done(struct sgx_epc page)
{
	if (page.va) {
		page.va->valid = false;
	} else if (page.addr == SGX_ADDR_SECS) {
		page.e->evicted = true;
	} else {
		epcm_set_bits(epcm_entry(&page.e->epcm, page.addr), EPCM_CPU_MASK, 0);
		page.e->children--;
	}
}

struct sgx_outcome sgx_ewb(struct sgx_pageinfo *pi, struct sgx_epc page, struct sgx_va_slot slot)
{
	static _Atomic uint64_t next_version = 1;
	struct sgx_pcmd *pcmd = (void *)pi->secinfo;
	struct sgx_outcome o = operands_check(pi, page, slot);
	struct mac_header h = {0};
	uint8_t content[SGX_PAGE_SIZE];
	uint64_t version, *at;

	sgx_count_here(EV_EWB);
	if (!o.code && (pi->linaddr || pi->secs))
		o = SGX_GP("PAGEINFO.LINADDR or SECS not zero");
	if (!o.code)
		o = ewb_state(page, &h);
	if (o.code)
		return o;
	content_read(page, (h.flags & SECINFO_TYPE_MASK) >> SECINFO_TYPE_SHIFT, content);
	version = atomic_fetch_add(&next_version, 1);
	*pcmd = (struct sgx_pcmd){.secinfo.flags = h.flags, .enclaveid = h.eid};
	if (page_crypt(true, version, &h, content, (uint8_t *)pi->srcpge, pcmd->mac))
		return SGX_GP("no memory for AES-GCM");
	pi->linaddr = h.linaddr;
	at = &slot.va->slots[slot.offset / 8];
	if (*at)
		o = SGX_ERROR(SGX_VA_SLOT_OCCUPIED, "the slot held another version, which is lost");
	*at = version;
	ewb_done(page);
	return o;
}

static struct sgx_outcome eld_target(const struct sgx_pageinfo *pi, struct sgx_epc page,
				     unsigned int type)
{
	uint16_t v;

	if (type == SGX_PT_VA || type == SGX_PT_SECS) {
		if (pi->secs)
			return SGX_GP("PAGEINFO.SECS not zero");
		if (type == SGX_PT_VA ? !page.va || page.va->valid
				      : page.va || page.addr != SGX_ADDR_SECS || !page.e->evicted)
			return SGX_PF(0, "EPC page already valid");
		return SGX_OK;
	}
	if (!pi->secs || page.va || (struct sgx_enclave *)pi->secs != page.e || page.e->evicted)
		return SGX_PF(0, "PAGEINFO.SECS is not a SECS in the EPC");
	if (!sgx_in_elrange(page.e, page.addr))
		return SGX_PF(page.addr, "page does not resolve in the EPC");
	v = epcm_load(&page.e->epcm, page.addr);
	if (!(v & EPCM_RESIDENT) || v & EPCM_VALID)
		return SGX_PF(page.addr, "page not in the EPC, or valid already");
	return SGX_OK;
}

static struct sgx_outcome eld_commit(struct sgx_epc page, unsigned int type, uint64_t flags,
				     const uint8_t content[SGX_PAGE_SIZE], bool blocked)
{
	struct sgx_tcs_state *tcs;

	if (type == SGX_PT_TCS) {
		tcs = sgx_tcs_new(page.e, page.addr);
		if (!tcs)
			return SGX_PF(page.addr, "no memory for the TCS");
		memcpy(&tcs->page, content, SGX_PAGE_SIZE);
		tcs->cssa = tcs->page.cssa;
	} else if (elsewhere(page, type)) {
		memcpy(elsewhere(page, type), content, SGX_PAGE_SIZE);
	} else {
		epc_copy((void *)page.addr, content, SGX_PAGE_SIZE);
	}
	if (type == SGX_PT_VA) {
		page.va->valid = true;
	} else if (type == SGX_PT_SECS) {
		page.e->evicted = false;
	} else {
		atomic_store(epcm_stamp(&page.e->epcm, page.addr), 0); /* EWB waited for its translations */
		epcm_set_bits(epcm_entry(&page.e->epcm, page.addr), EPCM_CPU_MASK | EPCM_USED,
			      EPCM_VALID | EPCM_USED | (blocked ? EPCM_BLOCKED : 0) |
				      (flags & SEALED_STATE & ~SECINFO_TYPE_MASK) | EPCM_TYPE(type));
		page.e->children++;
	}
	return SGX_OK;
}

static struct sgx_outcome eld(const struct sgx_pageinfo *pi, struct sgx_epc page,
			      struct sgx_va_slot slot, bool blocked)
{
	struct sgx_outcome o = operands_check(pi, page, slot);
	struct sgx_pcmd pcmd;
	struct mac_header h = {0};
	uint8_t content[SGX_PAGE_SIZE];
	unsigned int type;
	uint64_t *at;

	sgx_count_here(EV_ELD);
	if (o.code)
		return o;
	pcmd = *(const struct sgx_pcmd *)pi->secinfo;
	type = (pcmd.secinfo.flags & SECINFO_TYPE_MASK) >> SECINFO_TYPE_SHIFT;
	if (pcmd.secinfo.flags & ~SEALED_STATE || type > SGX_PT_TRIM ||
	    !sgx_is_zero(pcmd.secinfo.reserved, sizeof(pcmd.secinfo.reserved)) ||
	    !sgx_is_zero(pcmd.reserved, sizeof(pcmd.reserved)))
		return SGX_GP("PCMD reserved field not zero");
	o = eld_target(pi, page, type);
	if (o.code)
		return o;
	at = &slot.va->slots[slot.offset / 8];
	h.flags = pcmd.secinfo.flags;
	h.linaddr = pi->linaddr;
	if (type != SGX_PT_VA && type != SGX_PT_SECS) {
		h.eid = page.e->eid;
		if (pi->linaddr != page.addr)
			return SGX_GP("not modelled: a page lies at its linear address");
	}
	if (page_crypt(false, *at, &h, (const uint8_t *)pi->srcpge, content, pcmd.mac))
		return SGX_ERROR(SGX_MAC_COMPARE_FAIL, "not the page that was evicted last");
	o = eld_commit(page, type, h.flags, content, blocked);
	if (!o.code)
		*at = 0;
	return o;
}

struct sgx_outcome sgx_eldu(const struct sgx_pageinfo *pi, struct sgx_epc page,
			    struct sgx_va_slot slot)
{
	return eld(pi, page, slot, false);
}

struct sgx_outcome sgx_eldb(const struct sgx_pageinfo *pi, struct sgx_epc page,
			    struct sgx_va_slot slot)
{
	return eld(pi, page, slot, true);
}
