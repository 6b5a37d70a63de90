/* ssa.h: the state save areas of a TCS. For EENTER, ERESUME and EDECCSSA; general registers only. */
#pragma once
#include "sgxsim.h"

/* All pages of an SSA frame must be writable REG pages now, since AEX cannot fail. */
static inline struct sgx_outcome ssa_check(struct sgx_enclave *e, uint64_t frame)
{
	const uint16_t need = EPCM_VALID | EPCM_R | EPCM_W;
	const uint16_t bad = EPCM_BLOCKED | EPCM_PENDING | EPCM_MODIFIED;
	uint64_t addr;
	uint16_t v;

	for (uint32_t i = 0; i < e->secs.ssa_frame_size; i++) {
		addr = frame + i * SGX_PAGE_SIZE;
		v = sgx_in_elrange(e, addr) ? epcm_load(&e->epcm, addr) : 0;
		if ((v & need) != need || v & bad || epcm_type(v) != SGX_PT_REG ||
		    (epcm_effective(v) & (EPCM_R | EPCM_W)) != (EPCM_R | EPCM_W))
			return SGX_PF(addr, "SSA page not a writable REG page");
	}
	return SGX_OK;
}

static inline uint64_t ssa_frame(const struct sgx_enclave *e, const struct sgx_tcs_state *tcs,
			  uint32_t index)
{
	return e->secs.base + tcs->page.ossa +
	       (uint64_t)index * e->secs.ssa_frame_size * SGX_PAGE_SIZE;
}
