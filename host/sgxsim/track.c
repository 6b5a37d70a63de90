/* track.c: EBLOCK and ETRACK. */
#include "access.h"
#include "cost.h"
#include "track.h"

static struct sgx_outcome child_block(struct sgx_enclave *e, uint64_t addr)
{
	struct sgx_outcome o = page_operand(e, addr);
	epcm_entry_t *entry;
	uint16_t v;

	if (o.code)
		return o;
	entry = epcm_entry(&e->epcm, addr);
	v = atomic_load(entry);
	if (!(v & EPCM_VALID))
		return SGX_ERROR(SGX_PG_INVLD, "EPC page not valid");
	if (v & EPCM_BLOCKED)
		return SGX_ERROR(SGX_BLKSTATE, "page already blocked");
	track_stamp(e, addr);
	if (!epcm_swap(entry, v, v | EPCM_BLOCKED))
		return SGX_ERROR(SGX_EPC_PAGE_CONFLICT, "page in use by another leaf");
	return SGX_OK;
}

struct sgx_outcome sgx_eblock(struct sgx_epc page)
{
	sgx_count_here(EV_EBLOCK);
	if (page.va)
		return page.va->valid ? SGX_ERROR(SGX_NOTBLOCKABLE, "version arrays are not blocked")
				      : SGX_ERROR(SGX_PG_INVLD, "EPC page not valid");
	if (page.addr == SGX_ADDR_SECS)
		return page.e->evicted ? SGX_ERROR(SGX_PG_INVLD, "EPC page not valid")
				       : SGX_ERROR(SGX_PG_IS_SECS, "a SECS is not blocked");
	return child_block(page.e, page.addr);
}

/* The epoch before the running one must be over: there are only two at a time. */
struct sgx_outcome sgx_etrack(struct sgx_enclave *e)
{
	uint32_t now = atomic_load(&e->epoch);

	sgx_count_here(EV_ETRACK);
	if (e->evicted)
		return SGX_PF(0, "SECS does not resolve in the EPC");
	if (!track_complete(e, now - 1))
		return SGX_ERROR(SGX_PREV_TRK_INCMPL, "threads of the epoch before are still inside");
	atomic_store(&e->epoch, now + 1);
	return SGX_OK;
}
