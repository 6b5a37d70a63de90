/* debug.c: EDBGRD and EDBGWR: eight bytes of an enclave that was made for debugging. Of a TCS only
 * FLAGS can be written. */
#include <string.h>
#include <sys/mman.h>

#include "cost.h"
#include "memory.h"
#include "sgxsim.h"

#define TCS_FLAGS_OFFSET offsetof(struct sgx_tcs, flags)

static struct sgx_outcome debug_check(struct sgx_enclave *e, uint64_t addr)
{
	uint16_t v;

	if (addr & 7)
		return SGX_GP("address not a multiple of 8");
	if (!sgx_in_elrange(e, addr) || !(epcm_load(&e->epcm, addr) & EPCM_RESIDENT))
		return SGX_PF(addr, "address does not resolve in the EPC");
	v = epcm_load(&e->epcm, addr);
	if (!(v & EPCM_VALID) || v & EPCM_BLOCKED)
		return SGX_PF(addr, "EPC page not valid, or blocked");
	if (epcm_type(v) != SGX_PT_REG && epcm_type(v) != SGX_PT_TCS)
		return SGX_PF(addr, "EPC page neither REG nor TCS");
	if (v & (EPCM_PENDING | EPCM_MODIFIED))
		return SGX_ERROR(SGX_PAGE_NOT_DEBUGGABLE, "page pending or modified");
	if (!(e->secs.attributes.flags & SGX_ATTR_DEBUG))
		return SGX_GP("not a debug enclave");
	return SGX_OK;
}

static uint8_t *tcs_bytes(struct sgx_enclave *e, uint64_t addr)
{
	struct sgx_tcs_state *tcs;

	if (epcm_type(epcm_load(&e->epcm, addr)) != SGX_PT_TCS)
		return NULL;
	tcs = sgx_tcs_find(e, addr & ~(SGX_PAGE_SIZE - 1));
	tcs->page.cssa = tcs->cssa;
	return (uint8_t *)&tcs->page + (addr & (SGX_PAGE_SIZE - 1));
}

/* The mapping may forbid what the leaf may do; it is put right again. */
static void word_move(struct sgx_enclave *e, uint64_t addr, uint64_t *value, bool write)
{
	uint64_t start = addr & ~(SGX_PAGE_SIZE - 1);

	mprotect((void *)start, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE);
	if (write)
		epc_store(addr, *value);
	else
		*value = epc_load(addr);
	epc_sync(e, start, SGX_PAGE_SIZE);
}

struct sgx_outcome sgx_edbgrd(struct sgx_enclave *e, uint64_t addr, uint64_t *value)
{
	struct sgx_outcome o = debug_check(e, addr);
	const uint8_t *tcs;

	sgx_count_here(EV_EDBGRD);
	if (o.code)
		return o;
	tcs = tcs_bytes(e, addr);
	if (tcs)
		memcpy(value, tcs, sizeof(*value));
	else
		word_move(e, addr, value, false);
	return SGX_OK;
}

struct sgx_outcome sgx_edbgwr(struct sgx_enclave *e, uint64_t addr, uint64_t value)
{
	struct sgx_outcome o = debug_check(e, addr);
	uint8_t *tcs;

	sgx_count_here(EV_EDBGWR);
	if (o.code)
		return o;
	tcs = tcs_bytes(e, addr);
	if (!tcs) {
		word_move(e, addr, &value, true);
		return SGX_OK;
	}
	if ((addr & (SGX_PAGE_SIZE - 1)) != TCS_FLAGS_OFFSET || value & ~(TCS_DBGOPTIN | TCS_AEXNOTIFY))
		return SGX_GP("only the defined bits of TCS.FLAGS can be written");
	memcpy(tcs, &value, sizeof(value));
	return SGX_OK;
}
