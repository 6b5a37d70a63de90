/* access.h: the checks that a leaf does on its operands.
 *
 * In the order of the SDM: alignment, ELRANGE, page tables, EPCM. */
#pragma once
#include "sgxsim.h"

/* What a page must be for a leaf to read (need = R) or write (R|W) it; NULL if it is. */
static inline const char *page_problem(uint16_t v, unsigned int need)
{
	if (!(v & EPCM_RESIDENT) || need & ~(v >> EPCM_PTE_SHIFT))
		return "operand not accessible in the page tables";
	if (!(v & EPCM_VALID) || v & (EPCM_BLOCKED | EPCM_PENDING | EPCM_MODIFIED))
		return "operand page not valid, blocked, pending or modified";
	if (epcm_type(v) != SGX_PT_REG || need & ~v)
		return "operand page not REG, or EPCM forbids the access";
	return NULL;
}

/* The page that a supervisor's leaf works on: it need not be valid. */
static inline struct sgx_outcome page_operand(struct sgx_enclave *e, uint64_t addr)
{
	if (addr & (SGX_PAGE_SIZE - 1))
		return SGX_GP("address not page aligned");
	if (!sgx_in_elrange(e, addr) || !(epcm_load(&e->epcm, addr) & EPCM_RESIDENT))
		return SGX_PF(addr, "page does not resolve in the EPC");
	return SGX_OK;
}

static inline struct sgx_outcome operand_access(struct sgx_enclave *e, uint64_t addr,
						uint64_t align, unsigned int need)
{
	const char *problem;

	if (addr & (align - 1))
		return SGX_GP("operand not aligned");
	if (!sgx_in_elrange(e, addr))
		return SGX_GP("operand outside ELRANGE");
	problem = page_problem(epcm_load(&e->epcm, addr), need);
	return problem ? SGX_PF(addr, problem) : SGX_OK;
}
