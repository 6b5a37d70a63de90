/* edmm.c: the supervisor's leaves on an enclave that runs: EAUG, EMODPR, EMODT.
 *
 * They change the EPCM only and stamp the page with the tracking epoch; ETRACK and the end of that
 * epoch let EACCEPT succeed. The caller flushes translations with epc_sync; until then a running
 * thread keeps what it had, as on hardware. */
#include "access.h"
#include "cost.h"
#include "memory.h"
#include "sgxsim.h"
#include "track.h"

struct sgx_outcome sgx_eaug(const struct sgx_pageinfo *pi)
{
	struct sgx_enclave *e = (void *)pi->secs;
	epcm_entry_t *entry;
	uint16_t old;

	sgx_count_here(EV_EAUG);
	if (!(sim_cpu.leaves & SIM_CPU_SGX2))
		return SGX_GP("EAUG is not a leaf of this CPU");
	if (pi->linaddr & (SGX_PAGE_SIZE - 1))
		return SGX_GP("LINADDR not page aligned");
	if (pi->srcpge || pi->secinfo)
		return SGX_GP("SRCPGE or SECINFO not zero");
	if (!e)
		return SGX_PF(0, "SECS does not resolve in the EPC");
	if (!sgx_in_elrange(e, pi->linaddr))
		return SGX_GP("LINADDR outside ELRANGE");
	entry = epcm_entry(&e->epcm, pi->linaddr);
	old = entry ? atomic_load(entry) : 0;
	if (!(old & EPCM_RESIDENT))
		return SGX_PF(pi->linaddr, "page does not resolve in the EPC");
	if (old & EPCM_VALID)
		return SGX_PF(pi->linaddr, "EPC page already valid");
	if (!(e->secs.attributes.flags & SGX_ATTR_INIT))
		return SGX_GP("enclave not initialised");
	if (old & EPCM_USED)
		epc_clear((void *)pi->linaddr, SGX_PAGE_SIZE);
	epcm_set_bits(entry, EPCM_CPU_MASK | EPCM_USED,
		      EPCM_VALID | EPCM_USED | EPCM_PENDING | EPCM_R | EPCM_W |
			      EPCM_TYPE(SGX_PT_REG));
	e->children++;
	return SGX_OK;
}

static bool secinfo_ok(const struct sgx_secinfo *si)
{
	return !(si->flags & ~(SECINFO_RWX | SECINFO_PENDING | SECINFO_MODIFIED | SECINFO_PR |
			       SECINFO_TYPE_MASK)) &&
	       sgx_is_zero(si->reserved, sizeof(si->reserved));
}

struct sgx_outcome sgx_emodpr(struct sgx_enclave *e, uint64_t addr, const struct sgx_secinfo *si)
{
	struct sgx_outcome o;
	uint16_t v;

	sgx_count_here(EV_EMODPR);
	if (!(sim_cpu.leaves & SIM_CPU_SGX2))
		return SGX_GP("EMODPR is not a leaf of this CPU");
	if ((uint64_t)si & 63)
		return SGX_GP("SECINFO not aligned");
	o = page_operand(e, addr);
	if (o.code)
		return o;
	if (!secinfo_ok(si) || (si->flags & (SECINFO_R | SECINFO_W)) == SECINFO_W)
		return SGX_GP("SECINFO reserved field not zero, or W without R");
	v = epcm_load(&e->epcm, addr);
	if (!(v & EPCM_VALID))
		return SGX_PF(addr, "EPC page not valid");
	if (v & (EPCM_PENDING | EPCM_MODIFIED))
		return SGX_ERROR(SGX_PAGE_NOT_MODIFIABLE, "page pending or modified");
	if (epcm_type(v) != SGX_PT_REG)
		return SGX_PF(addr, "EPC page not REG");
	if (!(e->secs.attributes.flags & SGX_ATTR_INIT))
		return SGX_GP("enclave not initialised");
	track_stamp(e, addr);
	if (!epcm_swap(epcm_entry(&e->epcm, addr), v,
		       ((v & ~EPCM_RWX) | (v & si->flags & EPCM_RWX)) | EPCM_PR))
		return SGX_ERROR(SGX_EPC_PAGE_CONFLICT, "page in use by another leaf");
	return SGX_OK;
}

struct sgx_outcome sgx_emodt(struct sgx_enclave *e, uint64_t addr, const struct sgx_secinfo *si)
{
	unsigned int type = (si->flags & SECINFO_TYPE_MASK) >> SECINFO_TYPE_SHIFT;
	struct sgx_tcs_state *tcs;
	struct sgx_outcome o;
	uint16_t v;

	sgx_count_here(EV_EMODT);
	if (!(sim_cpu.leaves & SIM_CPU_SGX2))
		return SGX_GP("EMODT is not a leaf of this CPU");
	if ((uint64_t)si & 63)
		return SGX_GP("SECINFO not aligned");
	o = page_operand(e, addr);
	if (o.code)
		return o;
	if (!secinfo_ok(si) || (type != SGX_PT_TCS && type != SGX_PT_TRIM))
		return SGX_GP("SECINFO reserved field not zero, or type not TCS or TRIM");
	v = epcm_load(&e->epcm, addr);
	if (!(v & EPCM_VALID))
		return SGX_PF(addr, "EPC page not valid");
	if (epcm_type(v) != SGX_PT_REG && !(epcm_type(v) == SGX_PT_TCS && type == SGX_PT_TRIM))
		return SGX_PF(addr, "EPC page of the wrong type");
	if (v & (EPCM_PENDING | EPCM_MODIFIED))
		return SGX_ERROR(SGX_PAGE_NOT_MODIFIABLE, "page pending or modified");
	if (!(e->secs.attributes.flags & SGX_ATTR_INIT))
		return SGX_GP("enclave not initialised");
	if (type == SGX_PT_TCS) {
		tcs = sgx_tcs_new(e, addr);
		if (!tcs)
			return SGX_PF(addr, "no memory for the TCS");
		epc_copy(&tcs->page, (void *)addr, sizeof(tcs->page));
	}
	track_stamp(e, addr);
	if (!epcm_swap(epcm_entry(&e->epcm, addr), v,
		       (v & ~(EPCM_RWX | EPCM_PR | EPCM_TYPE_MASK)) | EPCM_MODIFIED |
			       EPCM_TYPE(type)))
		return SGX_GP("page in use by another leaf");
	return SGX_OK;
}
