/* accept.c: EACCEPT, EMODPE, EACCEPTCOPY: the enclave's half of EDMM.
 *
 * Called for every page the LibOS takes, from the ENCLU gate, with the enclave's vector registers
 * and FS still live: general registers only, no TLS, no allocation, no system call. An EPCM entry
 * that changes meanwhile is the concurrency conflict of the SDM, #GP. */
#ifdef __SSE__
#error "compile this file with -mgeneral-regs-only"
#endif

#include "access.h"
#include "memory.h"
#include "track.h"

#define SECINFO_STATE (SECINFO_RWX | SECINFO_PENDING | SECINFO_MODIFIED)
#define EPCM_STATE    (EPCM_RWX | EPCM_PENDING | EPCM_MODIFIED | EPCM_TYPE_MASK)

static struct sgx_outcome secinfo_read(struct sgx_enclave *e, uint64_t addr, struct sgx_secinfo *si)
{
	uint64_t reserved = 0;
	struct sgx_outcome o;

	if (!(sim_cpu.leaves & SIM_CPU_SGX2)) /* as any number that ENCLU does not know, SDM */
		return SGX_GP("not a leaf of this CPU");
	o = operand_access(e, addr, 64, EPCM_R);
	if (o.code)
		return o;
	si->flags = epc_load(addr);
	for (int i = 1; i < 8; i++)
		reserved |= epc_load(addr + 8 * i);
	if (reserved || si->flags & ~(SECINFO_STATE | SECINFO_PR | SECINFO_TYPE_MASK))
		return SGX_GP("SECINFO reserved field not zero");
	return SGX_OK;
}

static struct sgx_outcome target_check(struct sgx_enclave *e, uint64_t addr)
{
	if (addr & (SGX_PAGE_SIZE - 1))
		return SGX_GP("target not page aligned");
	if (!sgx_in_elrange(e, addr))
		return SGX_GP("target outside ELRANGE");
	if (!(epcm_load(&e->epcm, addr) & EPCM_RESIDENT))
		return SGX_PF(addr, "target does not resolve in the EPC");
	return SGX_OK;
}

static const char *new_tcs_problem(struct sgx_enclave *e, uint64_t addr)
{
	const struct sgx_tcs_state *t = sgx_tcs_find(e, addr);
	const struct sgx_tcs *p = &t->page;

	for (unsigned int i = 0; i < sizeof(p->reserved); i++)
		if (p->reserved[i])
			return "TCS reserved field not zero";
	if (p->flags & ~TCS_AEXNOTIFY || p->cssa >= p->nssa || p->aep || p->state)
		return "TCS not fit to be accepted";
	return NULL;
}

static bool accept_combination(uint64_t flags)
{
	uint64_t type = flags & SECINFO_TYPE_MASK;

	if (type == SECINFO_REG)
		return !(flags & SECINFO_MODIFIED);
	return (type == SECINFO_TCS || type == SECINFO_TRIM) && !(flags & SECINFO_PENDING) &&
	       flags & SECINFO_MODIFIED;
}

struct sgx_outcome sgx_eaccept(struct sgx_enclave *e, uint64_t secinfo, uint64_t addr)
{
	struct sgx_secinfo si;
	const char *problem;
	struct sgx_outcome o = secinfo_read(e, secinfo, &si);
	uint16_t v, want;

	if (o.code)
		return o;
	o = target_check(e, addr);
	if (o.code)
		return o;
	if (!accept_combination(si.flags))
		return SGX_GP("SECINFO asks for what cannot be accepted");
	v = epcm_load(&e->epcm, addr);
	if (!(v & EPCM_VALID) || v & EPCM_BLOCKED)
		return SGX_PF(addr, "target not valid, or blocked");
	want = (si.flags & SECINFO_STATE) | (si.flags & EPCM_TYPE_MASK);
	if ((v & EPCM_STATE) != want)
		return SGX_ERROR(SGX_PAGE_ATTRIBUTES_MISMATCH, "page is not what was asked for");
	if (v & (EPCM_PR | EPCM_MODIFIED) && !track_complete(e, track_stamped(e, addr)))
		return SGX_ERROR(SGX_NOT_TRACKED, "a thread may still have the old translation");
	if (epcm_type(v) == SGX_PT_TCS) {
		problem = new_tcs_problem(e, addr);
		if (problem)
			return SGX_GP(problem);
	}
	if (!epcm_swap(epcm_entry(&e->epcm, addr), v,
		       v & ~(EPCM_PENDING | EPCM_MODIFIED | EPCM_PR)))
		return SGX_GP("target in use by another leaf");
	return SGX_OK;
}

struct sgx_outcome sgx_emodpe(struct sgx_enclave *e, uint64_t secinfo, uint64_t addr)
{
	struct sgx_secinfo si;
	struct sgx_outcome o = secinfo_read(e, secinfo, &si);
	uint16_t v;

	if (o.code)
		return o;
	o = target_check(e, addr);
	if (o.code)
		return o;
	v = epcm_load(&e->epcm, addr);
	if (!(v & EPCM_VALID) || epcm_type(v) != SGX_PT_REG ||
	    v & (EPCM_BLOCKED | EPCM_PENDING | EPCM_MODIFIED))
		return SGX_PF(addr, "target not a settled REG page");
	if (!((v | si.flags) & SECINFO_R) && si.flags & SECINFO_W)
		return SGX_GP("would give W without R");
	if (!epcm_swap(epcm_entry(&e->epcm, addr), v, v | (si.flags & SECINFO_RWX)))
		return SGX_GP("target in use by another leaf");
	return SGX_OK;
}

struct sgx_outcome sgx_eacceptcopy(struct sgx_enclave *e, uint64_t secinfo, uint64_t addr,
				   uint64_t source)
{
	const uint16_t pending =
		EPCM_VALID | EPCM_PENDING | EPCM_R | EPCM_W | EPCM_TYPE(SGX_PT_REG);
	struct sgx_secinfo si;
	struct sgx_outcome o = secinfo_read(e, secinfo, &si);
	uint16_t v;

	if (o.code)
		return o;
	o = target_check(e, addr);
	if (o.code)
		return o;
	o = operand_access(e, source, SGX_PAGE_SIZE, EPCM_R);
	if (o.code)
		return o;
	if ((si.flags & SECINFO_TYPE_MASK) != SECINFO_REG ||
	    si.flags & (SECINFO_PENDING | SECINFO_MODIFIED) ||
	    (si.flags & (SECINFO_R | SECINFO_W)) == SECINFO_W)
		return SGX_GP("SECINFO not a plain REG page");
	v = epcm_load(&e->epcm, addr);
	if ((v & EPCM_CPU_MASK) != pending)
		return SGX_ERROR(SGX_PAGE_ATTRIBUTES_MISMATCH, "target not a pending R|W page");
	epc_copy((void *)addr, (const void *)source, SGX_PAGE_SIZE);
	if (!epcm_swap(epcm_entry(&e->epcm, addr), v,
		       (v & ~EPCM_PENDING) | (si.flags & SECINFO_RWX)))
		return SGX_GP("target in use by another leaf");
	return SGX_OK;
}
